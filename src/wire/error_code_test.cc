#include "wire/error_code.h"

#include <gtest/gtest.h>

namespace weir::wire {
namespace {

TEST(ErrorCode, HasTheNameOfTheProtocolGuide) {
  EXPECT_EQ(name_of(ErrorCode::none), "NONE");
  EXPECT_EQ(name_of(ErrorCode::unknown_server_error), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(name_of(ErrorCode{3}), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(name_of(ErrorCode{35}), "UNSUPPORTED_VERSION");
  EXPECT_EQ(name_of(ErrorCode{120}), "TRANSACTION_ABORTABLE");
  EXPECT_EQ(name_of(ErrorCode{128}), "INVALID_REGULAR_EXPRESSION");
}

TEST(ErrorCode, OfANumberWithoutMeaningHasANameAllTheSame) {
  EXPECT_EQ(name_of(ErrorCode{999}), "UNKNOWN_ERROR_CODE");
}

}  // namespace
}  // namespace weir::wire
