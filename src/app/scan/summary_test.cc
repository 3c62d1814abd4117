#include "app/scan/summary.h"

#include <gtest/gtest.h>

#include "event/time.h"

namespace weir::app {
namespace {

class Summary : public testing::Test {
 protected:
  void TearDown() override { std::fclose(stream_); }

  void alert(std::string_view title, std::string_view level, std::string_view host, std::string_view time = {}) {
    ChunkResult result;
    FoundAlert& found = result.alerts.emplace_back();
    found.alert.rule = {.id = std::string(title),
                        .title = std::string(title),
                        .level = std::string(level),
                        .author = "A. Writer",
                        .version = "",
                        .tags = {"attack.lateral_movement", "attack.t1021"}};
    found.host = host;
    if (!time.empty()) found.alert.time = event::parse_iso_time(time);
    summary_.add(result);
  }

  std::string text(ScanSummary::Frame frame = {}) {
    frame.rules = 3;
    frame.scan_seconds = 2;
    return summary_.render(terminal_, frame);
  }

  std::FILE* const stream_ = std::fopen("/dev/null", "we");
  const Terminal terminal_{stream_};
  ScanSummary summary_;
};

TEST_F(Summary, CountsForAPerson) {
  alert("Logon", "high", "PC1", "2026-01-02T03:00:00Z");
  alert("Logon", "high", "PC2", "2026-01-02T03:01:00Z");
  alert("Share", "low", "PC1", "2026-01-02T04:00:00Z");
  InputReport report{.path = "a.log",
                     .format = "Syslog",
                     .read_as = formats::find_format("syslog"),
                     .counts = {},
                     .alerts = 3,
                     .failure = {}};
  report.counts.events = 2000;
  report.counts.bytes = 4'000'000;
  report.counts.rejected["no time"] = 1;
  report.counts.unknown_logsource = 5;
  summary_.add(report);
  EXPECT_EQ(text(), R"(
Inputs
  a.log                                   2,000 events      3 alerts  Syslog

Assumed of times where nothing is written
  syslog        year by the file's date (--assume-year), zone UTC (--assume-zone)

Alerts by level
          2  high
          1  low

Alerts by rule
          2  high     Logon                                          A. Writer
          1  low      Share                                          A. Writer

Hosts
          2  PC1
          1  PC2

ATT&CK tactics
          3  lateral-movement

Timeline
  ██                                                          █
  2026-01-02T03:00 to 2026-01-02T04:01 UTC
  1 minute a bar, at most 1 alert in one

note: 1 record could not be read (--rejects FILE keeps them):
          1  no time
note: 5 events of unknown logsource were matched with no rule; say what they are with --logsource
      product=…,category=…,service=…, or try every rule with --logsource any:
          5  a.log (Syslog)
2,000 events, 4.0 MB in 2.00 s (1,000 events/s, 2.0 MB/s)
3 rules loaded in 0.00 s
3 alerts
)");
}

TEST_F(Summary, ShowsWhatWasSaidOfTimes) {
  summary_.add(
      {.path = "a", .format = "", .read_as = formats::find_format("syslog"), .counts = {}, .alerts = 0, .failure = {}});
  summary_.add(
      {.path = "b", .format = "", .read_as = formats::find_format("evtx"), .counts = {}, .alerts = 0, .failure = {}});
  ScanSummary::Frame frame;
  frame.format_options.year = 2019;
  frame.format_options.zone_offset = std::chrono::minutes(-90);
  EXPECT_TRUE(text(frame).contains("  syslog        year 2019, zone -01:30\n"));
  EXPECT_FALSE(text(frame).contains("evtx"));
  frame.verbose = true;
  EXPECT_TRUE(text(frame).contains("  evtx          event time: TimeCreated"));
}

TEST_F(Summary, CountsAlertsFromALevelOn) {
  alert("a", "high", "");
  alert("b", "critical", "");
  alert("c", "low", "");
  EXPECT_EQ(summary_.alerts_from(sigma::Level::high), 2u);
  EXPECT_EQ(summary_.alerts_from(sigma::Level::informational), 3u);
}

TEST_F(Summary, StaysBoundedOverLongTimes) {
  for (int year = 1990; year < 2026; ++year) {
    for (int day = 1; day <= 28; ++day) alert("a", "low", "", fmt::format("{}-02-{:02}T00:00:00Z", year, day));
  }
  const std::string shown = text();
  EXPECT_TRUE(shown.contains("days a bar"));
  EXPECT_TRUE(shown.contains("1990-02-01"));
}

}  // namespace
}  // namespace weir::app
