#pragma once

// Randomness that is the same on every platform: xoshiro256** seeded by splitmix64, and distributions in integer
// arithmetic alone (no floating point, no std::*_distribution), because generated traffic must be the same bytes
// everywhere. One object belongs to one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weir::traffic {

// A well-mixed function of both numbers; chains to more: mix(mix(seed, user), day).
std::uint64_t mix(std::uint64_t a, std::uint64_t b);
std::uint64_t mix(std::uint64_t a, std::string_view label);

class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();
  // 0 … bound − 1; the bias of multiply-and-shift is below bound / 2^32.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * std::uint64_t{bound}) >> 32);
  }
  // first … last, both included.
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return first + static_cast<std::int64_t>(below(static_cast<std::uint32_t>(last - first + 1)));
  }
  bool chance(std::uint32_t permille) { return below(1000) < permille; }
  // Exponentially distributed with mean 1, in units of 2^-32.
  std::uint64_t exponential();
  // A size between first × 2^k and first × 2^(k+1), each further octave half as likely as the one before.
  std::uint64_t heavy_tailed(std::uint64_t first, int octaves);

  template <typename T>
  const T& pick(std::span<const T> items) {
    return items[below(static_cast<std::uint32_t>(items.size()))];
  }
  template <typename T, std::size_t size>
  const T& pick(const std::array<T, size>& items) {
    return items[below(static_cast<std::uint32_t>(size))];
  }
  template <typename T>
  const T& pick(const std::vector<T>& items) {
    return items[below(static_cast<std::uint32_t>(items.size()))];
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

// Draws an index with the given weights in constant time (Vose's alias method).
class AliasTable {
 public:
  // Weights may be 0, but not all of them.
  void build(std::span<const std::uint32_t> weights);
  std::uint32_t pick(Random& random) const {
    const std::uint32_t column = random.below(static_cast<std::uint32_t>(columns_.size()));
    return static_cast<std::uint32_t>(random.next() >> 32) < columns_[column].share ? column : columns_[column].other;
  }

 private:
  struct Column {
    std::uint32_t share;  // Of 2^32: how often the column's own index wins.
    std::uint32_t other;
  };
  std::vector<Column> columns_;
};

// Weights of Zipf's law for `count` ranks.
std::vector<std::uint32_t> zipf_weights(std::size_t count);

}  // namespace weir::traffic
