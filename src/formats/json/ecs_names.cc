#include "formats/json/ecs_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"

namespace weir::formats::json {
namespace {

enum class Log : std::uint8_t {
  sysmon,
  process_start,  // Security, event 4688.
  security,       // Any other event of it.
  script_block,   // PowerShell, event 4104.
  none,
};

// What becomes of a value whose field was taken apart.
enum class Part : std::uint8_t { none, hash, user_name, user_domain, direction, data, data_type, dns_status };

constexpr std::uint32_t kAllEvents = ~0U;

constexpr std::uint32_t events(std::initializer_list<unsigned> ids) {
  std::uint32_t bits = 0;
  for (const unsigned id : ids) bits |= 1U << id;
  return bits;
}

struct Naming {
  std::string_view ecs;
  std::string_view sigma;  // May be empty: the value is a part of a field only.
  Log log = Log::sysmon;
  std::uint32_t events = kAllEvents;  // Of Sysmon, by their ids.
  Part part = Part::none;
};

constexpr std::uint32_t kOfTwoProcesses = events({8, 10});
constexpr std::uint32_t kOfLoadedImages = events({6, 7});

// The namings of one ECS name stand together; the first that fits the event counts (Winlogbeat's ingest pipelines of
// its modules sysmon, security and powershell; Sysmon's schema for the fields that each event has).
constexpr auto kNamings = std::to_array<Naming>({
    {"process.executable", "SourceImage", Log::sysmon, kOfTwoProcesses},
    {"process.executable", "Destination", Log::sysmon, events({20})},
    {"process.executable", "Image"},
    {"process.executable", "NewProcessName", Log::process_start},
    {"process.executable", "ProcessName", Log::security},
    {"process.command_line", "CommandLine"},
    {"process.command_line", "CommandLine", Log::process_start},
    {"process.working_directory", "CurrentDirectory"},
    {"process.entity_id", "SourceProcessGuid", Log::sysmon, events({8})},
    {"process.entity_id", "SourceProcessGUID", Log::sysmon, events({10})},
    {"process.entity_id", "ProcessGuid"},
    {"process.pid", "SourceProcessId", Log::sysmon, kOfTwoProcesses},
    {"process.pid", "ProcessId"},
    {"process.pid", "NewProcessId", Log::process_start},
    {"process.pid", "ProcessId", Log::security},
    {"process.thread.id", "SourceThreadId", Log::sysmon, kOfTwoProcesses},
    {"process.parent.executable", "ParentImage"},
    {"process.parent.executable", "ParentProcessName", Log::process_start},
    {"process.parent.command_line", "ParentCommandLine"},
    {"process.parent.entity_id", "ParentProcessGuid"},
    {"process.parent.pid", "ParentProcessId"},
    {"process.parent.pid", "ProcessId", Log::process_start},
    {"process.pe.original_file_name", "OriginalFileName"},
    {"process.pe.company", "Company"},
    {"process.pe.description", "Description"},
    {"process.pe.product", "Product"},
    {"process.pe.file_version", "FileVersion"},
    {"process.pe.imphash", "Imphash", Log::sysmon, kAllEvents, Part::hash},
    {"process.hash.md5", "", Log::sysmon, kAllEvents, Part::hash},
    {"process.hash.sha1", "", Log::sysmon, kAllEvents, Part::hash},
    {"process.hash.sha256", "", Log::sysmon, kAllEvents, Part::hash},
    {"process.hash.imphash", "Imphash", Log::sysmon, kAllEvents, Part::hash},
    {"file.path", "ImageLoaded", Log::sysmon, kOfLoadedImages},
    {"file.path", "Device", Log::sysmon, events({9})},
    {"file.path", "TargetFilename"},
    {"file.path", "Path", Log::script_block},
    {"file.name", "PipeName", Log::sysmon, events({17, 18})},
    {"file.code_signature.subject_name", "Signature"},
    {"file.code_signature.status", "SignatureStatus"},
    {"file.code_signature.signed", "Signed"},
    {"file.pe.original_file_name", "OriginalFileName"},
    {"file.pe.company", "Company"},
    {"file.pe.description", "Description"},
    {"file.pe.product", "Product"},
    {"file.pe.file_version", "FileVersion"},
    {"file.pe.imphash", "Imphash", Log::sysmon, kAllEvents, Part::hash},
    {"file.hash.md5", "", Log::sysmon, kAllEvents, Part::hash},
    {"file.hash.sha1", "", Log::sysmon, kAllEvents, Part::hash},
    {"file.hash.sha256", "", Log::sysmon, kAllEvents, Part::hash},
    {"file.hash.imphash", "Imphash", Log::sysmon, kAllEvents, Part::hash},
    {"registry.path", "TargetObject"},
    {"registry.data.strings", "", Log::sysmon, kAllEvents, Part::data},
    {"registry.data.type", "", Log::sysmon, kAllEvents, Part::data_type},
    {"network.transport", "Protocol", Log::sysmon, events({3})},
    {"network.direction", "", Log::sysmon, events({3}), Part::direction},
    {"source.ip", "SourceIp"},
    {"source.ip", "IpAddress", Log::security},
    {"source.port", "SourcePort"},
    {"source.port", "IpPort", Log::security},
    {"source.domain", "SourceHostname"},
    {"source.domain", "WorkstationName", Log::security},
    {"destination.ip", "DestinationIp"},
    {"destination.port", "DestinationPort"},
    {"destination.domain", "DestinationHostname"},
    {"dns.question.name", "QueryName"},
    {"dns.answers.data", "QueryResults"},
    {"sysmon.dns.status", "", Log::sysmon, kAllEvents, Part::dns_status},
    {"sysmon.file.archived", "Archived"},
    {"sysmon.file.is_executable", "IsExecutable"},
    {"rule.name", "RuleName"},
    {"user.name", "", Log::sysmon, kAllEvents, Part::user_name},
    {"user.domain", "", Log::sysmon, kAllEvents, Part::user_domain},
    {"service.name", "ServiceName", Log::security},
    {"powershell.file.script_block_text", "ScriptBlockText", Log::script_block},
    {"powershell.file.script_block_id", "ScriptBlockId", Log::script_block},
});
static_assert(kNamings.size() < 256);

struct Event {
  Log log = Log::none;
  std::uint32_t bit = 0;  // Of Sysmon's id.
};

Event event_of(const event::Logsource& source, std::string_view event_id) {
  unsigned id = 0;
  const auto [end, error] = std::from_chars(event_id.data(), event_id.data() + event_id.size(), id);
  if (error != std::errc() || end != event_id.data() + event_id.size()) return {};
  for (const std::string& service : source.services) {
    if (service == "sysmon") return {Log::sysmon, id < 32 ? 1U << id : 0};
    if (service == "security") return {id == 4688 ? Log::process_start : Log::security};
    if (service == "powershell" && id == 4104) return {Log::script_block};
  }
  return {};
}

bool fits(const Naming& naming, const Event& event) {
  if (naming.log != event.log) return false;
  return naming.log != Log::sysmon || naming.events == kAllEvents || (naming.events & event.bit) != 0;
}

// The first naming of a name that fits; null: none does.
const Naming* naming_for(std::uint8_t number, const Event& event) {
  const std::string_view name = kNamings[number - 1].ecs;
  for (std::size_t i = number - 1; i < kNamings.size() && kNamings[i].ecs == name; ++i) {
    if (fits(kNamings[i], event)) return &kNamings[i];
  }
  return nullptr;
}

// What Sysmon wrote before the shipper read the number.
std::string details(std::string_view type, std::string_view data) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(data.data(), data.data() + data.size(), number);
  const bool is_number = error == std::errc() && end == data.data() + data.size();
  if (is_number && type.ends_with("_DWORD")) return fmt::format("DWORD (0x{:08x})", number);
  if (is_number && type.ends_with("_QWORD")) {
    return fmt::format("QWORD (0x{:08x}-0x{:08x})", number >> 32, number & 0xFFFF'FFFF);
  }
  return std::string(data);
}

}  // namespace

// Empty: the event has it not.
struct EcsNames::Parts {
  std::string hashes;
  std::string_view user_name;
  std::string_view user_domain;
  std::string_view direction;
  std::optional<std::string_view> data;
  std::string_view data_type;
  std::string_view dns_status;

