#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, const std::vector<std::string>& read_fields = {}) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{13}, std::size_t{1} << 20}) {
    const Reading reading{.options = {}, .read_fields = read_fields, .piece_bytes = piece};
    EXPECT_EQ(print_rows(zeek_tsv_format(), input, reading).text, rows) << piece;
  }
}

constexpr std::string_view kHeader =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
    "#fields\tts\tid.orig_h\tquery\tanswers\tAA\n#types\ttime\taddr\tstring\tvector[string]\tbool\n";

TEST(ZeekTsv, GivesEveryElementOfASetItsOwnCell) {
  check(std::string(kHeader) + "1700000000.5\t192.0.2.1\ta.example\tx,y\\x2cz\tT\n1700000001\t-\t(empty)\t(empty)\tF\n",
        "7 2023-11-14T22:13:20.500Z zeek/*/dns | ts=1700000000.5 id.orig_h=192.0.2.1 query=a.example answers=x "
        "answers=y,z AA=true\n"
        "8 2023-11-14T22:13:21.000Z zeek/*/dns | ts=1700000001 query= AA=false\n");
}

TEST(ZeekTsv, FollowsAHeaderInTheMiddle) {
  check(std::string(kHeader) +
            "1700000000\t192.0.2.1\ta\\x09b\\\\c\t-\tT\n#close\t2024-01-01\n#separator "
            "|\n#path|http\n#fields|ts|uri|user_agent\n"
            "#types|time|string|string\n1700000002|/x|curl\n",
        "7 2023-11-14T22:13:20.000Z zeek/*/dns | ts=1700000000 id.orig_h=192.0.2.1 query=a\tb\\c AA=true\n"
        "13 2023-11-14T22:13:22.000Z zeek/*/http | ts=1700000002 uri=/x c-uri=/x user_agent=curl\n",
        {"c-uri"});
}

TEST(ZeekTsv, RejectsRecordsWithoutAHeader) {
  check("1700000000\tx\n", "0 reject: Zeek record before any #fields line\n");
}

}  // namespace
}  // namespace weir::formats
