#include <gtest/gtest.h>

#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

void check(std::string_view input, std::string_view rows, const std::vector<std::string>& read_fields = {}) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{11}, std::size_t{1} << 20}) {
    const Reading reading{.options = {}, .read_fields = read_fields, .piece_bytes = piece};
    EXPECT_EQ(print_rows(w3c_format(), input, reading).text, rows) << piece;
  }
}

TEST(W3c, ReadsIisWithPlusForBlankAndTheTargetInCsUriQuery) {
  check(
      "#Software: Microsoft Internet Information Services 10.0\n"
      "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(User-Agent) cs(Referer) "
      "sc-status\n"
      "2024-01-02 03:04:05 192.0.2.1 GET /a.asp id=1+2 - 203.0.113.5 My+Agent;++x - 200\n",
      "2 2024-01-02T03:04:05.000Z */webserver/* | date=2024-01-02 time=03:04:05 s-ip=192.0.2.1 cs-method=GET "
      "cs-uri-stem=/a.asp cs-uri-query=id=1+2 c-ip=203.0.113.5 cs(User-Agent)=My+Agent;++x cs-user-agent=\"My Agent; "
      "+x\" "
      "cs-user-agent=My+Agent;++x sc-status=200 cs-uri-query=/a.asp?id=1+2\n",
      {"cs-user-agent", "cs-uri-query"});
}

TEST(W3c, FollowsFieldsThatChangeInTheMiddle) {
  check(
      "#Date: 2013-07-30 00:00:00\n#Fields: time c-ip\n00:00:01 192.0.2.1\n"
      "#Fields: c-ip time sc-status\n192.0.2.2 00:00:02 404\n#Date: 2013-07-31 00:00:00\n192.0.2.3 00:00:03 500 more\n",
      "2 2013-07-30T00:00:01.000Z */webserver/* | date=2013-07-30 time=00:00:01 c-ip=192.0.2.1\n"
      "4 2013-07-30T00:00:02.000Z */webserver/* | date=2013-07-30 c-ip=192.0.2.2 time=00:00:02 sc-status=404\n"
      "6 2013-07-31T00:00:03.000Z */webserver/* | date=2013-07-31 c-ip=192.0.2.3 time=00:00:03 sc-status=500 "
      "extra=more\n");
}

TEST(W3c, JoinsTheUrlOfBlueCoatAndReadsQuotedValues) {
  check(
      "#Software: SGOS 6.7.1\n"
      "#Fields: date time c-ip cs-username sc-status cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path "
      "cs-uri-query "
      "cs-uri-extension cs(User-Agent) r-ip x-note\n"
      "2024-01-02 03:04:05 192.0.2.1 \"CORP\\ann lee\" 200 GET http www.example 8080 /d/x.exe ?q=1 exe \"Mozilla/5.0 "
      "(X)\" "
      "203.0.113.5 \"say \"\"hi\"\"\"\n",
      "2 2024-01-02T03:04:05.000Z */proxy/* | date=2024-01-02 time=03:04:05 c-ip=192.0.2.1 cs-username=\"CORP\\ann "
      "lee\" "
      "sc-status=200 cs-method=GET cs-uri-scheme=http cs-host=www.example cs-uri-port=8080 cs-uri-path=/d/x.exe "
      "cs-uri-query=?q=1 cs-uri-extension=exe c-uri-extension=exe cs(User-Agent)=\"Mozilla/5.0 (X)\" "
      "c-useragent=\"Mozilla/5.0 (X)\" r-ip=203.0.113.5 dst_ip=203.0.113.5 x-note=\"say \"hi\"\" "
      "c-uri=http://www.example:8080/d/x.exe?q=1 c-uri=/d/x.exe?q=1 c-uri-extension=exe\n",
      {"c-uri", "c-useragent", "c-uri-extension", "dst_ip"});
}

TEST(W3c, ReadsTheWindowsFirewall) {
  check(
      "#Version: 1.5\n#Software: Microsoft Windows Firewall\n#Time Format: Local\n"
      "#Fields: date time action protocol src-ip dst-ip src-port dst-port\n"
      "2024-01-02 03:04:05 DROP TCP 192.0.2.1 203.0.113.5 4711 445\n",
      "4 2024-01-02T03:04:05.000Z */firewall/* | date=2024-01-02 time=03:04:05 action=DROP protocol=TCP "
      "src-ip=192.0.2.1 "
      "dst-ip=203.0.113.5 dst_ip=203.0.113.5 src-port=4711 dst-port=445\n",
      {"dst_ip"});
}

TEST(W3c, ReadsTheCommaSeparatedLogsOfExchange) {
  check(
      "#Software: Microsoft Exchange Server\n#Fields: "
      "date-time,client-ip,subject\n2024-01-02T03:04:05.678Z,192.0.2.1,\"a, b\"\n",
      "2 2024-01-02T03:04:05.678Z */webserver/* | date-time=2024-01-02T03:04:05.678Z client-ip=192.0.2.1 subject=\"a, "
      "b\"\n");
}

TEST(W3c, RejectsRecordsBeforeAnyFields) {
  check("#Version: 1.0\n2024-01-02 x\n", "1 reject: W3C record before any #Fields line\n");
}

}  // namespace
}  // namespace weir::formats
