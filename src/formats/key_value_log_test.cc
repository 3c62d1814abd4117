#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows) {
  EXPECT_EQ(print_rows(key_value_format(), input).text, rows);
}

TEST(KeyValueLog, ReadsQuotedValuesWithEscapes) {
  check(
      "time=\"2024-01-02T03:04:05Z\" level=info msg=\"say \\\"hi\\\"\\nthere\" empty= n=-1.5\n",
      "0 2024-01-02T03:04:05.000Z - | time=2024-01-02T03:04:05Z level=info msg=\"say \"hi\"\\nthere\" empty= n=-1.5\n");
}

TEST(KeyValueLog, KeepsTheLineWhereWordsStandBetweenThePairs) {
  check("started job=7 now\n", "0 - - | job=7 message=\"started job=7 now\"\n");
}

TEST(KeyValueLog, KnowsFortiGate) {
  check("<189>date=2024-01-02 time=03:04:05 devid=\"FG1\" logid=\"0100044546\" type=\"event\" action=\"Edit\"\n",
        "0 2024-01-02T03:04:05.000Z fortigate/*/event | date=2024-01-02 time=03:04:05 devid=FG1 logid=0100044546 "
        "type=event "
        "action=Edit\n");
}

TEST(KeyValueLog, RejectsLinesWithoutAPair) {
  check("nothing here\n=x\n", "0 reject: no key=value pair in the line\n1 reject: no key=value pair in the line\n");
}

}  // namespace
}  // namespace weir::formats
