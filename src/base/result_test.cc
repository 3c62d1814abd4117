#include "base/result.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorKind::user, "{} is odd", value);
  return value / 2;
}

Status check_quarter(int value) {
  TRY(const int first, half(value));
  TRY(const int second, half(first));
  TRY(half(second * 2));
  return {};
}

TEST(Result, TryHandsTheFirstErrorOn) {
  EXPECT_TRUE(check_quarter(4).has_value());
  const Status status = check_quarter(6);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "3 is odd");
  EXPECT_EQ(status.error().kind, ErrorKind::user);
}

}  // namespace
}  // namespace weir
