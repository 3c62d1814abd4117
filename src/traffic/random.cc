#include "traffic/random.h"

#include <bit>

#include "base/check.h"

namespace weir::traffic {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

constexpr int kLogSteps = 256;

// log2(1 + i / 256) in units of 2^-32, bit by bit: squaring a number in [1, 2) doubles its logarithm.
constexpr std::array<std::uint64_t, kLogSteps + 1> make_log_table() {
  std::array<std::uint64_t, kLogSteps + 1> table{};
  for (int i = 0; i < kLogSteps; ++i) {
    unsigned __int128 x = (static_cast<unsigned __int128>(kLogSteps + i) << 62) / kLogSteps;  // In units of 2^-62.
    std::uint64_t log = 0;
    for (int bit = 31; bit >= 0; --bit) {
      x = (x * x) >> 62;
      if (x >> 63) {
        log |= std::uint64_t{1} << bit;
        x >>= 1;
      }
    }
    table[i] = log;
  }
  table[kLogSteps] = std::uint64_t{1} << 32;
  return table;
}

constexpr std::array<std::uint64_t, kLogSteps + 1> kLog = make_log_table();

// log2(value) in units of 2^-32.
std::uint64_t log2_fixed(std::uint64_t value) {
  const int zeros = std::countl_zero(value);
  const std::uint64_t mantissa = value << zeros;  // The leading one is bit 63.
  const std::uint64_t step = (mantissa >> 55) & 0xff;
  const std::uint64_t fraction = (mantissa >> 31) & 0xffffff;
  const std::uint64_t log = kLog[step] + (((kLog[step + 1] - kLog[step]) * fraction) >> 24);
  return (static_cast<std::uint64_t>(63 - zeros) << 32) + log;
}

}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t state = a ^ (b * 0xd6e8feb86659fd93 + 0x2545f4914f6cdd1d);
  splitmix(state);
  return splitmix(state);
}

std::uint64_t mix(std::uint64_t a, std::string_view label) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a.
  for (const char c : label) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mix(a, hash);
}

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = splitmix(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::exponential() {
  constexpr std::uint64_t kLn2 = 2977044472;  // ln 2 in units of 2^-32.
  const std::uint64_t uniform = next() | 1;
  const std::uint64_t bits = (std::uint64_t{64} << 32) - log2_fixed(uniform);
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits) * kLn2) >> 32);
}

std::uint64_t Random::heavy_tailed(std::uint64_t first, int octaves) {
  const std::uint64_t bits = next();
  const int octave = std::min(std::countr_zero(bits | (std::uint64_t{1} << 62)), octaves - 1);
  const std::uint64_t low = first << octave;
  return low + static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits >> 1) * low) >> 63);
}

void AliasTable::build(std::span<const std::uint32_t> weights) {
  const std::uint64_t count = weights.size();
  unsigned __int128 total = 0;
  for (const std::uint32_t weight : weights) total += weight;
  CHECK(total > 0);

  columns_.assign(count, {0xffffffff, 0});
  std::vector<unsigned __int128> scaled(count);  // The weight in units where the average column holds `total`.
  std::vector<std::uint32_t> small, large;
  for (std::uint32_t i = 0; i < count; ++i) {
    columns_[i].other = i;
    scaled[i] = static_cast<unsigned __int128>(weights[i]) * count;
    (scaled[i] < total ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const std::uint32_t low = small.back();
    const std::uint32_t high = large.back();
    small.pop_back();
    columns_[low] = {static_cast<std::uint32_t>((scaled[low] << 32) / total), high};
    scaled[high] -= total - scaled[low];
    if (scaled[high] < total) {
      large.pop_back();
      small.push_back(high);
    }
  }
}

std::vector<std::uint32_t> zipf_weights(std::size_t count) {
  std::vector<std::uint32_t> weights(count);
  for (std::size_t rank = 0; rank < count; ++rank) weights[rank] = static_cast<std::uint32_t>(0x10000000 / (rank + 1));
  return weights;
}

}  // namespace weir::traffic