  void take(const Naming& naming, std::string_view text) {
    switch (naming.part) {
      case Part::none: break;
      case Part::hash:
        hashes += hashes.empty() ? "" : ",";
        hashes += upper(naming.ecs.substr(naming.ecs.rfind('.') + 1)) + "=" + upper(text);
        break;
      case Part::user_name: user_name = text; break;
      case Part::user_domain: user_domain = text; break;
      case Part::direction: direction = text; break;
      case Part::data: data = data.value_or(text); break;
      case Part::data_type: data_type = text; break;
      case Part::dns_status: dns_status = text; break;
    }
  }
};

std::uint8_t EcsNames::number_of(std::string_view name) {
  static const std::unordered_map<std::string_view, std::uint8_t> kNumbers = [] {
    std::unordered_map<std::string_view, std::uint8_t> numbers;
    for (std::size_t i = 0; i < kNamings.size(); ++i) {
      numbers.try_emplace(kNamings[i].ecs, static_cast<std::uint8_t>(i + 1));
    }
    return numbers;
  }();
  const auto found = kNumbers.find(name);
  return found == kNumbers.end() ? std::uint8_t{0} : found->second;
}

EcsNames::EcsNames(const event::FieldTable& table)
    : hashes_(table.find("Hashes")),
      user_(table.find("User")),
      details_(table.find("Details")),
      initiated_(table.find("Initiated")),
      query_status_(table.find("QueryStatus")),
      seen_(table.size()) {
  for (const Naming& naming : kNamings) {
    targets_.push_back(naming.sigma.empty() ? nullptr : table.find(naming.sigma));
  }
}

bool EcsNames::add_cells(const event::Logsource& source, std::string_view event_id, event::Batch& batch) {
  verbatim_ = true;
  const Event event = event_of(source, event_id);
  if (event.log == Log::none) return true;
  see(batch);
  Parts parts;
  for (const Noted& noted : noted_) {
    const Naming* const naming = naming_for(noted.number, event);
    if (naming == nullptr) continue;
    event::Cell& cell = batch.open_cells()[noted.cell];
    if (cell.kind == event::ValueKind::null) continue;
    if (naming->part != Part::none) parts.take(*naming, batch.text(cell));
    const event::Field* const target = targets_[static_cast<std::size_t>(naming - kNamings.data())];
    if (is_wanted(target)) {
      const event::Cell copy = batch.open_cells()[noted.cell];  // Adding may move the cells.
      batch.add(target, copy.kind, {copy.data, copy.size}, copy.escaped);
    }
  }
  put_together(parts, batch);
  return verbatim_;
}

// Notes which fields the event has by itself.
void EcsNames::see(event::Batch& batch) {
  if (++event_ == 0) {
    std::ranges::fill(seen_, 0U);
    event_ = 1;
  }
  for (const event::Cell& cell : batch.open_cells()) {
    if (cell.kind == event::ValueKind::null) continue;
    if (cell.field->id.value < seen_.size()) seen_[cell.field->id.value] = event_;
  }
}

void EcsNames::put_together(const Parts& parts, event::Batch& batch) {
  if (!parts.hashes.empty()) add_text(hashes_, parts.hashes, batch);
  if (!parts.user_name.empty()) {
    const std::string_view separator = parts.user_domain.empty() ? "" : "\\";
    add_text(user_, fmt::format("{}{}{}", parts.user_domain, separator, parts.user_name), batch);
  }
  if (parts.data) add_text(details_, details(parts.data_type, *parts.data), batch);
  // Up to version 7 it wrote outbound and inbound.
  if (parts.direction == "egress" || parts.direction == "outbound") add_text(initiated_, "true", batch);
  if (parts.direction == "ingress" || parts.direction == "inbound") add_text(initiated_, "false", batch);
  if (parts.dns_status == "SUCCESS") add_text(query_status_, "0", batch);
}

void EcsNames::add_text(const event::Field* field, std::string_view text, event::Batch& batch) {
  if (!is_wanted(field)) return;
  batch.add(field, event::ValueKind::string, batch.arena().copy(text));
  verbatim_ = false;
}

}  // namespace weir::formats::json
