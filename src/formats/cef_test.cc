#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, std::vector<std::string> read_fields = {}) {
  EXPECT_EQ(print_rows(cef_format(), input, {.options = {}, .read_fields = std::move(read_fields)}).text, rows);
}

TEST(Cef, ReadsEscapesInHeaderAndExtension) {
  check(
      R"(CEF:0|A\|B|Prod\\uct|1.0|100|worm stopped|10|src=192.0.2.1 msg=a\=b and\nc path=C:\Windows\x dpt=445)"
      "\n",
      "0 - - | deviceVendor=A|B deviceProduct=Prod\\uct deviceVersion=1.0 deviceEventClassId=100 name=\"worm stopped\" "
      "severity=10 src=192.0.2.1 msg=\"a=b and\\nc\" path=C:\\Windows\\x dpt=445\n");
}

TEST(Cef, GivesLabelledValuesTheirLabelToo) {
  check("CEF:0|V|P|1|2|n|3|cs1Label=Policy Name cs1=no games cn1=5 rt=1700000000123\n",
        "0 2023-11-14T22:13:20.123Z - | deviceVendor=V deviceProduct=P deviceVersion=1 deviceEventClassId=2 name=n "
        "severity=3 "
        "cs1Label=\"Policy Name\" cs1=\"no games\" cn1=5 rt=1700000000123 PolicyName=\"no games\"\n");
}

TEST(Cef, StandsBehindASyslogHeaderAndTakesItsTime) {
  check("<134>2024-01-02T03:04:05Z fw CEF:0|V|P|1|2|n|3|src=192.0.2.1 dst=203.0.113.5\n",
        "0 2024-01-02T03:04:05.000Z - | deviceVendor=V deviceProduct=P deviceVersion=1 deviceEventClassId=2 name=n "
        "severity=3 "
        "timestamp=2024-01-02T03:04:05Z src=192.0.2.1 src_ip=192.0.2.1 dst=203.0.113.5\n",
        {"src_ip"});
}

TEST(Cef, ReadsItsOwnTimeNotation) {
  check("CEF:0|V|P|1|2|n|3|rt=Jan 02 2024 03:04:05.678 start=x\n",
        "0 2024-01-02T03:04:05.678Z - | deviceVendor=V deviceProduct=P deviceVersion=1 deviceEventClassId=2 name=n "
        "severity=3 "
        "rt=\"Jan 02 2024 03:04:05.678\" start=x\n");
}

TEST(Cef, BearsAMillionKeys) {
  std::string line = "CEF:0|V|P|1|2|n|3|";
  for (int i = 0; i < 1'000'000; ++i) line += "k" + std::to_string(i % 5000) + "=v ";
  const Printed printed = print_rows(cef_format(), line + "\n");
  EXPECT_EQ(printed.rows, 1U);
  EXPECT_NE(printed.text.find(" extra=\"k"), std::string::npos);
}

TEST(Cef, RejectsCutHeadersAndOtherLinesByName) {
  check("CEF:0|V|P\nhello\n", "0 reject: CEF header has fewer than 7 parts\n1 reject: no CEF signature in the line\n");
}

}  // namespace
}  // namespace weir::formats
