#include "wire/crc32c.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace weir::wire {
namespace {

// The obvious twin: a bit at a time.
std::uint32_t slow_crc32c(std::string_view bytes, std::uint32_t crc = 0) {
  crc = ~crc;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

void check(std::string_view bytes, std::uint32_t crc) {
  EXPECT_EQ(crc32c(bytes), crc);
  EXPECT_EQ(crc32c_by_table(bytes), crc);
  EXPECT_EQ(slow_crc32c(bytes), crc);
}

TEST(Crc32c, KnowsTheVectorsOfRfc3720) {
  check("", 0);
  check("123456789", 0xe3069283);
  check(std::string(32, '\0'), 0x8a9136aa);
  check(std::string(32, '\xff'), 0x62a8ab43);
  std::string rising;
  for (int value = 0; value < 32; ++value) rising += static_cast<char>(value);
  check(rising, 0x46dd794e);
  check(std::string(rising.rbegin(), rising.rend()), 0x113fdb5c);
}

TEST(Crc32c, IsTheSameForEveryLengthAndAlignment) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string bytes = random_bytes(random, 1024 + 16);
  for (std::size_t size = 0; size <= 1024; ++size) {
    const std::string_view part = std::string_view(bytes).substr(random() % 16, size);
    const auto before = static_cast<std::uint32_t>(random());
    const std::uint32_t expected = slow_crc32c(part, before);
    ASSERT_EQ(crc32c(part, before), expected) << size;
    ASSERT_EQ(crc32c_by_table(part, before), expected) << size;
  }
}

TEST(Crc32c, IsTheSameForLongInput) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string bytes = random_bytes(random, 64 * 1024);
  for (int turn = 0; turn < 200; ++turn) {
    const std::string_view part = std::string_view(bytes).substr(random() % 64, random() % (bytes.size() - 64));
    const std::uint32_t expected = slow_crc32c(part);
    ASSERT_EQ(crc32c(part), expected) << part.size();
    ASSERT_EQ(crc32c_by_table(part), expected) << part.size();
  }
}

TEST(Crc32c, GoesOnWhereItStopped) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string bytes = random_bytes(random, 10'000);
  for (int turn = 0; turn < 200; ++turn) {
    const std::string_view all(bytes);
    const std::size_t cut = random() % bytes.size();
    ASSERT_EQ(crc32c(all.substr(cut), crc32c(all.substr(0, cut))), crc32c(all)) << cut;
  }
}

}  // namespace
}  // namespace weir::wire
