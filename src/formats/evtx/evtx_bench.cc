// Parsing alone: chunks in memory to batches. Sysmon-like process creations, and a mix of many templates.

#include <random>

#include <benchmark/benchmark.h>

#include "formats/evtx/chunk.h"
#include "formats/evtx/evtx.h"
#include "formats/evtx/testing/evtx_writer.h"

namespace weir::formats {
namespace {

using namespace evtx;

EventDescription process_creation(std::mt19937& random) {
  const auto pid = [&random] { return number_value<std::uint32_t>(ValueType::uint32, random() % 30'000); };
  const auto guid = [&random] {
    std::string bytes(16, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    return raw_value(ValueType::guid, bytes);
  };
  EventDescription event;
  event.data = {{"RuleName", text_value("-")},
                {"UtcTime", text_value("2024-01-17 10:20:30.123")},
                {"ProcessGuid", guid()},
                {"ProcessId", pid()},
                {"Image", text_value("C:\\Windows\\System32\\conhost.exe")},
                {"FileVersion", text_value("10.0.19041.1 (WinBuild.160101.0800)")},
                {"Description", text_value("Console Window Host")},
                {"Product", text_value("Microsoft Windows Operating System")},
                {"Company", text_value("Microsoft Corporation")},
                {"OriginalFileName", text_value("CONHOST.EXE")},
                {"CommandLine", text_value(fmt::format("\\??\\C:\\Windows\\system32\\conhost.exe 0x{:x}", random()))},
                {"CurrentDirectory", text_value("C:\\Windows\\system32\\")},
                {"User", text_value("NT AUTHORITY\\SYSTEM")},
                {"LogonGuid", guid()},
                {"LogonId", number_value<std::uint64_t>(ValueType::hex64, 0x3e7)},
                {"TerminalSessionId", number_value<std::uint32_t>(ValueType::uint32, 1)},
                {"IntegrityLevel", text_value("System")},
                {"Hashes", text_value("SHA256=1F1D918EC49E0B7C59B704FF412E1A6E224DA81C08CDA657E1CB482ABAAC146C")},
                {"ParentProcessGuid", guid()},
                {"ParentProcessId", pid()},
                {"ParentImage", text_value("C:\\Windows\\System32\\cmd.exe")},
                {"ParentCommandLine", text_value("cmd.exe /c whoami")},
                {"ParentUser", text_value("NT AUTHORITY\\SYSTEM")}};
  return event;
}

// Another EventID with fields of its own, so that every chunk defines many templates.
EventDescription one_of_many(std::mt19937& random) {
  EventDescription event;
  event.provider = "Microsoft-Windows-Security-Auditing";
  event.channel = "Security";
  event.event_id = static_cast<std::uint16_t>(4'600 + random() % 40);
  for (const char* name : {"SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId", "TargetUserName",
                           "TargetDomainName", "Status", "FailureReason", "LogonType", "IpAddress"}) {
    event.data.emplace_back(fmt::format("{}{}", name, event.event_id), text_value("some value of this"));
  }
  return event;
}

template <typename Make>
void run(benchmark::State& state, const Make& make, std::size_t bytes_wanted) {
  std::mt19937 random(1);
  EvtxWriter writer;
  std::uint64_t records = 0;
  for (std::size_t bytes = 0; bytes < bytes_wanted; bytes += 1'000, ++records) writer.add(make(random));
  const std::string file = writer.finish() + std::string(kPadding, '\0');
  const std::string_view chunks =
      std::string_view(file).substr(kFileHeaderBytes, file.size() - kFileHeaderBytes - kPadding);
  const event::FieldTable table;
  const std::unique_ptr<Parser> parser = kEvtx.make_parser(table, {});
  event::Batch batch;
  std::uint64_t parsed = 0;
  constexpr std::size_t kPiece = 16 * kChunkBytes;
  for (auto _ : state) {
    for (std::size_t at = 0; at < chunks.size(); at += kPiece) {
      batch.clear();
      parser->parse({chunks.substr(at, kPiece), nullptr}, batch);
      parsed += batch.rows().size();
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(parsed));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * chunks.size()));
}

void process_creations(benchmark::State& state) {
  run(state, process_creation, 32 << 20);
}
void many_templates(benchmark::State& state) {
  run(state, one_of_many, 32 << 20);
}

BENCHMARK(process_creations)->Unit(benchmark::kMillisecond);
BENCHMARK(many_templates)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::formats
