#pragma once

// Numbers as Kafka's protocol writes them: two's complement, the highest byte first, at any address.

#include <bit>
#include <concepts>
#include <cstring>
#include <string>

namespace weir::wire {

// Reads sizeof(T) bytes.
template <std::integral T>
T load_big(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}

// Writes sizeof(T) bytes.
template <std::integral T>
void store_big(char* at, T value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(at, &value, sizeof(value));
}

template <std::integral T>
void append_big(std::string& out, T value) {
  char bytes[sizeof(T)];
  store_big(bytes, value);
  out.append(bytes, sizeof(bytes));
}

}  // namespace weir::wire
