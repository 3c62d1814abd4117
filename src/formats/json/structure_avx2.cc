// Compiled for AVX2, BMI and PCLMUL; called only where the machine has them.

#include <immintrin.h>

#include "formats/json/structure_scan.h"

namespace weir::formats::json {
namespace {

struct Avx2 {
  static std::uint64_t join(__m256i low, __m256i high) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
  }
  static __m256i load(const char* bytes) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes)); }
  [[gnu::always_inline]] static Block classify(const char* bytes) {
    const __m256i low = load(bytes);
    const __m256i high = load(bytes + 32);
    const __m256i quote = _mm256_set1_epi8('"');
    const __m256i backslash = _mm256_set1_epi8('\\');
    const __m256i last_control = _mm256_set1_epi8(0x1F);
    const __m256i least = _mm256_min_epu8(low, high);
    const __m256i controls = _mm256_cmpeq_epi8(_mm256_max_epu8(least, last_control), last_control);
    return {.quotes = join(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote)),
            .backslashes = join(_mm256_cmpeq_epi8(low, backslash), _mm256_cmpeq_epi8(high, backslash)),
            .controls = !_mm256_testz_si256(controls, controls),
            .non_ascii = _mm256_movemask_epi8(_mm256_or_si256(low, high)) != 0};
  }
  static std::uint64_t brackets(const char* bytes) {
    return join(are_brackets(load(bytes)), are_brackets(load(bytes + 32)));
  }
  static __m256i are_brackets(__m256i v) {
    const __m256i folded = _mm256_or_si256(v, _mm256_set1_epi8(0x20));  // '[' and '{' become one, ']' and '}' too.
    return _mm256_or_si256(_mm256_cmpeq_epi8(folded, _mm256_set1_epi8('{')),
                           _mm256_cmpeq_epi8(folded, _mm256_set1_epi8('}')));
  }
  // Of no bits at all: any number. (std::countr_zero would bring a branch for that.)
  [[gnu::always_inline]] static std::uint32_t first_bit(std::uint64_t bits) {
    return static_cast<std::uint32_t>(_tzcnt_u64(bits));
  }
  static std::uint64_t equal(const char* bytes, char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    return join(_mm256_cmpeq_epi8(load(bytes), wanted), _mm256_cmpeq_epi8(load(bytes + 32), wanted));
  }
  // Each bit becomes the parity of the bits up to it: multiplication by all ones without carries.
  [[gnu::always_inline]] static std::uint64_t prefix_xor(std::uint64_t bits) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }
};

void scan_lines(ScanState& state) {
  scan_blocks<Avx2, Boundary::line>(state);
}
void scan_values(ScanState& state) {
  scan_blocks<Avx2, Boundary::value>(state);
}

}  // namespace

Scan avx2_scan(Boundary boundary) {
  return boundary == Boundary::line ? scan_lines : scan_values;
}

}  // namespace weir::formats::json
