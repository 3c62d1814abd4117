#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, std::vector<std::string> read_fields = {}) {
  EXPECT_EQ(print_rows(leef_format(), input, {.options = {}, .read_fields = std::move(read_fields)}).text, rows);
}

constexpr std::string_view kHeader = "deviceVendor=V deviceProduct=P deviceVersion=1 deviceEventClassId=77";

TEST(Leef, ReadsVersionOneWithTabs) {
  check("LEEF:1.0|V|P|1|77|src=192.0.2.1\tmsg=a b=c\tusrName=ann\n",
        "0 - - | " + std::string(kHeader) + " src=192.0.2.1 msg=\"a b=c\" usrName=ann username=ann\n", {"username"});
}

TEST(Leef, TakesTheDelimiterFromTheHeader) {
  for (const std::string delimiter : {"^", "x5E", "0x5e"}) {
    check("LEEF:2.0|V|P|1|77|" + delimiter + "|src=192.0.2.1^sev=5\n",
          "0 - - | " + std::string(kHeader) + " src=192.0.2.1 sev=5\n");
  }
  check("LEEF:2.0|V|P|1|77||src=1\tsev=5\n", "0 - - | " + std::string(kHeader) + " src=1 sev=5\n");
  check("LEEF:2.0|V|P|1|77|src=1\tsev=5\n", "0 - - | " + std::string(kHeader) + " src=1 sev=5\n");
}

TEST(Leef, ReadsItsTime) {
  check("Jan  2 03:04:05 host LEEF:1.0|V|P|1|77|devTime=Jan 02 2024 03:04:05\n",
        "0 2024-01-02T03:04:05.000Z - | " + std::string(kHeader) +
            " devTime=\"Jan 02 2024 03:04:05\" timestamp=\"Jan  2 03:04:05\"\n");
}

TEST(Leef, RejectsCutHeadersAndOtherLinesByName) {
  check("LEEF:1.0|V\nhello\n",
        "0 reject: LEEF header has fewer than 5 parts\n1 reject: no LEEF signature in the line\n");
}

}  // namespace
}  // namespace weir::formats
