#include "broker/disk_space.h"

#include <gtest/gtest.h>

namespace weir::broker {
namespace {

TEST(DiskSpace, RefusesBelowTheMarkAndTakesAgainWellAboveIt) {
  DiskSpace space(100, 0.05);
  space.update({.free_bytes = 100, .total_bytes = 1000});
  EXPECT_EQ(space.refusal(), "");
  space.update({.free_bytes = 99, .total_bytes = 1000});
  EXPECT_NE(space.refusal(), "");
  space.update({.free_bytes = 105, .total_bytes = 1000});
  EXPECT_NE(space.refusal(), "");
  space.update({.free_bytes = 110, .total_bytes = 1000});
  EXPECT_EQ(space.refusal(), "");
}

TEST(DiskSpace, TakesTheLargerOfBytesAndShare) {
  DiskSpace space(100, 0.05);
  space.update({.free_bytes = 400, .total_bytes = 10'000});
  EXPECT_NE(space.refusal(), "");
}

}  // namespace
}  // namespace weir::broker
