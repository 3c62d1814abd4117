#include "formats/auditd/auditd.h"

#include <fstream>
#include <iterator>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "formats/testing/read_events.h"

namespace weir::formats {
namespace {

using ::testing::ElementsAre;

ReadEvent only_event(std::string_view log) {
  const ReadResult result = read_events(kAuditd, log);
  EXPECT_EQ(result.events.size(), 1U);
  EXPECT_TRUE(result.rejects.empty());
  return result.events.empty() ? ReadEvent{} : result.events[0];
}

std::string record(std::string_view type, std::string_view body, int serial = 7) {
  return fmt::format("type={} msg=audit(1604994496.155:{}): {}\n", type, serial, body);
}

TEST(Auditd, JoinsTheRecordsOfOneSerial) {
  const ReadEvent event = only_event(
      record("SYSCALL",
             "arch=c000003e syscall=59 success=yes a0=558e a1=0 items=2 "
             "comm=\"arp\" exe=\"/usr/sbin/arp\" key=(null)") +
      record("EXECVE", "argc=2 a0=\"arp\" a1=\"-a\"") + record("CWD", "cwd=\"/home/x\"") +
      record("PATH", "item=0 name=\"/usr/sbin/arp\" nametype=NORMAL") +
      record("PATH", "item=1 name=\"/lib64/ld.so\" nametype=NORMAL") + record("PROCTITLE", "proctitle=617270002D61"));
  EXPECT_THAT(event.values("type"), ElementsAre("SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"));
  EXPECT_EQ(event.value("comm"), "arp");
  EXPECT_EQ(event.value("a0"), "arp");
  EXPECT_EQ(event.value("a1"), "-a");
  EXPECT_EQ(event.value("SYSCALL_a0"), "558e");
  EXPECT_EQ(event.value("SYSCALL"), "execve");
  EXPECT_EQ(event.value("ARCH"), "x86_64");
  EXPECT_EQ(event.value("cwd"), "/home/x");
  EXPECT_THAT(event.values("name"), ElementsAre("/usr/sbin/arp", "/lib64/ld.so"));
  EXPECT_EQ(event.value("proctitle"), "arp -a");
  EXPECT_EQ(event.logsource, "linux/*/auditd");
  EXPECT_EQ(event::format_time(*event.time), "2020-11-10T07:48:16.155Z");
}

TEST(Auditd, KeepsTheRegistersOfACallThatExecutesNothing) {
  const ReadEvent event = only_event(record("SYSCALL", "arch=c00000b7 syscall=198 a0=26 a1=5 exe=\"/tmp/x\""));
  EXPECT_EQ(event.value("a0"), "26");
  EXPECT_EQ(event.value("SYSCALL"), "socket");
}

TEST(Auditd, ReadsTheEnrichedPart) {
  const ReadEvent event = only_event(record("SYSCALL",
                                            "arch=c000003e syscall=1 auid=0 uid=0 key=\"k\"\x1d"
                                            "ARCH=x86_64 SYSCALL=write AUID=\"root\" UID=\"root\""));
  EXPECT_EQ(event.value("SYSCALL"), "write");
  EXPECT_EQ(event.value("uid"), "0");
  EXPECT_EQ(event.value("UID"), "root");
  EXPECT_EQ(event.value("key"), "k");
}

TEST(Auditd, DecodesHexadecimalOnlyWhereItIsUsedAndUnquoted) {
  const ReadEvent event = only_event(
      record("SYSCALL", "a0=BEEF comm=2F746D702F612062 exe=\"4142\" key=6F6E650174776F") + record("CWD", "cwd=41FF42"));
  EXPECT_EQ(event.value("a0"), "BEEF");
  EXPECT_EQ(event.value("comm"), "/tmp/a b");
  EXPECT_EQ(event.value("exe"), "4142");
  EXPECT_THAT(event.values("key"), ElementsAre("one", "two"));
  EXPECT_EQ(event.value("cwd"),
            "A\xef\xbf\xbd"
            "B");
  EXPECT_EQ(only_event(record("EXECVE", "argc=2 a0=\"sh\" a1=67726570202D76")).value("a1"), "grep -v");
}

TEST(Auditd, PutsLongArgumentsTogether) {
  const ReadEvent event =
      only_event(record("EXECVE", "argc=3 a0=\"sh\" a1_len=10 a1[0]=\"abcde\" ") +
                 record("EXECVE", "a1[1]=\"fghij\" a2[0]=2D63C3") + record("EXECVE", "a2[1]=A4 a3=\"z\""));
  EXPECT_EQ(event.value("a1"), "abcdefghij");
  EXPECT_EQ(event.value("a2"), "-c\xc3\xa4");
  EXPECT_EQ(event.value("a3"), "z");
}

// The cell is made only where a rule reads it.
std::string command_line_of(std::string_view log) {
  event::FieldTable table;
  table.intern("command_line");
  const ReadResult result = read_in_pieces(kAuditd, log, table, {}, {});
  return result.events.size() == 1 ? result.events[0].value("command_line") : "(no event)";
}

TEST(Auditd, JoinsTheArgumentsToACommandLine) {
  const std::string title = record("PROCTITLE", "proctitle=73680063757400");
  const std::string_view cases[][2] = {
      {"argc=3 a0=\"sh\" a1=\"-c\" a2=69642026262077686F", "sh -c id && who"},
      {"argc=2 a0=\"sh\" a1=\"\"", "sh "},
      {"argc=2 a0=\"sh\" a1_len=10 a1[0]=\"abcde\" a1[1]=66676869", "sh abcdefghi"},
      {"argc=3 a0=\"a\" a2=\"c\" a1=\"b\"", "a b c"},
      {"argc=2 a0=\"a\" a1=\"b\" a0=\"a\" a1=\"b\"", "a b"},
  };
  for (const auto& [arguments, line] : cases) EXPECT_EQ(command_line_of(record("EXECVE", arguments) + title), line);
  const std::string pieces = record("EXECVE", "argc=3 a0=\"sh\" a1[0]=2D63C3") + record("EXECVE", "a1[1]=A4 a2=\"z\"");
  EXPECT_EQ(command_line_of(pieces), "sh -c\xc3\xa4 z");
  EXPECT_EQ(command_line_of(record("SYSCALL", "a0=1 a1=2") + pieces + title), "sh -c\xc3\xa4 z");
  std::string eleven;
  for (int i = 0; i < 12; ++i) eleven += fmt::format("a{}=\"{}\" ", i, i);
  EXPECT_EQ(command_line_of(record("EXECVE", eleven)), "0 1 2 3 4 5 6 7 8 9 10 11");
}

TEST(Auditd, TakesTheProcessTitleWhereNoArgumentsAre) {
  EXPECT_EQ(command_line_of(record("SYSCALL", "a0=1") + record("PROCTITLE", "proctitle=617270002D61")), "arp -a");
  EXPECT_EQ(command_line_of(record("PROCTITLE", "proctitle=\"arp\"")), "arp");
  EXPECT_EQ(command_line_of(record("EXECVE", "argc=0") + record("PROCTITLE", "proctitle=\"arp\"")), "arp");
  EXPECT_EQ(command_line_of(record("SYSCALL", "a0=1")), "(absent)");
}

TEST(Auditd, CutsACommandLineThatNoKernelAllows) {
  std::string log;
  for (int i = 0; i < 10; ++i) log += record("EXECVE", fmt::format("a{}=\"{}\"", i, std::string(1'000'000, 'x')));
  EXPECT_EQ(command_line_of(log).size(), std::size_t{8} * 1024 * 1024);
}

TEST(Auditd, ReadsMessagesOfUserSpacePrograms) {
  const ReadEvent event = only_event(
      record("USER_AUTH",
             "pid=2124 uid=0 msg='op=PAM:authentication acct=\"root\" exe=\"/usr/bin/su\" hostname=? addr=1.2.3.4 "
             "terminal=ssh res=failed'\x1d"
             "UID=\"root\""));
  EXPECT_EQ(event.value("op"), "PAM:authentication");
  EXPECT_EQ(event.value("acct"), "root");
  EXPECT_EQ(event.value("addr"), "1.2.3.4");
  EXPECT_EQ(event.value("res"), "failed");
  EXPECT_EQ(event.value("UID"), "root");
  const ReadEvent command = only_event(record("USER_CMD", "msg='cwd=\"/it's\" cmd=6C73202D6C terminal=? res=success'"));
  EXPECT_EQ(command.value("cwd"), "/it's");
  EXPECT_EQ(command.value("cmd"), "ls -l");
  const ReadEvent old = only_event(record(
      "USER_AUTH",
      "msg='PAM: authentication acct=\"x\" : exe=\"/sshd\" (hostname=?, addr=10.0.0.1, terminal=ssh res=failed)'"));
  EXPECT_EQ(old.value("hostname"), "?");
  EXPECT_EQ(old.value("addr"), "10.0.0.1");
  EXPECT_EQ(old.value("res"), "failed");
}

TEST(Auditd, ReadsDecisionsOfSelinux) {
  const ReadEvent event = only_event(record("AVC", "avc:  denied  { read write } for  pid=27 comm=\"ls\" tclass=file"));
  EXPECT_EQ(event.value("seresult"), "denied");
  EXPECT_THAT(event.values("seperms"), ElementsAre("read", "write"));
  EXPECT_EQ(event.value("comm"), "ls");
}

TEST(Auditd, ReadsSocketAddresses) {
  const ReadEvent inet = only_event(record("SOCKADDR", "saddr=020001BB01020304"));
  EXPECT_EQ(inet.value("laddr"), "1.2.3.4");
  EXPECT_EQ(inet.value("lport"), "443");
  EXPECT_EQ(
      only_event(record("SOCKADDR", "saddr=0A00005000000000FE8000000000000000000000000000AB00000000")).value("laddr"),
      "fe80:0:0:0:0:0:0:ab");
  EXPECT_EQ(only_event(record("SOCKADDR", "saddr=01002F72756E2F7800")).value("path"), "/run/x");
  const ReadEvent enriched = only_event(record("SOCKADDR",
                                               "saddr=0100\x1d"
                                               "SADDR={ saddr_fam=inet laddr=9.8.7.6 lport=22 }"));
  EXPECT_EQ(enriched.value("laddr"), "9.8.7.6");
}

TEST(Auditd, ReadsOtherHeads) {
  EXPECT_EQ(only_event("node=web1 type=CWD msg=audit(1.5:9): cwd=\"/\"\n").value("node"), "web1");
  EXPECT_EQ(only_event("Jan  2 x kernel: audit: type=1400 audit(1.5:9): apparmor=\"DENIED\"\n").value("type"), "AVC");
  EXPECT_EQ(only_event("type=UNKNOWN[1323] msg=audit(1.5:9): fd=6\n").value("type"), "MMAP");
  EXPECT_EQ(only_event("----\ntime->Tue Nov 10\ntype=CWD msg=audit(1.5:9): cwd=\"/\"\r\n\n").value("cwd"), "/");
}

TEST(Auditd, TellsEventsOfOneSerialApartByTimeAndNode) {
  const ReadResult result = read_events(kAuditd,
                                        "type=A msg=audit(1.0:9): x=1\ntype=A msg=audit(2.0:9): x=2\n"
                                        "node=b type=A msg=audit(1.0:9): x=3\ntype=B msg=audit(1.0:9): y=4\n");
  ASSERT_EQ(result.events.size(), 3U);
  EXPECT_EQ(result.events[0].value("y"), "4");
}

TEST(Auditd, RejectsLinesWithoutTypeOrStamp) {
  const ReadResult result =
      read_events(kAuditd,
                  "type=A msg=audit(1.0): x\nmsg=audit(1.0:1): x\ntype= msg=audit(1.0:2): x\nfree text\n"
                  "type=A msg=audit(1.0:3):\n");
  EXPECT_EQ(result.events.size(), 1U);
  EXPECT_EQ(result.rejects.size(), 4U);
  EXPECT_EQ(result.records, 5U);
  EXPECT_EQ(result.events[0].number, 4U);
}

TEST(Auditd, NeverSeparatesRecordsThatInterleave) {
  // Up to ten events are open at a time; each has a SYSCALL and five PATH records.
  std::mt19937 random(1);
  struct Open {
    int serial;
    int left;
  };
  std::vector<Open> open;
  std::string log;
  constexpr int kEvents = 2'000;
  for (int next = 0; next < kEvents || !open.empty();) {
    if (next < kEvents && open.size() < 10) open.push_back({next++, 6});
    const std::size_t i = random() % open.size();
    log += open[i].left == 6 ? record("SYSCALL", "a0=1", open[i].serial)
                             : record("PATH", fmt::format("name=\"/{}\"", open[i].left), open[i].serial);
    if (--open[i].left == 0) open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const std::size_t step : {std::size_t{500}, std::size_t{40'000}, std::size_t{300'000}, log.size()}) {
    const ReadResult result = read_events(kAuditd, log, {}, step);
    ASSERT_EQ(result.events.size(), static_cast<std::size_t>(kEvents));
    for (const ReadEvent& event : result.events)
      ASSERT_THAT(event.values("name"), ElementsAre("/5", "/4", "/3", "/2", "/1"));
  }
}

TEST(Auditd, BearsHostileLines) {
  // Messages in messages, more values than any event has, malformed UTF-8, NUL bytes, half of a hexadecimal digit pair.
  std::string nested;
  for (int i = 0; i < 200'000; ++i) nested += "msg='";
  EXPECT_EQ(read_events(kAuditd, record("USER_CMD", nested)).events.size(), 1U);
  std::string pairs;
  for (int i = 0; i < 200'000; ++i) pairs += "k=v ";
  EXPECT_LT(only_event(record("SYSCALL", pairs)).fields.size(), 66'000U);
  EXPECT_EQ(only_event(record("CWD", "cwd=\"/\xFF\"")).value("cwd"), "/\xEF\xBF\xBD");
  EXPECT_EQ(only_event(record("CWD", std::string("cwd=\"/\0x\"", 9))).value("cwd"), std::string("/\0x", 3));
  EXPECT_EQ(only_event(record("PROCTITLE", "proctitle=414")).value("proctitle"), "414");
  EXPECT_EQ(only_event(record("SOCKADDR", "saddr=0A00")).value("saddr"), "0A00");
  EXPECT_EQ(read_events(kAuditd, record("CWD", std::string(kRecordBytesMax, 'x'))).rejects[0].reason, kTooLong);
}

TEST(Auditd, IsRecognised) {
  EXPECT_EQ(kAuditd.detect(record("CWD", "cwd=\"/\""), "").confidence, Confidence::certain);
  EXPECT_EQ(kAuditd.detect("type=fruit name=apple\n", "").confidence, Confidence::none);
  EXPECT_EQ(kAuditd.detect("{\"type\": \"x\"}\n", "").confidence, Confidence::none);
}

std::string shared_file(const std::string& name) {
  std::ifstream file(shared_data_folder() + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AuditdRealFiles, AreRead) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  const ReadResult arp = read_events(kAuditd, shared_file("linux/otrf/sh_arp_cache_2020-11-10074812.log"));
  EXPECT_TRUE(arp.rejects.empty());
  EXPECT_EQ(arp.events.at(0).value("proctitle"), "arp -a");
  const ReadResult enriched = read_events(kAuditd, shared_file("formats/plaso/audit_enriched.log"));
  EXPECT_TRUE(enriched.rejects.empty());
  for (const ReadEvent& event : enriched.events) EXPECT_TRUE(event.time.has_value());
  const ReadResult selinux = read_events(kAuditd, shared_file("formats/plaso/selinux.log"));
  EXPECT_EQ(selinux.rejects.size(), 4U);
}

}  // namespace
}  // namespace weir::formats
