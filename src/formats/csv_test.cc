#include <gtest/gtest.h>

#include "formats/csv_records.h"
#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, const Options& options = {}) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
    EXPECT_EQ(print_rows(csv_format(), input, {.options = options, .read_fields = {}, .piece_bytes = piece}).text, rows)
        << piece;
  }
}

TEST(Csv, ReadsQuotesDoubledQuotesAndNewlinesInside) {
  check("\xEF\xBB\xBFname,\"the \"\"text\"\"\",n\r\nann,\"a, \"\"b\"\"\nc\",1\r\n\"\",plain \"x\",\n",
        "0 - - | name=ann the\"text\"=\"a, \"b\"\\nc\" n=1\n1 - - | name= the\"text\"=\"plain \"x\"\" n=\n");
}

TEST(Csv, RecognisesOtherSeparators) {
  check("a\tb\n1\tx,y\n", "0 - - | a=1 b=x,y\n");
  check("a;b\n1;x,y\n", "0 - - | a=1 b=x,y\n");
  check("a|b\n1|x,y\n", "0 - - | a=1 b=x,y\n");
  check("sep=;\na;b,c\n1;2\n", "0 - - | a=1 b,c=2\n");
}

TEST(Csv, TakesNamesFromThePersonForAFileWithoutHeader) {
  Options options;
  options.field_names = {"timestamp", "who"};
  check("2024-01-02T03:04:05Z,ann\n", "0 2024-01-02T03:04:05.000Z - | timestamp=2024-01-02T03:04:05Z who=ann\n",
        options);
  check("timestamp,who\n2024-01-02,ann\n", "0 2024-01-02T00:00:00.000Z - | timestamp=2024-01-02 who=ann\n", options);
}

TEST(Csv, KeepsWhatIsTooMuchAndBearsWhatIsTooLittle) {
  check("a,,c\n1,2,3,4,5\n6\n", "0 - - | a=1 column_2=2 c=3 extra=4,5\n1 - - | a=6\n");
}

TEST(Csv, FindsTheTimeInUsualColumns) {
  check("date,time,x\n2024-01-02,03:04:05,1\n", "0 2024-01-02T03:04:05.000Z - | date=2024-01-02 time=03:04:05 x=1\n");
  check("x,Timestamp\n1,01/31/2024 1:02:03 PM\n",
        "0 2024-01-31T13:02:03.000Z - | x=1 Timestamp=\"01/31/2024 1:02:03 PM\"\n");
  Options east;
  east.zone_offset = std::chrono::hours(2);
  check("ts,x\n2024-01-02 03:04:05,1\n", "0 2024-01-02T01:04:05.000Z - | ts=\"2024-01-02 03:04:05\" x=1\n", east);
}

TEST(Csv, OneStrayQuoteCostsOneRecordOnly) {
  std::string input = "a,b\n1,\"open\n";
  for (int i = 0; input.size() < 3 * kQuotedBytesMax; ++i) input += "2,two words and more\n";
  const Printed printed = print_rows(csv_format(), input, {.options = {}, .read_fields = {}, .piece_bytes = 1 << 16});
  EXPECT_TRUE(printed.text.starts_with("0 - - | a=1 b=\"open\n1 - - | a=2 b=\"two words and more\"\n")) << printed.text;
  EXPECT_GT(printed.rows, 100'000U);
}

TEST(Csv, AFileThatEndsInsideAQuoteIsReadByLines) {
  check("a,b\n1,\"open\n2,x\n", "0 - - | a=1 b=\"open\n1 - - | a=2 b=x\n");
}

TEST(Csv, CapsTheColumnsOfAHeader) {
  std::string input;
  for (int i = 0; i < 5000; ++i) input += "c,";
  input += "\n1,2\n";
  EXPECT_EQ(print_rows(csv_format(), input).text, "0 - - | c=1 c=2\n");
}

}  // namespace
}  // namespace weir::formats
