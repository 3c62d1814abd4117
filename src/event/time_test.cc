#include "event/time.h"

#include <gtest/gtest.h>

namespace weir::event {
namespace {

std::string iso(std::string_view text, std::chrono::seconds zone = {}) {
  const auto time = parse_iso_time(text, zone);
  return time ? format_time(*time) : "none";
}

std::string epoch(std::string_view text) {
  const auto time = parse_epoch_time(text);
  return time ? format_time(*time) : "none";
}

TEST(EventTime, ReadsIsoAsLogsWriteIt) {
  EXPECT_EQ(iso("2026-01-02T03:04:05.678Z"), "2026-01-02T03:04:05.678Z");
  EXPECT_EQ(iso("2026-01-02 03:04:05,6789+02:00"), "2026-01-02T01:04:05.678900Z");
  EXPECT_EQ(iso("2026-01-02T03:04:05-0730"), "2026-01-02T10:34:05.000Z");
  EXPECT_EQ(iso("2026-01-02 03:04:05", std::chrono::hours(1)), "2026-01-02T02:04:05.000Z");
  EXPECT_EQ(iso("2026-01-02T03:04:05.123456789 UTC"), "2026-01-02T03:04:05.123456Z");
  EXPECT_EQ(iso("2026-01-02T03:04:05."), "none");
  EXPECT_EQ(iso("2026-02-30T00:00:00Z"), "none");
  EXPECT_EQ(iso("2026-01-02T25:00:00Z"), "none");
  EXPECT_EQ(iso("2026-01-02T03:04:05junk"), "none");
}

TEST(EventTime, ReadsEpochByMagnitude) {
  EXPECT_EQ(epoch("1286536308.779"), "2010-10-08T11:11:48.779Z");
  EXPECT_EQ(epoch("1700000000000"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(epoch("1700000000000001"), "2023-11-14T22:13:20.000001Z");
  EXPECT_EQ(epoch("1700000000000000001"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(epoch("12x"), "none");
}

TEST(EventTime, KnowsMonthsAndZones) {
  EXPECT_EQ(month_of_name("Oct"), 10);
  EXPECT_EQ(month_of_name("okt"), 0);
  EXPECT_EQ(parse_zone_offset("+0530"), std::chrono::seconds(19800));
  EXPECT_EQ(parse_zone_offset("+5"), std::nullopt);
}

TEST(EventTime, PiecesOfANotationAreTakenOffTheFront) {
  std::string_view text = "0075.25x";
  EXPECT_EQ(take_number(text, 3), 7);
  EXPECT_EQ(take_number(text, 9), 5);
  EXPECT_EQ(take_number(text, 2), -1);
  EXPECT_EQ(text, ".25x");
  text.remove_prefix(1);
  EXPECT_EQ(take_fraction(text), 250'000);
  EXPECT_EQ(text, "x");
}

}  // namespace
}  // namespace weir::event
