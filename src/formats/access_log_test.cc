#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, std::vector<std::string> read_fields = {}) {
  EXPECT_EQ(print_rows(access_log_format(), input, {.options = {}, .read_fields = std::move(read_fields)}).text, rows);
}

TEST(AccessLog, ReadsCommonAndCombinedInAnyZone) {
  check(
      "192.0.2.1 - ann [10/Oct/2023:13:55:36 -0700] \"GET /a.gif?x HTTP/1.0\" 200 2326\n"
      "192.0.2.1 - - [10/Oct/2023:13:55:36 +0530] \"POST / HTTP/1.1\" 304 - \"http://r.example/\" \"curl/8\"\r\n",
      "0 2023-10-10T20:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 -0700\" c-ip=192.0.2.1 "
      "cs-username=ann "
      "cs-method=GET cs-uri-query=/a.gif?x cs-version=HTTP/1.0 sc-status=200 sc-bytes=2326\n"
      "1 2023-10-10T08:25:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0530\" c-ip=192.0.2.1 "
      "cs-method=POST "
      "cs-uri-query=/ cs-version=HTTP/1.1 sc-status=304 cs-referer=http://r.example/ cs-user-agent=curl/8\n");
}

TEST(AccessLog, ResolvesEscapesInsideQuotes) {
  check(
      R"(192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] "GET /\xC3\xA9?q=\"a\\b\" HTTP/1.1" 200 1 "-" "a\tb \x22c\x22 \q")"
      "\n",
      "0 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "cs-method=GET "
      "cs-uri-query=/é?q=\"a\\b\" cs-version=HTTP/1.1 sc-status=200 sc-bytes=1 cs-user-agent=\"a\tb \"c\" \\q\"\n");
}

TEST(AccessLog, KeepsJunkRequestsWhole) {
  check(
      "192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"-\" 408 0 \"-\" \"-\"\n"
      "192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"\\x16\\x03\\x01\" 400 226 \"-\" \"-\"\n"
      "192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"\" 400 226\n",
      "0 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "sc-status=408 "
      "sc-bytes=0\n"
      "1 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "request=\x16\x03\x01 sc-status=400 sc-bytes=226\n"
      "2 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "sc-status=400 "
      "sc-bytes=226\n");
}

TEST(AccessLog, ReadsVirtualHostUserWithBlanksAndFurtherColumns) {
  check(
      "www.example:443 192.0.2.1 - ann lee [10/Oct/2023:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"x\" "
      "\"203.0.113.5\" 0.012\n",
      "0 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "cs-username=\"ann lee\" cs-method=GET cs-uri-query=/ cs-version=HTTP/1.1 sc-status=200 sc-bytes=1 "
      "cs-user-agent=x "
      "cs-host=www.example s-port=443 extra=\"\"203.0.113.5\" 0.012\"\n");
}

TEST(AccessLog, ClosesQuotesWhereAServerForgotToEscapeOrToClose) {
  check(
      "192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"GET /\"x\" HTTP/1.1\" 200 1 \"-\" \"My \"best\" one\"\n"
      "192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"cut of\n",
      "0 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "cs-method=GET "
      "cs-uri-query=/\"x\" cs-version=HTTP/1.1 sc-status=200 sc-bytes=1 cs-user-agent=\"My \"best\" extra=one\"\n"
      "1 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "cs-method=GET "
      "cs-uri-query=/ cs-version=HTTP/1.1 sc-status=200 sc-bytes=1 cs-user-agent=\"cut of\"\n");
}

TEST(AccessLog, GivesTheTargetUnderEveryNameThatRulesRead) {
  check("192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"GET /a/b.php?c=d HTTP/1.1\" 200 1 \"-\" \"x\"\n",
        "0 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
        "cs-method=GET "
        "cs-uri-query=/a/b.php?c=d cs-uri-query=c=d cs-uri-stem=/a/b.php c-uri=/a/b.php?c=d c-uri-extension=php "
        "cs-version=HTTP/1.1 sc-status=200 sc-bytes=1 cs-user-agent=x c-useragent=x\n",
        {"cs-uri-query", "cs-uri-stem", "c-uri", "c-uri-extension", "c-useragent"});
}

TEST(AccessLog, RejectsOtherLinesByName) {
  check(
      "192.0.2.1 [10/Oct/2023:13:55:36 +0000] \"GET / HTTP/1.1\" 200 1\nnothing\n192.0.2.1 - - [10/Oct/2023:13:55:36 "
      "+0000] GET\n",
      "0 2023-10-10T13:55:36.000Z */webserver/* | timestamp=\"10/Oct/2023:13:55:36 +0000\" c-ip=192.0.2.1 "
      "cs-method=GET "
      "cs-uri-query=/ cs-version=HTTP/1.1 sc-status=200 sc-bytes=1\n"
      "1 reject: not a line of an access log\n2 reject: not a line of an access log\n");
}

TEST(AccessLog, RepairsMalformedUtf8AndCountsIt) {
  const Printed printed =
      print_rows(access_log_format(), "192.0.2.1 - - [10/Oct/2023:13:55:36 +0000] \"GET /\xFF HTTP/1.1\" 200 1\n");
  EXPECT_NE(printed.text.find("cs-uri-query=/\xEF\xBF\xBD "), std::string::npos) << printed.text;
  EXPECT_EQ(printed.repaired, 1U);
}

}  // namespace
}  // namespace weir::formats
