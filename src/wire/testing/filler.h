#pragma once

// Values for messages, from a seed: the ends of each type's range as often as what lies between.

#include <cstdint>
#include <deque>
#include <random>
#include <string>

#include "wire/frame.h"

namespace weir::wire {

class Filler {
 public:
  explicit Filler(std::uint64_t seed) : random_(seed) {}

  bool chance(int one_in) { return random_() % static_cast<unsigned>(one_in) == 0; }
  std::size_t count() { return random_() % 4; }

  bool boolean() { return chance(2); }
  std::int8_t int8() { return integer<std::int8_t>(); }
  std::int16_t int16() { return integer<std::int16_t>(); }
  ErrorCode error_code() { return static_cast<ErrorCode>(int16()); }
  std::int32_t int32() { return integer<std::int32_t>(); }
  std::int64_t int64() { return integer<std::int64_t>(); }
  double float64() { return static_cast<double>(int32()) / 8; }

  Uuid uuid() {
    Uuid value;
    for (std::uint8_t& byte : value) byte = static_cast<std::uint8_t>(random_());
    return value;
  }

  std::string string() { return text(chance(50) ? kStringBytesMax : random_() % 20); }
  std::string bytes() { return text(chance(50) ? 40000 : random_() % 200); }

  // Borrows from the filler.
  Records records() {
    if (chance(4)) return {.is_null = true};
    return {.bytes = kept_.emplace_back(bytes())};
  }

 private:
  template <typename Integer>
  Integer integer() {
    switch (random_() % 4) {
      case 0: return std::numeric_limits<Integer>::min();
      case 1: return std::numeric_limits<Integer>::max();
      default: return static_cast<Integer>(random_());
    }
  }

  std::string text(std::size_t size) {
    std::string out(size, '\0');
    for (char& byte : out) byte = static_cast<char>(random_());
    return out;
  }

  std::mt19937_64 random_;
  std::deque<std::string> kept_;  // Never moves what it holds.
};

}  // namespace weir::wire
