// Makes an .evtx file of full chunks for benchmarks: Sysmon and Security events in the proportions of a busy host, with
// GUIDs, process ids, users and command lines from a seed.
//
//   make_evtx BYTES SEED > events.evtx
//
// Prints how many records the file holds on the standard error stream.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "event/time.h"
#include "formats/evtx/testing/evtx_writer.h"
#include "traffic/random.h"
#include "traffic/render.h"
#include "traffic/vocabulary.h"

namespace weir {
namespace {

using namespace formats::evtx;
using traffic::Random;

// Programs as they are really started, so that few rules fire: alerts would be measured, not matching.
struct Program {
  std::string_view folder, name, original_name, arguments, parent;
};
constexpr std::array<Program, 8> kPrograms = {{
    {"C:\\Windows\\System32\\", "svchost.exe", "svchost.exe", "-k netsvcs -p -s Schedule",
     "C:\\Windows\\System32\\services.exe"},
    {"C:\\Windows\\System32\\", "taskhostw.exe", "taskhostw.exe", "Install", "C:\\Windows\\System32\\svchost.exe"},
    {"C:\\Windows\\System32\\", "backgroundTaskHost.exe", "backgroundTaskHost.exe", "-ServerName:App.AppX.mca",
     "C:\\Windows\\System32\\svchost.exe"},
    {"C:\\Windows\\System32\\", "SearchProtocolHost.exe", "SearchProtocolHost.exe", "Global\\UsGthrFltPipeMssGthrPipe",
     "C:\\Windows\\System32\\SearchIndexer.exe"},
    {"C:\\Windows\\System32\\", "notepad.exe", "NOTEPAD.EXE", "C:\\Projects\\notes.txt", "C:\\Windows\\explorer.exe"},
    {"C:\\Program Files\\Google\\Chrome\\Application\\", "chrome.exe", "chrome.exe", "--type=renderer --lang=en-US",
     "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"},
    {"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\", "msedge.exe", "msedge.exe",
     "--type=gpu-process --no-first-run", "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe"},
    {"C:\\Program Files\\Microsoft Office\\root\\Office16\\", "WINWORD.EXE", "WinWord.exe",
     "/n C:\\Projects\\report.docx", "C:\\Windows\\explorer.exe"},
}};
constexpr std::array<std::string_view, 6> kLibraries = {"ntdll.dll",   "kernel32.dll", "amsi.dll",
                                                        "combase.dll", "wininet.dll",  "bcrypt.dll"};
constexpr std::array<std::string_view, 4> kRegistryKeys = {
    "HKLM\\System\\CurrentControlSet\\Services\\", "HKCU\\Software\\Microsoft\\Office\\16.0\\Word\\",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\", "HKU\\.DEFAULT\\Software\\Classes\\"};

class EventMaker {
 public:
  explicit EventMaker(std::uint64_t seed) : random_(seed) {}

  EventDescription next() {
    file_time_ += random_.below(40'000);  // Units of 100 ns.
    const std::uint32_t draw = random_.below(100);
    if (draw < 25) return process_creation();
    if (draw < 50) return registry_value();
    if (draw < 70) return library_load();
    if (draw < 82) return connection();
    return logon();
  }

 private:
  EventDescription event(std::uint16_t id, std::string_view provider, std::string_view channel) {
    EventDescription made;
    made.provider = provider;
    made.channel = channel;
    made.computer = fmt::format("ws{:04}.corp.example", random_.below(2'000));
    made.event_id = id;
    made.file_time = file_time_;
    return made;
  }

  EventDescription sysmon(std::uint16_t id, const Program& program) {
    EventDescription made = event(id, "Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational");
    constexpr std::uint64_t k1601To1970 = 116'444'736'000'000'000;
    std::string time;
    traffic::append_blank_time(time, event::EventTime(std::chrono::microseconds((file_time_ - k1601To1970) / 10)));
    made.data = {{"RuleName", text_value("-")},
                 {"UtcTime", text_value(time)},
                 {"ProcessGuid", guid()},
                 {"ProcessId", number()},
                 {"Image", text_value(path_of(program))}};
    return made;
  }

  EventDescription process_creation() {
    const Program& program = random_.pick(kPrograms);
    EventDescription made = sysmon(1, program);
    const std::string owner = user();
    add(made, {{"FileVersion", text_value("10.0.19041.1 (WinBuild.160101.0800)")},
               {"Description", text_value("A program of the system")},
               {"Product", text_value("Microsoft Windows Operating System")},
               {"Company", text_value("Microsoft Corporation")},
               {"OriginalFileName", text_value(program.original_name)},
               {"CommandLine", text_value(command_line(path_of(program), program.arguments))},
               {"CurrentDirectory", text_value("C:\\Windows\\system32\\")},
               {"User", text_value(owner)},
               {"LogonGuid", guid()},
               {"LogonId", number_value<std::uint64_t>(ValueType::hex64, random_.below(1 << 24))},
               {"TerminalSessionId", number_value<std::uint32_t>(ValueType::uint32, 1)},
               {"IntegrityLevel", text_value("Medium")},
               {"Hashes", text_value(hashes())},
               {"ParentProcessGuid", guid()},
               {"ParentProcessId", number()},
               {"ParentImage", text_value(program.parent)},
               {"ParentCommandLine", text_value(command_line(program.parent, ""))},
               {"ParentUser", text_value(owner)}});
    return made;
  }

  EventDescription registry_value() {
    EventDescription made = sysmon(13, random_.pick(kPrograms));
    add(made, {{"EventType", text_value("SetValue")},
               {"TargetObject", text_value(fmt::format("{}{:08x}\\Start", random_.pick(kRegistryKeys), word()))},
               {"Details", text_value(fmt::format("DWORD (0x{:08x})", word()))},
               {"User", text_value(user())}});
    return made;
  }

  EventDescription library_load() {
    EventDescription made = sysmon(7, random_.pick(kPrograms));
    add(made, {{"ImageLoaded", text_value(fmt::format("C:\\Windows\\System32\\{}", random_.pick(kLibraries)))},
               {"FileVersion", text_value("10.0.19041.1 (WinBuild.160101.0800)")},
               {"Description", text_value("A library of the system")},
               {"Product", text_value("Microsoft Windows Operating System")},
               {"Company", text_value("Microsoft Corporation")},
               {"OriginalFileName", text_value(random_.pick(kLibraries))},
               {"Hashes", text_value(hashes())},
               {"Signed", text_value("true")},
               {"Signature", text_value("Microsoft Windows")},
               {"SignatureStatus", text_value("Valid")},
               {"User", text_value(user())}});
    return made;
  }

  EventDescription connection() {
    EventDescription made = sysmon(3, kPrograms[5 + random_.below(2)]);
    add(made, {{"User", text_value(user())},
               {"Protocol", text_value("tcp")},
               {"Initiated", text_value("true")},
               {"SourceIp", text_value(fmt::format("10.{}.{}.{}", byte(), byte(), byte()))},
               {"SourcePort", number_value<std::uint16_t>(ValueType::uint16, static_cast<std::uint16_t>(word()))},
               {"DestinationIp", text_value(fmt::format("203.0.113.{}", byte()))},
               {"DestinationHostname", text_value(random_.pick(traffic::all_sites()).host)},
               {"DestinationPort", number_value<std::uint16_t>(ValueType::uint16, 443)}});
    return made;
  }

  EventDescription logon() {
    EventDescription made = event(4624, "Microsoft-Windows-Security-Auditing", "Security");
    made.data = {{"SubjectUserName", text_value(user())},
                 {"SubjectLogonId", number_value<std::uint64_t>(ValueType::hex64, 0x3e7)},
                 {"TargetUserName", text_value(user())},
                 {"TargetDomainName", text_value("CORP")},
                 {"TargetLogonId", number_value<std::uint64_t>(ValueType::hex64, word())},
                 {"LogonType", number_value<std::uint32_t>(ValueType::uint32, random_.chance(700) ? 3 : 5)},
                 {"LogonProcessName", text_value("Kerberos")},
                 {"AuthenticationPackageName", text_value("Kerberos")},
                 {"WorkstationName", text_value(fmt::format("WS{:04}", random_.below(2'000)))},
                 {"LogonGuid", guid()},
                 {"ProcessId", number()},
                 {"ProcessName", text_value(path_of(random_.pick(kPrograms)))},
                 {"IpAddress", text_value(fmt::format("10.{}.{}.{}", byte(), byte(), byte()))},
                 {"IpPort", text_value(fmt::format("{}", random_.between(49'152, 65'535)))}};
    return made;
  }

  static void add(EventDescription& made, std::vector<std::pair<std::string, TypedValue>> more) {
    for (auto& field : more) made.data.push_back(std::move(field));
  }

  std::uint32_t word() { return static_cast<std::uint32_t>(random_.next() >> 32); }
  std::uint32_t byte() { return random_.below(256); }
  TypedValue number() { return number_value<std::uint32_t>(ValueType::uint32, 4 + random_.below(30'000)); }
  TypedValue guid() {
    std::string bytes(16, '\0');
    for (char& c : bytes) c = static_cast<char>(byte());
    return raw_value(ValueType::guid, bytes);
  }
  static std::string path_of(const Program& program) { return fmt::format("{}{}", program.folder, program.name); }
  std::string user() { return fmt::format("CORP\\{}{}", random_.pick(traffic::last_names()), random_.below(20)); }
  std::string command_line(std::string_view path, std::string_view arguments) {
    return fmt::format("\"{}\" {} {:08x}.tmp {}", path, arguments, word(), random_.below(1'000));
  }
  std::string hashes() {
    return fmt::format("SHA256={:016X}{:016X}{:016X}{:016X}", random_.next(), random_.next(), random_.next(),
                       random_.next());
  }

  Random random_;
  std::uint64_t file_time_ = 134'000'000'000'000'000;  // 2025-08-19
};

int run(std::uint64_t wanted, std::uint64_t seed) {
  EventMaker maker(seed);
  EvtxWriter writer;
  std::uint64_t records = 0;
  for (; writer.written() < wanted; ++records) writer.add(maker.next());
  const std::string file = writer.finish();
  std::fprintf(stderr, "%llu records\n", static_cast<unsigned long long>(records));
  return std::fwrite(file.data(), 1, file.size(), stdout) == file.size() && std::fflush(stdout) == 0 ? 0 : 4;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_evtx BYTES SEED\n");
    return 3;
  }
  return weir::run(std::strtoull(argv[1], nullptr, 10), std::strtoull(argv[2], nullptr, 10));
}
