#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "formats/lines.h"
#include "formats/syslog_header.h"
#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

Options changed(std::string_view newest) {
  Options options;
  options.newest = *event::parse_iso_time(newest);
  return options;
}

void check(std::string_view input, std::string_view rows, const Options& options = changed("2024-06-01T00:00:00Z")) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{17}, std::size_t{1} << 20}) {
    EXPECT_EQ(print_rows(syslog_format(), input, {.options = options, .read_fields = {}, .piece_bytes = piece}).text,
              rows)
        << piece;
  }
}

// The cells behind `message` that one message gives.
void check_message(std::string_view program, std::string_view message, std::string_view cells) {
  const std::string line = "May  4 10:00:00 host " + std::string(program) + "[7]: " + std::string(message) + "\n";
  std::string text =
      print_rows(syslog_format(), line, {.options = changed("2024-06-01T00:00:00Z"), .read_fields = {}}).text;
  const std::string shown =
      message.find(' ') == std::string_view::npos ? std::string(message) : "\"" + std::string(message) + "\"";
  const std::size_t at = text.find("message=" + shown);
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_EQ(std::string(trim(text.substr(at + 8 + shown.size()))), cells);
}

TEST(Syslog, ReadsRfc3164WithAndWithoutPriority) {
  check("<34>Oct 11 22:14:15 mymachine su: 'su root' failed\nJan  2 03:04:05.678 host /usr/sbin/prog[12]: x\n",
        "0 2023-10-11T22:14:15.000Z linux/*/syslog+auth | timestamp=\"Oct 11 22:14:15\" hostname=mymachine program=su "
        "facility=auth severity=crit message=\"'su root' failed\"\n"
        "1 2024-01-02T03:04:05.678Z linux/*/syslog | timestamp=\"Jan  2 03:04:05.678\" hostname=host "
        "program=/usr/sbin/prog "
        "pid=12 message=x\n");
}

TEST(Syslog, ReadsRfc5424WithStructuredDataAndMark) {
  check(
      "<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [ex@32473 iut=\"3\" src=\"a\\\"b\\]c\\\\d\\e\"][o] "
      "\xEF\xBB\xBFtext\n"
      "<165>1 - - - - - -\n",
      "0 2003-10-11T22:14:15.003Z linux/*/syslog | timestamp=2003-10-11T22:14:15.003Z hostname=host program=evntslog "
      "facility=local4 severity=notice msgid=ID47 ex@32473.iut=3 ex@32473.src=a\"b]c\\d\\e message=text\n"
      "1 - linux/*/syslog | facility=local4 severity=notice\n");
}

TEST(Syslog, ReadsOctetCountedFrames) {
  const std::string one = "<34>1 2003-10-11T22:14:15Z h su - - - a\nb";
  const std::string two = "<34>1 2003-10-11T22:14:16Z h x 5 - - c";
  check(std::to_string(one.size()) + " " + one + std::to_string(two.size()) + " " + two + "99 <34>1 cut",
        "0 2003-10-11T22:14:15.000Z linux/*/syslog+auth | timestamp=2003-10-11T22:14:15Z hostname=h program=su "
        "facility=auth "
        "severity=crit message=a\\nb\n"
        "1 2003-10-11T22:14:16.000Z linux/*/syslog+auth | timestamp=2003-10-11T22:14:16Z hostname=h program=x pid=5 "
        "facility=auth severity=crit message=c\n"
        "2 reject: octet-counted frame is cut short\n");
}

TEST(Syslog, ReadsIsoTimesAndLevelsInTheHostsPlace) {
  check("2020-05-31T00:00:45.698463+02:00 host rsyslogd: x\n2016-10-25T12:37:23-07:00 INFO sched[1]: y\n",
        "0 2020-05-30T22:00:45.698463Z linux/*/syslog | timestamp=2020-05-31T00:00:45.698463+02:00 hostname=host "
        "program=rsyslogd message=x\n"
        "1 2016-10-25T19:37:23.000Z linux/*/syslog | timestamp=2016-10-25T12:37:23-07:00 program=sched pid=1 "
        "severity=INFO "
        "message=y\n");
}

TEST(Syslog, KeepsLinesWithoutHeaderForKeywordRules) {
  check("May  4 10:00:00 host p: first\n\tsecond line\n",
        "0 2024-05-04T10:00:00.000Z linux/*/syslog | timestamp=\"May  4 10:00:00\" hostname=host program=p "
        "message=first\n"
        "1 - linux/*/syslog | message=\"\tsecond line\"\n");
}

