#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, std::vector<std::string> read_fields = {}) {
  EXPECT_EQ(print_rows(squid_format(), input, {.options = {}, .read_fields = std::move(read_fields)}).text, rows);
}

TEST(Squid, ReadsWhatTheNativeFormatWrites) {
  check(
      "1700000000.079   1234 192.0.2.7 TCP_MISS/200 5432 GET http://files.example/a/b.exe?x=1 ann "
      "HIER_DIRECT/203.0.113.9 text/html\n",
      "0 2023-11-14T22:13:20.079Z */proxy/squid | timestamp=1700000000.079 time-taken=1234 c-ip=192.0.2.7 "
      "s-action=TCP_MISS "
      "sc-status=200 sc-bytes=5432 cs-method=GET c-uri=http://files.example/a/b.exe?x=1 cs-host=files.example "
      "cs-username=ann s-hierarchy=HIER_DIRECT s-supplier-name=203.0.113.9 rs(Content-Type)=text/html\n");
}

TEST(Squid, ReadsTunnelsDenialsAndTimeouts) {
  check(
      "1700000000.000     10 2001:db8::7 TCP_DENIED/407 1671 CONNECT mail.example:443 - NONE/- text/html\r\n"
      "1700000001.500  43001 192.0.2.7 TCP_MISS/000 0 GET http://slow.example/x - TIMEOUT_DEFAULT_PARENT/proxy.example "
      " -\n",
      "0 2023-11-14T22:13:20.000Z */proxy/squid | timestamp=1700000000.000 time-taken=10 c-ip=2001:db8::7 "
      "s-action=TCP_DENIED sc-status=407 sc-bytes=1671 cs-method=CONNECT c-uri=mail.example:443 cs-host=mail.example "
      "s-hierarchy=NONE rs(Content-Type)=text/html\n"
      "1 2023-11-14T22:13:21.500Z */proxy/squid | timestamp=1700000001.500 time-taken=43001 c-ip=192.0.2.7 "
      "s-action=TCP_MISS sc-status=000 sc-bytes=0 cs-method=GET c-uri=http://slow.example/x cs-host=slow.example "
      "s-hierarchy=TIMEOUT_DEFAULT_PARENT s-supplier-name=proxy.example\n");
}

TEST(Squid, AddsThePartsOfTheUrlThatRulesRead) {
  check(
      "1700000000.079 1 192.0.2.7 TCP_MISS/200 5 GET http://[2001:db8::1]:8080/d/run.PS1?q=/a.b - DIRECT/203.0.113.9 "
      "-\n",
      "0 2023-11-14T22:13:20.079Z */proxy/squid | timestamp=1700000000.079 time-taken=1 c-ip=192.0.2.7 "
      "src_ip=192.0.2.7 "
      "s-action=TCP_MISS sc-status=200 sc-bytes=5 cs-method=GET c-uri=http://[2001:db8::1]:8080/d/run.PS1?q=/a.b "
      "cs-host=2001:db8::1 r-dns=2001:db8::1 c-uri=/d/run.PS1?q=/a.b cs-uri-stem=/d/run.PS1 c-uri-query=q=/a.b "
      "c-uri-extension=PS1 s-hierarchy=DIRECT s-supplier-name=203.0.113.9 dst_ip=203.0.113.9\n",
      {"src_ip", "r-dns", "c-uri", "cs-uri-stem", "c-uri-query", "c-uri-extension", "dst_ip"});
}

TEST(Squid, FindsTheEndOfAUrlWithBlanks) {
  check(
      "1700000000.079 1 192.0.2.7 TCP_MISS/200 5 GET http://a.example/my file.exe bob HIER_NONE/- image/png\n",
      "0 2023-11-14T22:13:20.079Z */proxy/squid | timestamp=1700000000.079 time-taken=1 c-ip=192.0.2.7 "
      "s-action=TCP_MISS "
      "sc-status=200 sc-bytes=5 cs-method=GET c-uri=\"http://a.example/my file.exe\" cs-host=a.example cs-username=bob "
      "s-hierarchy=HIER_NONE rs(Content-Type)=image/png\n");
}

TEST(Squid, TakesAQuotedTextAtTheEndForTheUserAgent) {
  const std::string line = "1700000000.079 1 192.0.2.7 TCP_MISS/200 5 GET http://a.example/ - HIER_NONE/- image/png ";
  const std::string row =
      "0 2023-11-14T22:13:20.079Z */proxy/squid | timestamp=1700000000.079 time-taken=1 c-ip=192.0.2.7 "
      "s-action=TCP_MISS sc-status=200 sc-bytes=5 cs-method=GET c-uri=http://a.example/ cs-host=a.example "
      "s-hierarchy=HIER_NONE rs(Content-Type)=image/png ";
  check(line + "\"An Agent/1.0\"\n", row + "c-useragent=\"An Agent/1.0\"\n");
  check(line + "\"-\"\n", row.substr(0, row.size() - 1) + "\n");
  check(line + "\"a\" \"b\"\n", row + "extra=\"\"a\" \"b\"\"\n");
}

TEST(Squid, RejectsOtherLinesByName) {
  check("hello\n\n1700000000.079 1 192.0.2.7\n",
        "0 reject: not a line of Squid's native log\n2 reject: not a line of Squid's native log\n");
}

}  // namespace
}  // namespace weir::formats
