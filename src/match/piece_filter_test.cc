#include "match/piece_filter.h"

#include <bit>
#include <cstring>
#include <memory>
#include <random>

#include <gtest/gtest.h>

namespace weir::match {
namespace {

std::uint32_t piece_at(const char* bytes) {
  std::uint32_t piece;
  std::memcpy(&piece, bytes, sizeof piece);
  return piece;
}

TEST(PieceFilter, FindsEveryPieceAtEveryPositionWithAndWithoutVectors) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (std::size_t positions = 1; positions <= PieceFilter::kBlockSize; ++positions) {
    // An allocation of exactly the size, for the address sanitizer to see reads outside of it.
    const std::size_t size = positions + 3;
    const std::unique_ptr<char[]> bytes(new char[size]);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(random());
    for (std::size_t wanted = 0; wanted < positions; ++wanted) {
      PieceFilter filter;
      filter.reserve(1);
      filter.add(piece_at(bytes.get() + wanted));
      const std::uint64_t found = filter.candidates(bytes.get(), positions);
      ASSERT_NE(found >> wanted & 1, 0u) << wanted << " of " << positions;
      ASSERT_EQ(found, filter.plain_candidates(bytes.get(), positions)) << positions;
    }
  }
}

TEST(PieceFilter, LetsFewOtherPiecesPass) {
  std::mt19937 random(1);
  PieceFilter filter;
  filter.reserve(8000);
  for (int i = 0; i < 8000; ++i) filter.add(static_cast<std::uint32_t>(random()));
  std::vector<char> bytes(67);
  int passed = 0;
  for (int round = 0; round < 1000; ++round) {
    for (char& byte : bytes) byte = static_cast<char>(random());
    passed += std::popcount(filter.candidates(bytes.data(), 64));
  }
  EXPECT_LT(passed, 64000 / 30);
}

}  // namespace
}  // namespace weir::match