TEST(Syslog, PlacesTimesWithoutYear) {
  const auto year_of = [](std::string_view time, const Options& options) {
    const std::string text =
        print_rows(syslog_format(), std::string(time) + " host p: x\n", {.options = options, .read_fields = {}}).text;
    return text.substr(2, 10);
  };
  EXPECT_EQ(year_of("Dec 31 23:59:59", changed("2024-01-01T00:10:00Z")), "2023-12-31");
  EXPECT_EQ(year_of("Jan  1 00:00:01", changed("2023-12-31T23:00:00Z")), "2024-01-01");  // Less than a day ahead.
  EXPECT_EQ(year_of("Jan  2 00:00:01", changed("2023-12-31T23:00:00Z")), "2023-01-02");
  EXPECT_EQ(year_of("Feb 29 12:00:00", changed("2023-12-31T23:00:00Z")), "2020-02-29");
  Options given = changed("2023-12-31T23:00:00Z");
  given.year = 2017;
  EXPECT_EQ(year_of("Jan  2 00:00:01", given), "2017-01-02");
  Options east = changed("2024-06-01T00:00:00Z");
  east.zone_offset = std::chrono::hours(5);
  EXPECT_EQ(year_of("Jan  2 03:00:00", east), "2024-01-01");
}

TEST(SyslogMessages, NamesWhatSshdSays) {
  check_message("sshd", "Failed password for invalid user a b from 192.0.2.1 port 4711 ssh2",
                "action=login_failed auth_method=password user=\"a b\" reason=\"invalid user\" src_ip=192.0.2.1 "
                "src_port=4711 protocol=ssh2");
  check_message("sshd", "Failed password for root from 9.9.9.9 from 192.0.2.1 port 4711 ssh2",
                "action=login_failed auth_method=password user=\"root from 9.9.9.9\" src_ip=192.0.2.1 src_port=4711 "
                "protocol=ssh2");
  check_message("sshd-session", "Accepted publickey for ann from 2001:db8::1 port 22 ssh2: ED25519 SHA256:abc",
                "action=login_accepted auth_method=publickey user=ann src_ip=2001:db8::1 src_port=22 protocol=ssh2 "
                "key_fingerprint=\"ED25519 SHA256:abc\"");
  check_message("sshd", "Invalid user admin from 192.0.2.1 port 5",
                "action=invalid_user user=admin src_ip=192.0.2.1 src_port=5");
  check_message("sshd", "Connection closed by invalid user bob 192.0.2.1 port 5 [preauth]",
                "action=connection_closed user=bob src_ip=192.0.2.1 src_port=5");
  check_message("sshd", "Connection reset by 192.0.2.1 port 5 [preauth]",
                "action=connection_reset src_ip=192.0.2.1 src_port=5");
  check_message("sshd", "Received disconnect from 192.0.2.1 port 5:11: disconnected by user",
                "action=disconnect_received src_ip=192.0.2.1 src_port=5");
  check_message("sshd", "Received disconnect from 192.0.2.1: 11: Bye Bye [preauth]",
                "action=disconnect_received src_ip=192.0.2.1");
  check_message("sshd", "Disconnected from user ann 192.0.2.1 port 5",
                "action=disconnected user=ann src_ip=192.0.2.1 src_port=5");
  check_message(
      "sshd", "error: maximum authentication attempts exceeded for invalid user x from 192.0.2.1 port 5 ssh2 [preauth]",
      "action=too_many_failures user=x src_ip=192.0.2.1 src_port=5");
  check_message(
      "sshd", "message repeated 3 times: [ Failed password for root from 192.0.2.1 port 5 ssh2]",
      "repeated=3 action=login_failed auth_method=password user=root src_ip=192.0.2.1 src_port=5 protocol=ssh2");
  check_message("sshd", "Server listening on :: port 22.", "");
}

TEST(SyslogMessages, NamesWhatSudoAndSuSay) {
  check_message("sudo", "ann : TTY=pts/0 ; PWD=/root ; USER=#-1 ; COMMAND=/bin/sh -c a ; b",
                "user=ann TTY=pts/0 PWD=/root USER=#-1 COMMAND=\"/bin/sh -c a ; b\"");
  check_message("sudo", "ann : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
                "user=ann reason=\"3 incorrect password attempts\" TTY=pts/0 PWD=/ USER=root COMMAND=/bin/ls");
  check_message("su", "(to root) ann on pts/1", "action=su_succeeded target_user=root user=ann tty=pts/1");
  check_message("su", "FAILED SU (to root) ann on pts/1", "action=su_failed target_user=root user=ann tty=pts/1");
  check_message("su", "Successful su for root by ann", "action=su_succeeded target_user=root user=ann");
  check_message("su", "- pts/1 ann:root", "action=su_failed tty=pts/1 user=ann target_user=root");
}

