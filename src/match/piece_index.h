#pragma once

// Finds which of many literals occur anywhere in a value. Every literal of four bytes or more is represented by one
// four-byte piece of it, the one that text holds most seldom (piece_rarity.h); shorter ones stand for themselves. At
// each position of the value a small bitmap tells whether a piece may begin there; the positions where it may are
// gathered first, then a table of pieces is asked and the literals of the piece are compared in place. Never reads
// outside of the value. Immutable once built; any thread may scan.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "match/piece_filter.h"

namespace weir::match {

struct PieceLiteral {
  std::string_view text;  // Not empty; copied.
  std::uint32_t id;
};

class PieceIndex {
 public:
  void build(const std::vector<PieceLiteral>& literals);

  // Appends the ids of the literals that occur in `value`, once for each literal.
  void scan(std::string_view value, std::vector<std::uint32_t>& ids) const;

  bool empty() const { return records_.empty(); }
  std::size_t memory() const;

 private:
  struct Assignment;
  class Found;

  // Where the literals of a piece stand in records_. Open addressing.
  struct Slot {
    std::uint32_t piece;
    std::uint32_t record;
  };
  // Pieces of one size.
  struct PieceTable {
    std::vector<Slot> slots;
    unsigned shift = 0;

    void reserve(std::size_t count);
    void add(std::uint32_t piece, std::uint32_t record);
    std::uint32_t find(std::uint32_t piece) const;
  };

  void add_records(const std::vector<Assignment>& sorted);
  void mark(std::uint32_t piece, std::size_t size);
  void find_single_bytes(std::string_view value, Found& found) const;
  void find_short(std::string_view value, Found& found) const;
  void find_long(std::string_view value, Found& found) const;
  void compare(std::uint32_t record, std::string_view value, std::size_t at, Found& found) const;

  PieceTable tables_[5];  // By piece size, from 1.
  // Records in words: id, size, offset of the piece with a mark on the piece's last literal, text. What belongs to one
  // piece stands together, so that a hit touches few cache lines.
  std::vector<std::uint32_t> records_;
  PieceFilter filter_;  // Of the pieces of four bytes.
  // By two bytes: whether they are a literal, and which third bytes (as eight classes) may make one. Empty if no
  // literal is so short.
  std::vector<std::uint16_t> pairs_;
  std::vector<std::uint64_t> pair_bits_;  // Which of pairs_ are not 0; small enough for the first cache.
  std::vector<unsigned char> single_bytes_;
};

}  // namespace weir::match
