#pragma once

// Finds which of many literals occur anywhere in a value. Every literal of four bytes or more is represented by one
// four-byte piece of it, the one that text holds most seldom (piece_rarity.h); shorter ones stand for themselves. At
// each position of the value a small bitmap tells whether a piece may begin there; only then a table of pieces is asked
// and the literals of the piece are compared in place. Never reads outside of the value. Immutable once built; any
// thread may scan.

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::match {

struct PieceLiteral {
  std::uint32_t begin;  // In the texts.
  std::uint32_t size;   // Not 0.
  std::uint32_t index;  // The caller's.
};

class PieceIndex {
 public:
  void build(std::string_view texts, const std::vector<PieceLiteral>& literals);

  // Appends the indices of literals that occur in `value`, once per place where they occur.
  void scan(std::string_view value, std::string_view texts, std::vector<std::uint32_t>& found) const;

  bool empty() const { return entries_.empty(); }
  std::size_t memory() const;

 private:
  struct Entry {
    std::uint32_t begin;
    std::uint32_t size;
    std::uint32_t offset;  // Of the piece in the literal.
    std::uint32_t index;
  };
  // A piece and its entries. Open addressing; count 0 is a free slot.
  struct Slot {
    std::uint64_t piece;
    std::uint32_t entry_begin;
    std::uint32_t entry_count;
  };
  struct Assignment;

  void fill_slots(std::vector<Assignment> assignments);
  void mark(std::uint64_t piece);
  template <bool kHasShort>
  void scan_all(std::string_view value, const char* texts, std::vector<std::uint32_t>& found) const;
  void report(std::uint64_t piece, std::size_t at, std::string_view value, const char* texts,
              std::vector<std::uint32_t>& found) const;
  void report_short(std::uint32_t window, std::size_t available, std::size_t at, std::string_view value,
                    const char* texts, std::vector<std::uint32_t>& found) const;

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;
  unsigned slot_shift_ = 0;
  // Two bits in one word per four-byte piece.
  std::vector<std::uint64_t> bitmap_;
  unsigned bitmap_shift_ = 0;
  // By the first two bytes: which third bytes (modulo 8) make a literal of two or three bytes. Empty if there is none.
  std::vector<std::uint8_t> pairs_;
  std::vector<char> single_bytes_;
};

}  // namespace weir::match
