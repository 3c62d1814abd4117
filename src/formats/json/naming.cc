#include "formats/json/naming.h"

#include <array>
#include <optional>
#include <utility>

namespace weir::formats::json {
namespace {

using Renaming = std::pair<std::string_view, std::string_view>;

// winlogbeat's names for what Windows calls otherwise (its documentation, "Winlogbeat fields").
constexpr auto kWinlog = std::to_array<Renaming>({
    {"winlog.event_id", "EventID"},
    {"winlog.channel", "Channel"},
    {"winlog.provider_name", "Provider_Name"},
    {"winlog.provider_guid", "Provider_Guid"},
    {"winlog.computer_name", "Computer"},
    {"winlog.record_id", "EventRecordID"},
    {"winlog.task", "Task"},
    {"winlog.opcode", "Opcode"},
    {"winlog.keywords", "Keywords"},
    {"winlog.version", "Version"},
    {"winlog.time_created", "TimeCreated_SystemTime"},
    {"winlog.activity_id", "Correlation_ActivityID"},
    {"winlog.related_activity_id", "Correlation_RelatedActivityID"},
    {"winlog.process.pid", "Execution_ProcessID"},
    {"winlog.process.thread.id", "Execution_ThreadID"},
    {"winlog.user.identifier", "Security_UserID"},
});

// Names at the top of an event that stand for another one too: winlogbeat before version 7.
constexpr auto kTopAliases = std::to_array<Renaming>({
    {"event_id", "EventID"},
    {"log_name", "Channel"},
    {"source_name", "Provider_Name"},
    {"computer_name", "Computer"},
    {"provider_guid", "Provider_Guid"},
});

// Zeek's names after a shipper replaced their dots.
constexpr auto kZeekIds = std::to_array<Renaming>({
    {"id_orig_h", "id.orig_h"},
    {"id_orig_p", "id.orig_p"},
    {"id_resp_h", "id.resp_h"},
    {"id_resp_p", "id.resp_p"},
});

template <std::size_t size>
std::string_view renamed(const std::array<Renaming, size>& table, std::string_view name) {
  for (const auto& [from, to] : table) {
    if (from == name) return to;
  }
  return {};
}

Place place(Level level, std::string name, std::string prefix) {
  return {.level = level, .name = std::move(name), .alias = {}, .prefix = std::move(prefix), .path = {}};
}

Place plain_place(std::string name) {
  std::string prefix = name + ".";
  return place(Level::plain, std::move(name), std::move(prefix));
}

// XML attributes in their JSON dresses: "#attributes": {…} (evtx_dump), "Provider_attributes": {…} (evtx_dump with
// separate attributes), "@Name": … (xmltodict).
std::optional<Place> attribute_place(std::string_view element, std::string_view key) {
  if (key == "#attributes") return place(Level::attributes, std::string(element), std::string(element) + "_");
  if (key.size() > 1 && key.front() == '@') return plain_place(std::string(element) + "_" + std::string(key.substr(1)));
  constexpr std::string_view kSuffix = "_attributes";
  if (key.size() > kSuffix.size() && key.ends_with(kSuffix)) {
    const std::string base(key.substr(0, key.size() - kSuffix.size()));
    return place(Level::attributes, base, base + "_");
  }
  return std::nullopt;
}

bool is_text_key(std::string_view key) {
  return key == "#text" || key == "Value" || key == "$";
}

Place below_root(std::string_view key) {
  if (key == "Event") return place(Level::event, "Event", "Event.");
  if (key == "System") return place(Level::system, "System", "");
  if (key == "EventData" || key == "event_data") return place(Level::event_data, std::string(key), "");
  if (key == "UserData" || key == "user_data") return place(Level::user_data, std::string(key), "");
  if (key == "winlog") return place(Level::winlog, "winlog", "winlog.");
  if (key == "_source") return place(Level::root, "_source", "");
  if (const std::string_view name = renamed(kZeekIds, key); !name.empty()) return plain_place(std::string(name));
  Place result = plain_place(std::string(key));
  result.alias = renamed(kTopAliases, key);
  return result;
}

Place below_event(std::string_view key) {
  if (key == "System") return place(Level::system, "System", "");
  if (key == "EventData") return place(Level::event_data, "EventData", "");
  if (key == "UserData") return place(Level::user_data, "UserData", "");
  if (key == "RenderingInfo") return place(Level::plain, "RenderingInfo", "RenderingInfo.");
  if (auto attribute = attribute_place("Event", key)) return *std::move(attribute);
  return plain_place("Event." + std::string(key));
}

Place below_winlog(const Place& parent, std::string_view key) {
  if (key == "event_data") return place(Level::event_data, "winlog.event_data", "");
  if (key == "user_data") return place(Level::event_data, "winlog.user_data", "");
  Place result = place(Level::winlog, parent.prefix + std::string(key), parent.prefix + std::string(key) + ".");
  if (const std::string_view name = renamed(kWinlog, result.name); !name.empty()) result.name = name;
  return result;
}

// Elements of System hold attributes and text only, so any key inside one is an attribute (Velociraptor writes them
// without a mark).
Place below_system_item(const Place& parent, std::string_view key) {
  if (is_text_key(key)) return plain_place(parent.name);
  if (auto attribute = attribute_place(parent.name, key)) return *std::move(attribute);
  return plain_place(parent.name + "_" + std::string(key));
}

Place below_data_list(std::string_view key) {
  if (is_text_key(key)) return plain_place("Data");
  if (key == "#attributes") return place(Level::data_attributes, "Data", "Data_");
  if (auto attribute = attribute_place("Data", key)) return *std::move(attribute);
  return plain_place("Data_" + std::string(key));
}

Place below_event_data_item(const Place& parent, std::string_view key) {
  if (key == "#text") return plain_place(parent.name);
  if (auto attribute = attribute_place(parent.name, key)) return *std::move(attribute);
  return plain_place(parent.prefix + std::string(key));
}

// `key` is one key, or one part of a key with dots.
Place below(const Place& parent, std::string_view key) {
  const std::string text(key);
  switch (parent.level) {
    case Level::root: return below_root(key);
    case Level::plain: return plain_place(parent.prefix + text);
    case Level::attributes:
    case Level::data_attributes: return plain_place(parent.prefix + text);
    case Level::event: return below_event(key);
    case Level::system:
      if (auto attribute = attribute_place("System", key)) return *std::move(attribute);
      return place(Level::system_item, text, text + ".");
    case Level::system_item: return below_system_item(parent, key);
    case Level::event_data:
      if (key == "Data") return place(Level::data_list, "Data", "Data.");
      if (auto attribute = attribute_place("EventData", key)) return *std::move(attribute);
      return place(Level::event_data_item, text, text + ".");
    case Level::event_data_item: return below_event_data_item(parent, key);
    case Level::data_list: return below_data_list(key);
    case Level::user_data:
      if (auto attribute = attribute_place("UserData", key)) return *std::move(attribute);
      return place(Level::user_data_item, text, text + ".");
    case Level::user_data_item:
      if (auto attribute = attribute_place(parent.name, key)) return *std::move(attribute);
      return place(Level::event_data_item, text, text + ".");
    case Level::winlog: return below_winlog(parent, key);
  }
  return plain_place(text);
}

// Exporters that flatten write whole paths as keys ("winlog.event_data.Image"); inside EventData a dot is the name's.
bool splits_at_dots(Level level) {
  return level == Level::root || level == Level::event || level == Level::winlog;
}

}  // namespace

Place place_below(const Place& parent, std::string_view key) {
  std::string path = parent.path.empty() ? std::string(key) : parent.path + "." + std::string(key);
  Place at = parent;
  while (splits_at_dots(at.level)) {
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == key.size()) break;
    at = below(at, key.substr(0, dot));
    key.remove_prefix(dot + 1);
  }
  at = below(at, key);
  at.path = std::move(path);
  return at;
}

}  // namespace weir::formats::json
