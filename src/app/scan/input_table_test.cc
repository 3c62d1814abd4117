#include "app/scan/input_table.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

class Inputs : public testing::Test {
 protected:
  void TearDown() override { std::fclose(stream_); }

  InputReport& read(std::string path, std::string format, std::uint64_t events, std::uint64_t alerts = 0) {
    InputReport& report = inputs_.emplace_back();
    report.path = std::move(path);
    report.format = std::move(format);
    report.counts.events = events;
    report.alerts = alerts;
    return report;
  }

  void failed(std::string path, std::string message) {
    read(std::move(path), "", 0).failure = Error{ErrorKind::user, std::move(message)};
  }

  void unrecognised(std::string path) {
    failed(std::move(path), "no known log format");
    inputs_.back().is_unrecognised = true;
  }

  std::string text(bool verbose = false) {
    std::string out;
    render_inputs(out, terminal_, inputs_, verbose);
    return out;
  }

  std::FILE* const stream_ = std::fopen("/dev/null", "we");
  const Terminal terminal_{stream_};
  std::vector<InputReport> inputs_;
};

TEST_F(Inputs, StandInTheOrderOfWhatTheyBrought) {
  unrecognised("a.bin");
  failed("b.gz", "it is torn");
  read("c.log", "empty", 0);
  read("d.log", "syslog", 1, 1);
  read("e.log", "syslog", 2000);
  EXPECT_EQ(text(), R"(  d.log                                       1 event       1 alert   syslog
  e.log                                   2,000 events      0 alerts  syslog
  c.log                                       0 events      0 alerts  empty
  b.gz                               it is torn
  1 file in no known log format: a.bin; --input-format NAME sets one (weir formats lists them)
)");
}

TEST_F(Inputs, BeyondADozenAreGroupedByWhatTheyWereRecognisedAs) {
  for (int i = 0; i < 12; ++i) read("x", "syslog", 1);
  EXPECT_FALSE(text().contains("12 files"));
  read("y", "JSON lines, windows sysmon", 1'234'567, 3);
  for (int i = 0; i < 5; ++i) unrecognised(fmt::format("{}.bin", i));
  EXPECT_EQ(text(), R"(  JSON lines, windows sysmon: 1 file, 1,234,567 events, 3 alerts
  syslog: 12 files, 12 events, 0 alerts
  (-v lists every file)
  5 files in no known log format: 0.bin, 1.bin, 2.bin, … (-v names all); --input-format NAME sets
    one (weir formats lists them)
)");
}

TEST_F(Inputs, LargeNumbersStayApart) {
  read("a.log", "syslog", 1'234'567'890'123, 9'876'543'210);
  EXPECT_TRUE(text().contains("1,234,567,890,123 events  9,876,543,210 alerts  syslog")) << text();
}

TEST_F(Inputs, ManyFailuresAreCutButCounted) {
  for (int i = 0; i < 14; ++i) failed("bad", "it is torn");
  EXPECT_TRUE(text().contains("and 2 more files that failed (-v names all)"));
  EXPECT_FALSE(text(true).contains("more"));
}

TEST_F(Inputs, VerboseListsEachWithItsLogsources) {
  for (int i = 0; i < 20; ++i) read(fmt::format("{}/{}.log", std::string(60, 'x'), i), "Linux audit log", 0);
  InputReport& report = read("a.jsonl", "JSON lines", 7, 1);
  report.counts.logsources = {{{"windows", {}, {"security"}}, 2}, {{"windows", {"process_creation"}, {"sysmon"}}, 4}};
  report.counts.unknown_logsource = 1;
  const std::string shown = text(true);
  EXPECT_TRUE(shown.contains("JSON lines; windows/process_creation/sysmon (4), windows/*/security (2), unknown (1)\n"));
  EXPECT_TRUE(shown.contains(std::string(60, 'x') + "/19.log\n"));
}

}  // namespace
}  // namespace weir::app
