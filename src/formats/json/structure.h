#pragma once

// The outline of one JSON record: where its unescaped quotes stand. Everything else that a reader needs (brackets,
// colons, commas, numbers) stands right beside these marks, so that bytes inside strings are never looked at one by
// one. The marks are found 64 bytes at a time, after Langdale and Lemire, "Parsing Gigabytes of JSON per Second"
// (2019), with AVX2 where the machine has it, else with SSE2 or plain code; the result is the same.
//
// A record ends at a newline (JSON lines) or where its brackets are balanced (any layout). A newline can never stand
// inside a JSON string (RFC 8259, section 7), so a string left open by a damaged record ends with its line.
//
// One thread at a time; memory grows with the largest record seen, and is kept.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace weir::formats::json {

enum class Boundary : std::uint8_t { line, value };

// Code paths of the scanner. `best_lanes` is what the machine can do; the others are there for tests.
enum class Lanes : std::uint8_t { plain, sse2, avx2 };
Lanes best_lanes();

struct ScanState;

class Structure {
 public:
  static constexpr std::uint32_t kNoMark = 0xFFFF'FFFF;  // Stands behind the last mark, twice.

  explicit Structure(Lanes lanes = best_lanes());

  // Outlines the record at the start of `text`; 64 readable bytes follow `text`. With Boundary::value, `text` begins
  // with a bracket. At most `size_max` bytes are looked at.
  void outline(std::string_view text, Boundary boundary, std::size_t size_max);

  std::size_t size() const { return size_; }         // Bytes of the record, without a newline.
  bool ended() const { return ended_; }              // Its end was seen: the newline, or the last closing bracket.
  bool open_string() const { return open_string_; }  // A string was still open at the end of a line.
  bool has_nul() const { return has_nul_; }
  bool ascii() const { return ascii_; }  // May be false for an ASCII record; never true for another.

  // Offsets from the start of the record, rising, kNoMark behind them.
  const std::uint32_t* marks() const { return marks_.data(); }
  std::size_t mark_count() const { return mark_count_; }

  // Whether a backslash stands in [begin, end). Not for records with an open string.
  bool has_backslash(std::size_t begin, std::size_t end) const {
    if (end - begin <= 56) [[likely]] {
      return (bits_from(begin) & ~(~std::uint64_t{0} << (end - begin))) != 0;
    }
    std::uint64_t bits = bits_from(end - 56) & (~std::uint64_t{0} >> 8);
    for (; begin < end - 56; begin += 56) bits |= bits_from(begin) & (~std::uint64_t{0} >> 8);
    return bits != 0;
  }

 private:
  using Scan = void (*)(ScanState&);

  // The backslash bits of at least 56 bytes from `offset` on.
  std::uint64_t bits_from(std::size_t offset) const {
    if constexpr (std::endian::native != std::endian::little) {
      const std::size_t word = offset / 64;
      const std::size_t shift = offset % 64;
      return backslashes_[word] >> shift | (shift == 0 ? 0 : backslashes_[word + 1] << (64 - shift));
    }
    std::uint64_t bits;
    std::memcpy(&bits, reinterpret_cast<const char*>(backslashes_.data()) + offset / 8, sizeof bits);
    return bits >> (offset % 8);
  }

  Scan scan_lines_;
  Scan scan_values_;
  std::vector<std::uint32_t> marks_;
  std::vector<std::uint64_t> backslashes_;
  std::size_t mark_count_ = 0;
  std::size_t size_ = 0;
  bool ended_ = false;
  bool open_string_ = false;
  bool has_nul_ = false;
  bool ascii_ = true;
};

}  // namespace weir::formats::json
