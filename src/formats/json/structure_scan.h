#pragma once

// The loop of Structure, written once for every kind of lanes. Included by structure.cc and structure_avx2.cc only;
// the latter is compiled for AVX2, so nothing here may instantiate code that other files share (no containers).

#include <bit>
#include <cstddef>
#include <cstdint>

#include "formats/json/structure.h"

namespace weir::formats::json {

inline constexpr std::size_t kBlocksPerScan = 64;

struct ScanState {
  const char* text = nullptr;
  std::size_t limit = 0;  // Bytes that may be looked at.
  std::size_t at = 0;
  std::uint32_t* marks = nullptr;        // Room for 64 × kBlocksPerScan more marks.
  std::uint64_t* backslashes = nullptr;  // Room for kBlocksPerScan more words.
  std::size_t mark_count = 0;
  std::size_t end = 0;
  std::int64_t depth = 0;
  std::uint64_t in_string = 0;  // All ones while the block before ended inside a string.
  std::uint64_t escape = 0;     // 1 if the block before ended in a backslash that escapes the next byte.
  bool non_ascii = false;
  bool has_nul = false;
  bool open_string = false;
  bool ended = false;
};

// What 64 bytes hold, one bit per byte.
struct Block {
  std::uint64_t quotes;
  std::uint64_t backslashes;
  bool controls;   // Any of 0x00 to 0x1F.
  bool non_ascii;  // Any above 0x7F.
};

// The bytes that a backslash escapes. In a run of backslashes every second one is itself escaped, so what matters is
// whether a run's offset and length are even: adding the starts of runs to the runs carries each to the bit after it.
[[gnu::always_inline]] inline std::uint64_t escaped_bytes(std::uint64_t backslashes, std::uint64_t& escape) {
  constexpr std::uint64_t kOdd = 0xAAAA'AAAA'AAAA'AAAA;
  const std::uint64_t runs = backslashes & ~escape;  // A backslash that is itself escaped begins no run.
  const std::uint64_t behind = runs << 1;
  const std::uint64_t parity = ((behind | kOdd) - runs) ^ kOdd;
  const std::uint64_t escaped = parity ^ (backslashes | escape);
  escape = (parity & backslashes) >> 63;
  return escaped;
}

template <typename L>
[[gnu::always_inline]] inline std::uint32_t* write_marks(std::uint32_t* out, std::uint32_t base, std::uint64_t bits) {
  const int count = std::popcount(bits);
  const auto write = [&](int i) {
    out[i] = base + L::first_bit(bits);
    bits &= bits - 1;
  };
  // Four at a time, whether they are there or not: a branch per mark would cost more than a needless write.
  write(0), write(1), write(2), write(3);
  if (count > 4) {
    write(4), write(5), write(6), write(7);
    if (count > 8) [[unlikely]] {
      for (int i = 8; i < count; ++i) write(i);
    }
  }
  return out + count;
}

// Follows the brackets among the marks [first, last); the place of the one that closes the value, or `last`.
[[gnu::always_inline]] inline std::uint32_t* follow_brackets(const char* text, std::uint32_t* first,
                                                             std::uint32_t* last, std::int64_t& depth) {
  for (; first != last; ++first) {
    const char c = text[*first];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth <= 0) return first;
  }
  return last;
}

// Takes the brackets out of the marks [first, last); the new end.
[[gnu::always_inline]] inline std::uint32_t* keep_quotes(const char* text, std::uint32_t* first, std::uint32_t* last) {
  std::uint32_t* out = first;
  for (; first != last; ++first) {
    if (text[*first] == '"') *out++ = *first;
  }
  return out;
}

template <typename L, Boundary boundary>
[[gnu::always_inline]] inline void scan_blocks(ScanState& state) {
  const char* const text = state.text;
  const std::size_t limit = state.limit;
  std::uint64_t* backslash_words = state.backslashes;
  std::uint32_t* out = state.marks;
  std::uint64_t in_string = state.in_string;
  std::uint64_t escape = state.escape;
  bool non_ascii = state.non_ascii;
  std::size_t at = state.at;
  for (std::size_t block_number = 0; block_number < kBlocksPerScan && at < limit; ++block_number) {
    const char* const bytes = text + at;
    Block block = L::classify(bytes);
    non_ascii |= block.non_ascii;
    std::uint64_t inside = ~std::uint64_t{0};  // Bytes of this record.
    std::size_t step = 64;
    if (limit - at < 64) [[unlikely]]
      inside = ~(~std::uint64_t{0} << (limit - at));
    std::uint64_t nuls = 0;
    bool string_breaks = false;  // At a newline in this block.
    if (block.controls) [[unlikely]] {
      const std::uint64_t newlines = L::equal(bytes, '\n') & inside;
      if (newlines != 0) {
        if constexpr (boundary == Boundary::line) {
          state.ended = true;
          state.end = at + static_cast<std::size_t>(std::countr_zero(newlines));
          inside = (newlines & -newlines) - 1;
        } else {
          // Is one of them inside a string? Then the string ends there, and scanning goes on behind it.
          std::uint64_t trial = escape;
          const std::uint64_t quotes = block.quotes & inside & ~escaped_bytes(block.backslashes & inside, trial);
          const std::uint64_t broken = (L::prefix_xor(quotes) ^ in_string) & newlines;
          if (broken != 0) {
            string_breaks = true;
            step = static_cast<std::size_t>(std::countr_zero(broken)) + 1;
            inside = (broken & -broken) - 1;
          }
        }
      }
      nuls = L::equal(bytes, '\0') & inside;
    }
    block.backslashes &= inside;
    backslash_words[block_number] = block.backslashes;
    std::uint64_t marks = block.quotes & inside & ~escaped_bytes(block.backslashes, escape);
    if constexpr (boundary == Boundary::line) {
      out = write_marks<L>(out, static_cast<std::uint32_t>(at), marks);
      state.has_nul |= nuls != 0;
      if (state.ended) break;
    } else {
      const std::uint64_t strings = L::prefix_xor(marks) ^ in_string;
      in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(strings) >> 63);
      marks |= L::brackets(bytes) & inside & ~strings;
      std::uint32_t* const first = out;
      out = write_marks<L>(out, static_cast<std::uint32_t>(at), marks);
      std::uint32_t* const closing = follow_brackets(text, first, out, state.depth);
      if (closing != out) {
        // What stands behind the record in this block is not its own.
        state.has_nul |= (nuls & ((std::uint64_t{1} << (*closing - at)) - 1)) != 0;
        state.end = *closing + 1;
        state.ended = true;
      }
      out = keep_quotes(text, first, closing);
      if (state.ended) break;
      state.has_nul |= nuls != 0;
      if (string_breaks) {
        state.open_string = true;
        in_string = escape = 0;
      }
    }
    at += step;
  }
  state.mark_count += static_cast<std::size_t>(out - state.marks);
  state.in_string = in_string;
  state.escape = escape;
  state.non_ascii = non_ascii;
  state.at = at;
}

#if defined(__x86_64__)
// Only for machines with AVX2 (structure_avx2.cc).
using Scan = void (*)(ScanState&);
Scan avx2_scan(Boundary boundary);
#endif

}  // namespace weir::formats::json
