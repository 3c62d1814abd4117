#include "io/random.h"

#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <sys/random.h>

#include "base/check.h"

namespace weir::io {

void random_bytes(std::span<char> into) {
  while (!into.empty()) {
    const ssize_t taken = ::getrandom(into.data(), into.size(), 0);
    CHECK(taken > 0 || errno == EINTR);
    if (taken > 0) into = into.subspan(static_cast<std::size_t>(taken));
  }
}

std::string random_uuid() {
  std::array<char, 16> bytes{};
  random_bytes(bytes);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return text;
}

}  // namespace weir::io
