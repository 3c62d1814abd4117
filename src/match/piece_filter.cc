#include "match/piece_filter.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define WEIR_MATCH_AVX2 1
#endif

namespace weir::match {
namespace {

// Sixteen bits per piece keep false hits rare; more than 32 KiB would leave the first cache.
constexpr std::size_t kBitsPerPiece = 16;
constexpr std::size_t kBitsMin = 1 << 12;
constexpr std::size_t kBitsMax = 1 << 18;

// The top bits of the product choose the word, two groups of five bits below them one bit each.
constexpr std::uint32_t kMultiplier = 0x9E3779B1;
constexpr unsigned kFirstBitShift = 14;
constexpr unsigned kSecondBitShift = 9;

std::uint32_t hash_of(std::uint32_t piece) {
  return piece * kMultiplier;
}

std::uint32_t load4(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace

void PieceFilter::reserve(std::size_t piece_count) {
  const std::size_t words = std::clamp(std::bit_ceil(piece_count * kBitsPerPiece), kBitsMin, kBitsMax) / 32;
  words_.assign(words, 0);
  shift_ = static_cast<unsigned>(32 - std::countr_zero(words));
}

void PieceFilter::add(std::uint32_t piece) {
  const std::uint32_t hash = hash_of(piece);
  words_[hash >> shift_] |= 1u << (hash >> kFirstBitShift & 31) | 1u << (hash >> kSecondBitShift & 31);
}

std::uint64_t PieceFilter::plain_candidates(const char* bytes, std::size_t positions) const {
  const std::uint32_t* words = words_.data();
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < positions; ++i) {
    const std::uint32_t hash = hash_of(load4(bytes + i));
    const std::uint32_t word = words[hash >> shift_];
    const std::uint64_t bit = word >> (hash >> kFirstBitShift & 31) & word >> (hash >> kSecondBitShift & 31) & 1;
    found |= bit << i;
  }
  return found;
}

#if defined(WEIR_MATCH_AVX2)

namespace {

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

constexpr std::size_t kStep = 8;  // Positions.
constexpr std::size_t kStepBytes = 16;
constexpr std::size_t kWindowsBytes = kStep + PieceFilter::kPieceSize - 1;

}  // namespace

__attribute__((target("avx2"))) std::uint64_t PieceFilter::vector_candidates(const char* bytes,
                                                                             std::size_t positions) const {
  // Eight windows of four bytes from sixteen bytes, which both halves hold.
  const __m256i first_windows = _mm256_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6,  //
                                                 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
  const __m256i multiplier = _mm256_set1_epi32(static_cast<int>(kMultiplier));
  const __m256i low_five = _mm256_set1_epi32(31);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(shift_));
  const auto* words = reinterpret_cast<const int*>(words_.data());

  const std::size_t size = positions + kPieceSize - 1;
  std::uint64_t found = 0;
  std::size_t at = 0;
  while (at < positions) {
    // Towards the end the last sixteen bytes are read and the windows taken from further behind.
    const std::size_t from = std::min(at, size - kStepBytes);
    const std::size_t offset = std::min(at - from, kStepBytes - kWindowsBytes);
    const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + from));
    const __m256i windows = _mm256_shuffle_epi8(
        _mm256_broadcastsi128_si256(half), _mm256_add_epi8(first_windows, _mm256_set1_epi8(static_cast<char>(offset))));
    const __m256i hash = _mm256_mullo_epi32(windows, multiplier);
    const __m256i word = _mm256_i32gather_epi32(words, _mm256_srl_epi32(hash, shift), 4);
    const __m256i first = _mm256_srlv_epi32(word, _mm256_and_si256(_mm256_srli_epi32(hash, kFirstBitShift), low_five));
    const __m256i second =
        _mm256_srlv_epi32(word, _mm256_and_si256(_mm256_srli_epi32(hash, kSecondBitShift), low_five));
    const __m256i both = _mm256_slli_epi32(_mm256_and_si256(first, second), 31);
    const auto bits = static_cast<std::uint64_t>(static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(both))));
    found |= bits << (from + offset);
    at = from + offset + kStep;
  }
  return found;
}

std::uint64_t PieceFilter::candidates(const char* bytes, std::size_t positions) const {
  const bool is_long_enough = positions + kPieceSize - 1 >= kStepBytes;
  return kHasAvx2 && is_long_enough ? vector_candidates(bytes, positions) : plain_candidates(bytes, positions);
}

#else

std::uint64_t PieceFilter::candidates(const char* bytes, std::size_t positions) const {
  return plain_candidates(bytes, positions);
}

#endif

}  // namespace weir::match
