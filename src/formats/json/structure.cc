#include "formats/json/structure.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "formats/json/structure_scan.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace weir::formats::json {
namespace {

std::uint64_t prefix_xor_by_shifts(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// For machines without vectors that we know; the twin that tests hold the others against.
struct Plain {
  static Block classify(const char* bytes) {
    Block block{};
    for (int i = 0; i < 64; ++i) {
      const auto c = static_cast<unsigned char>(bytes[i]);
      const std::uint64_t bit = std::uint64_t{1} << i;
      if (c == '"') block.quotes |= bit;
      if (c == '\\') block.backslashes |= bit;
      block.controls |= c < 0x20;
      block.non_ascii |= c >= 0x80;
    }
    return block;
  }
  static std::uint64_t brackets(const char* bytes) {
    return equal(bytes, '{') | equal(bytes, '}') | equal(bytes, '[') | equal(bytes, ']');
  }
  static std::uint64_t equal(const char* bytes, char c) {
    std::uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) bits |= static_cast<std::uint64_t>(bytes[i] == c) << i;
    return bits;
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) { return prefix_xor_by_shifts(bits); }
  static std::uint32_t first_bit(std::uint64_t bits) { return static_cast<std::uint32_t>(std::countr_zero(bits)); }
};

#if defined(__x86_64__)
// What every 64-bit x86 machine has.
struct Sse2 {
  template <typename Test>
  static std::uint64_t each(const char* bytes, Test test) {
    std::uint64_t bits = 0;
    for (int i = 0; i < 4; ++i) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
      bits |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(test(v)))) << (16 * i);
    }
    return bits;
  }
  static std::uint64_t equal(const char* bytes, char c) {
    return each(bytes, [c](__m128i v) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); });
  }
  static Block classify(const char* bytes) {
    const auto is_control = [](__m128i v) {
      const __m128i last = _mm_set1_epi8(0x1F);
      return _mm_cmpeq_epi8(_mm_max_epu8(v, last), last);
    };
    return {.quotes = equal(bytes, '"'),
            .backslashes = equal(bytes, '\\'),
            .controls = each(bytes, is_control) != 0,
            .non_ascii = each(bytes, [](__m128i v) { return v; }) != 0};
  }
  static std::uint64_t brackets(const char* bytes) {
    return each(bytes, [](__m128i v) {
      const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
      return _mm_or_si128(_mm_cmpeq_epi8(folded, _mm_set1_epi8('{')), _mm_cmpeq_epi8(folded, _mm_set1_epi8('}')));
    });
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) { return prefix_xor_by_shifts(bits); }
  static std::uint32_t first_bit(std::uint64_t bits) { return static_cast<std::uint32_t>(std::countr_zero(bits)); }
};
#else
using Sse2 = Plain;
#endif

template <typename L>
void scan_lines(ScanState& state) {
  scan_blocks<L, Boundary::line>(state);
}
template <typename L>
void scan_values(ScanState& state) {
  scan_blocks<L, Boundary::value>(state);
}

}  // namespace

Lanes best_lanes() {
#if defined(__x86_64__)
  static const bool kHasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                               __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("pclmul") &&
                               __builtin_cpu_supports("popcnt");
  return kHasAvx2 ? Lanes::avx2 : Lanes::sse2;
#else
  return Lanes::plain;
#endif
}

Structure::Structure(Lanes lanes) : scan_lines_(scan_lines<Plain>), scan_values_(scan_values<Plain>) {
  if (lanes == Lanes::sse2) {
    scan_lines_ = scan_lines<Sse2>;
    scan_values_ = scan_values<Sse2>;
  }
#if defined(__x86_64__)
  if (lanes == Lanes::avx2) {
    scan_lines_ = avx2_scan(Boundary::line);
    scan_values_ = avx2_scan(Boundary::value);
  }
#endif
}

void Structure::outline(std::string_view text, Boundary boundary, std::size_t size_max) {
  CHECK_LT(size_max, std::size_t{std::numeric_limits<std::uint32_t>::max()});
  ScanState state;
  state.text = text.data();
  state.limit = std::min(text.size(), size_max);
  const Scan scan = boundary == Boundary::line ? scan_lines_ : scan_values_;
  std::size_t words = 0;
  do {
    const std::size_t marks_needed = state.mark_count + 64 * kBlocksPerScan + 8;
    if (marks_.size() < marks_needed) marks_.resize(marks_needed * 2);
    if (backslashes_.size() < words + kBlocksPerScan + 1) backslashes_.resize((words + kBlocksPerScan) * 2);
    state.marks = marks_.data() + state.mark_count;
    state.backslashes = backslashes_.data() + words;
    scan(state);
    words += kBlocksPerScan;
  } while (!state.ended && state.at < state.limit);
  if (!state.ended) state.end = state.limit;
  // Outside a line the scan tells by itself unless it ran out of bytes.
  if (boundary == Boundary::line) state.open_string = state.mark_count % 2 != 0;
  if (boundary == Boundary::value && !state.ended) state.open_string |= state.in_string != 0;
  marks_[state.mark_count] = marks_[state.mark_count + 1] = kNoMark;
  mark_count_ = state.mark_count;
  size_ = state.end;
  ended_ = state.ended;
  open_string_ = state.open_string;
  has_nul_ = state.has_nul;
  ascii_ = !state.non_ascii;
}

}  // namespace weir::formats::json
