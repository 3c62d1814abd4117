// What holds for all line-based text formats: detection, cutting, hostile input, real files.

#include "formats/text_formats.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "formats/registry.h"
#include "formats/testing/printed_rows.h"

namespace weir::formats {
namespace {

const Format kTextFormats[] = {cef_format(),    leef_format(),  zeek_tsv_format(),
                               w3c_format(),    squid_format(), access_log_format(),
                               syslog_format(), csv_format(),   key_value_format()};

struct Sample {
  std::string_view format;  // "" where none may claim more than `possible`.
  std::string_view text;
};

constexpr Sample kSamples[] = {
    {"squid",
     "1700000000.079   1234 192.0.2.7 TCP_MISS/200 5432 GET http://a.example/ - HIER_DIRECT/203.0.113.9 text/html\n"},
    {"clf", "192.0.2.1 - - [10/Oct/2023:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326 \"-\" \"agent\"\n"},
    {"clf", "www.example:80 192.0.2.1 - - [10/Oct/2023:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326 \"-\" \"x\"\n"},
    {"w3c",
     "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time c-ip\n2024-01-02 03:04:05 "
     "192.0.2.1\n"},
    {"zeek", "#separator \\x09\n#path\tconn\n#fields\tts\tuid\n#types\ttime\tstring\n1700000000.1\tCx\n"},
    {"syslog", "May  4 10:00:00 host sshd[1]: hello\nMay  4 10:00:01 host sshd[1]: hello\n"},
    {"syslog", "<34>1 2003-10-11T22:14:15.003Z host su - ID47 - text\n"},
    {"syslog", "44 <34>1 2003-10-11T22:14:15Z host su - ID47 - text"},
    {"syslog", "2020-05-31T00:00:45.698463+02:00 host rsyslogd[1]: x\n"},
    {"cef", "<134>Feb 14 19:04:54 fw CEF:0|V|P|1|2|n|3|src=192.0.2.1\n"},
    {"cef", "CEF:0|V|P|1|2|n|3|src=192.0.2.1\n"},
    {"leef", "LEEF:2.0|V|P|1|77|^|src=192.0.2.1^sev=5\n"},
    {"csv", "name,user,when\nx,ann,1\ny,bob,2\n"},
    {"csv", "name;user;when\nx;ann;1\ny;bob;2\n"},
    {"csv", "name\tuser\twhen\nx\tann\t1\ny\tbob\t2\n"},
    {"logfmt", "time=2024-01-02T03:04:05Z level=info msg=\"hi there\"\ntime=2024-01-02T03:04:05Z level=info msg=x\n"},
    {"", ""},
    {"", "Hello, World!\nHow are you?\nGoodbye, World!\n"},
    {"", "The answer=42 of course, and more words\nNothing here\n"},
    {"", "{\"a\":1,\"b\":\"x=1 y=2 z=3\"}\n{\"a\":2,\"b\":\"x=1\"}\n"},
    {"", "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no\n"},
    {"", "2024-01-02 03:04:05,672 DEBUG foo bar\n2024-01-02 03:04:06,672 DEBUG foo bar\n"},
    {"", "<?xml version=\"1.0\"?>\n<a b=\"c\" d=\"e\"/>\n"},
    {"", "\x01\x02\x03\xFF\xFE"},
};

TEST(TextFormats, AreDetectedByTheirShape) {
  for (const Sample& sample : kSamples) {
    Choice best;
    for (const Format& format : kTextFormats) {
      Detected detected = format.detect(sample.text, "log");
      if (detected.confidence > best.detected.confidence) best = {&format, std::move(detected)};
    }
    const bool claimed = best.detected.confidence > Confidence::possible;
    EXPECT_EQ(claimed ? best.format->name : "", sample.format) << sample.text;
  }
}

std::string all_samples() {
  std::string text;
  for (const Sample& sample : kSamples) text += sample.text;
  return text;
}

TEST(TextFormats, GiveTheSameRowsWhereverChunksAreCut) {
  for (const Format& format : kTextFormats) {
    for (const Sample& sample : kSamples) {
      const std::string text = std::string(sample.text) + all_samples();
      const std::string whole = print_rows(format, text).text;
      for (const std::size_t piece : {1, 2, 3, 64, 300}) {
        EXPECT_EQ(print_rows(format, text, {.options = {}, .read_fields = {}, .piece_bytes = piece}).text, whole)
            << format.name << " in pieces of " << piece;
      }
    }
  }
}

TEST(Formats, SayWhatTheyAssume) {
  for (const Format& format : all_formats()) {
    EXPECT_TRUE(format.assumptions.starts_with("event time: ")) << format.name;
    EXPECT_NE(format.assumptions.find("; logsource: "), std::string_view::npos) << format.name;
    const bool names_a_zone = format.assumptions.find("UTC") != std::string_view::npos;
    EXPECT_TRUE(names_a_zone) << format.name;
  }
}

TEST(TextFormats, RejectALineThatIsTooLong) {
  for (const Format& format : kTextFormats) {
    std::string text = "a=1,b\n#Fields: a b\n#separator \\x09\n#fields\ta\n";
    text.append(kRecordBytesMax + 1, 'x');
    text += "\n";
    const Printed printed = print_rows(format, text, {.options = {}, .read_fields = {}, .piece_bytes = text.size()});
    EXPECT_NE(printed.text.find(kTooLong), std::string::npos) << format.name << printed.text.substr(0, 300);
  }
}

// The first line of each fixture with something bad put into its middle.
TEST(TextFormats, BearNulBytesAndMalformedUtf8) {
  for (const Format& format : kTextFormats) {
    for (const Sample& sample : kSamples) {
      if (sample.format != format.name) continue;
      std::string text(sample.text);
      text.insert(text.size() - 2, std::string("\0\xFF\xC0\xAF\"\\", 6));
      const Printed printed = print_rows(format, text);
      EXPECT_EQ(printed.repaired, 1U) << format.name << ": " << printed.text;
      EXPECT_EQ(printed.rejects, 0U) << format.name << ": " << printed.text;
    }
  }
}

TEST(TextFormats, RowsAreVerbatimWhileTheirValuesStandInTheLine) {
  struct Case {
    const Format& format;
    std::string text;
    bool verbatim;
  };
  const Case cases[] = {
      {kTextFormats[4], std::string(kSamples[0].text), true},
      {kTextFormats[5], "192.0.2.1 - - [10/Oct/2023:13:55:36 -0700] \"GET /a HTTP/1.0\" 200 2 \"-\" \"agent\"\n", true},
      {kTextFormats[5], "192.0.2.1 - - [10/Oct/2023:13:55:36 -0700] \"GET /a HTTP/1.0\" 200 2 \"-\" \"a\\x41\"\n",
       false},
      {kTextFormats[6], "May  4 10:00:00 host program[1]: hello\n", true},
      {kTextFormats[6], "May  4 10:00:00 host sshd[1]: Accepted password for a from 192.0.2.1 port 1 ssh2\n", false},
      {kTextFormats[7], "name,user\nx,ann\n", true},
      {kTextFormats[7], "name,user\nx,\"a \"\"b\"\"\"\n", false},
  };
  for (const Case& c : cases) {
    const std::string text = c.text + std::string(kPadding, '\0');
    const std::string_view input = std::string_view(text).substr(0, c.text.size());
    event::FieldTable table;
    event::Batch batch;
    const Cut cut = c.format.make_splitter({})->cut(input, true);
    c.format.make_parser(table, {})->parse({input.substr(cut.skip, cut.size), cut.context}, batch);
    ASSERT_EQ(batch.rows().size(), 1U) << c.text;
    EXPECT_EQ(batch.rows()[0].verbatim, c.verbatim) << c.text;
  }
}

TEST(TextFormats, BoundTheCellsOfARow) {
  std::string pairs;
  for (int i = 0; i < 100'000; ++i) pairs += "k" + std::to_string(i) + "=v ";
  for (const std::string& start :
       {std::string(), std::string("CEF:0|V|P|1|2|n|3|"), std::string("LEEF:2.0|V|P|1|2|x20|")}) {
    const Format& format = start.starts_with('C')   ? kTextFormats[0]
                           : start.starts_with('L') ? kTextFormats[1]
                                                    : kTextFormats[8];
    event::FieldTable table;
    const std::string text = start + pairs + std::string(kPadding, '\0');
    event::Batch batch;
    format.make_parser(table, {})->parse({std::string_view(text).substr(0, text.size() - kPadding), nullptr}, batch);
    ASSERT_EQ(batch.rows().size(), 1U);
    EXPECT_LE(batch.rows()[0].cell_count, 1100U) << format.name;
    EXPECT_NE(print_rows(format, start + pairs).text.find(" extra=\"k"), std::string::npos) << format.name;
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

TEST(TextFormats, ReadEveryRealFileInWholeAndInPieces) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  constexpr std::uintmax_t kFileBytesMax = 100'000;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_data_folder() + "/formats")) {
    if (!entry.is_regular_file() || entry.file_size() > kFileBytesMax) continue;
    const std::string text = read_file(entry.path());
    for (const Format& format : kTextFormats) {
      const std::string whole = print_rows(format, text).text;
      EXPECT_EQ(print_rows(format, text, {.options = {}, .read_fields = {}, .piece_bytes = 997}).text, whole)
          << format.name << entry.path();
    }
  }
}

struct RealRows {
  std::string_view file;
  std::string_view format;
  std::size_t rows;
};

TEST(TextFormats, ReadRealLogsWithoutARejectAndWithEveryTime) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  for (const RealRows& real :
       {RealRows{"web/apache_combined_10k.log", "clf", 10'000}, RealRows{"web/shop_access.log", "clf", 1000},
        RealRows{"proxy/squid_real_excerpt.log", "squid", 23}, RealRows{"linux/elastic_auth.log", "syslog", 7121},
        RealRows{"zeek/wrccdc-tsv/dns.log", "zeek", 15'000}, RealRows{"zeek/wrccdc-tsv/smtp.log", "zeek", 1188}}) {
    const std::string text = read_file(std::filesystem::path(shared_data_folder()) / real.file);
    if (text.empty()) continue;
    const Printed printed =
        print_rows(*find_format(real.format), text, {.options = {}, .read_fields = {}, .piece_bytes = 65536});
    EXPECT_EQ(printed.rows, real.rows) << real.file;
    EXPECT_EQ(printed.rejects, 0U) << real.file;
    EXPECT_EQ(printed.timed, real.rows) << real.file;
  }
}

TEST(TextFormats, APersonsAssumptionCountsWhereTheFormatDoesNotKnow) {
  Options options;
  options.assumed_logsource = event::Logsource{.product = "cisco", .categories = {}, .services = {"asa"}};
  const struct {
    std::string_view format;
    std::string_view input;
    std::string_view logsource;
  } cases[] = {
      {"csv", "a,b\n1,2\n", "cisco/*/asa"},
      {"cef", "CEF:0|V|P|1|7|n|3|src=10.0.0.1\n", "cisco/*/asa"},
      {"leef", "LEEF:1.0|V|P|1|7|src=10.0.0.1\n", "cisco/*/asa"},
      {"logfmt", "a=1 b=2 c=3\n", "cisco/*/asa"},
      {"logfmt", "devid=1 logid=2 type=traffic\n", "fortigate/firewall/traffic"},
      {"squid", "1700000000.123 5 10.0.0.1 TCP_MISS/200 10 GET http://a/ - DIRECT/1.2.3.4 text/html\n",
       "*/proxy/squid"},
      {"clf", "10.0.0.1 - - [17/May/2015:10:05:03 +0000] \"GET / HTTP/1.1\" 200 1\n", "*/webserver/*"},
      {"w3c",
       "#Software: Microsoft Internet Information Services 10.0\n#Fields: date time c-ip\n"
       "2026-01-02 03:04:05 10.0.0.1\n",
       "*/webserver/*"},
      {"w3c", "#Fields: date time r-host\n2026-01-02 03:04:05 a\n", "*/proxy/*"},
      {"w3c", "#Fields: date time x\n2026-01-02 03:04:05 a\n", "cisco/*/asa"},
      {"syslog", "<38>Jan  2 03:04:05 h sshd[1]: Accepted password for a from 10.0.0.1 port 1 ssh2\n",
       "linux/*/syslog+sshd+auth"},
      {"syslog", "<166>Jan  2 03:04:05 h %ASA-6-302013: Built outbound\n", "cisco/*/asa"},
      {"zeek", "#separator \\x09\n#path\tdns\n#fields\tts\tquery\n1.5\tq\n", "zeek/*/dns"},
      {"auditd", "type=CWD msg=audit(1.5:9): cwd=\"/\"\n", "linux/*/auditd"},
  };
  for (const auto& [name, input, logsource] : cases) {
    const ReadResult result = read_events(*find_format(name), input, options);
    ASSERT_EQ(result.events.size(), 1U) << input;
    EXPECT_EQ(result.events[0].logsource, logsource) << input;
  }
}

}  // namespace
}  // namespace weir::formats
