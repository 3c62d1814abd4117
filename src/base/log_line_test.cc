#include "base/log_line.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(LogLine, QuotesWhatWouldBreakALine) {
  EXPECT_EQ(format_log_line(LogFormat::text, LogLevel::info, "connection closed",
                            {{"address", "127.0.0.1:5"}, {"reason", "bad\nlevel=error \"x\""}, {"empty", ""}}),
            R"(info connection closed address=127.0.0.1:5 reason="bad\nlevel=error \"x\"" empty="")");
}

TEST(LogLine, WritesJson) {
  EXPECT_EQ(format_log_line(LogFormat::json, LogLevel::warn, "segment rolled", {{"base_offset", 88210}}),
            R"({"level":"warn","message":"segment rolled","base_offset":"88210"})");
}

}  // namespace
}  // namespace weir
