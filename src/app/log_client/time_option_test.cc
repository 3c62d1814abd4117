#include "app/log_client/time_option.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

constexpr std::int64_t kNow = 1'767'323'045'000;  // 2026-01-02T03:04:05Z

TEST(TimeOption, TakesTimesAndDurations) {
  const std::pair<const char*, std::int64_t> cases[] = {{"2026-01-02T03:04:05Z", kNow},
                                                        {"2026-01-02T04:04:05.25+01:00", kNow + 250},
                                                        {"2026-01-02", kNow - 11'045'000},
                                                        {"1767323045", kNow},
                                                        {"1767323045123", kNow + 123},
                                                        {"0s", kNow},
                                                        {"90s", kNow - 90'000},
                                                        {"10m", kNow - 600'000},
                                                        {"2h", kNow - 7'200'000},
                                                        {"7d", kNow - 604'800'000}};
  for (const auto& [text, time] : cases) {
    const auto read = parse_time_option("--since", text, kNow);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, time) << text;
  }
}

TEST(TimeOption, OtherTextIsWrongUsage) {
  for (const char* text : {"", "x", "h", "-1h", "1w", "9223372036854775807d", "2026-13-01", "yesterday"}) {
    const auto read = parse_time_option("--since", text, kNow);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::user);
    EXPECT_TRUE(read.error().message.starts_with("--since ")) << read.error().message;
  }
}

}  // namespace
}  // namespace weir::app