TEST(SyslogMessages, NamesWhatPamSays) {
  check_message(
      "sshd",
      "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root",
      "pam_module=pam_unix pam_service=sshd pam_type=auth action=authentication_failure uid=0 euid=0 tty=ssh "
      "rhost=192.0.2.1 src_ip=192.0.2.1 user=root");
  check_message("su(pam_unix)", "session opened for user news by (uid=0)",
                "pam_module=pam_unix action=session_opened user=news");
  check_message("sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by ann(uid=1000)",
                "pam_module=pam_unix pam_service=sudo pam_type=session action=session_opened user=root by_user=ann");
}

TEST(SyslogMessages, NamesWhatCronAndAccountToolsSay) {
  check_message("CRON", "(root) CMD (   cd / && run-parts (x))",
                "user=root action=CMD command=\"cd / && run-parts (x)\"");
  check_message("useradd", "new user: name=bob, UID=0, GID=10, home=/home/bob, shell=/bin/sh, from=pts/0",
                "action=\"new user\" name=bob user=bob UID=0 GID=10 home=/home/bob shell=/bin/sh from=pts/0");
  check_message("usermod", "add 'bob' to group 'sudo'", "action=add user=bob group=sudo");
  check_message("usermod", "change user 'bob' password", "action=change user=bob");
}

TEST(Syslog, GivesServicesByProgram) {
  const auto services = [](std::string_view line) {
    const std::string text = print_rows(syslog_format(), std::string(line) + "\n",
                                        {.options = changed("2024-06-01T00:00:00Z"), .read_fields = {}})
                                 .text;
    const std::size_t at = text.find("linux/*/") + 8;
    return text.substr(at, text.find(' ', at) - at);
  };
  EXPECT_EQ(services("May  4 10:00:00 h sshd[1]: x"), "syslog+sshd+auth");
  EXPECT_EQ(services("May  4 10:00:00 h sudo: x"), "syslog+sudo+auth");
  EXPECT_EQ(services("May  4 10:00:00 h login(pam_unix)[2]: x"), "syslog+auth");
  EXPECT_EQ(services("May  4 10:00:00 h CRON[1]: x"), "syslog+cron");
  EXPECT_EQ(services("May  4 10:00:00 h vsftpd[1]: x"), "syslog+vsftpd");
  EXPECT_EQ(services("May  4 10:00:00 h clamd[1]: x"), "syslog+clamav");
  EXPECT_EQ(services("May  4 10:00:00 h guacd[1]: x"), "syslog+guacamole");
  EXPECT_EQ(services("<86>May  4 10:00:00 h other: x"), "syslog+auth");
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

// The header of each line of a public sample against what its publishers extracted from it.
TEST(Syslog, AgreesWithLoghubAboutEveryLine) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  const std::string folder = shared_data_folder() + "/linux/loghub_Linux_2k.log";
  const std::string log = read_file(folder) + "\n";
  const std::string structured = read_file(folder + "_structured.csv");
  if (log.size() < 2 || structured.empty()) GTEST_SKIP() << "needs linux/loghub_Linux_2k.log and its CSV";
  const std::vector<std::string_view> lines = sample_lines(log, 10'000);
  event::FieldTable table;
  const auto splitter = csv_format().make_splitter({});
  const auto parser = csv_format().make_parser(table, {});
  const std::string padded = structured + std::string(kPadding, '\0');
  const std::string_view data = std::string_view(padded).substr(0, structured.size());
  const Cut cut = splitter->cut(data, true);
  event::Batch expected;
  parser->parse({data.substr(cut.skip, cut.size), cut.context}, expected);
  ASSERT_EQ(expected.rows().size(), 2000U);
  ASSERT_EQ(lines.size(), 2000U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto header = read_syslog_header(lines[i]);
    ASSERT_TRUE(header) << lines[i];
    std::string_view component;
    for (event::Cell& cell : expected.cells(expected.rows()[i])) {
      const std::string_view text = expected.text(cell);
      if (cell.field->name == "Time") {
        EXPECT_TRUE(header->timestamp.ends_with(text)) << lines[i];
      }
      if (cell.field->name == "Level") {
        EXPECT_EQ(header->host, text) << lines[i];
      }
      if (cell.field->name == "PID") {
        EXPECT_EQ(header->pid, text) << lines[i];
      }
      if (cell.field->name == "Component") component = text;
      if (cell.field->name == "Content") {
        EXPECT_EQ(trim(header->message), trim(text)) << lines[i];
      }
    }
    // They keep a version ("syslogd 1.4.1") and a login's dashes ("-- root") as part of the program's name.
    if (component == "syslogd 1.4.1") component = "syslogd";
    if (component == "-- root") component = "root";
    EXPECT_EQ(header->program, component) << lines[i];
  }
}

}  // namespace
}  // namespace weir::formats
