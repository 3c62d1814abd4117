#define XXH_INLINE_ALL
#include "event/alert.h"

#include <algorithm>

#include <fmt/format.h>
#include <xxhash.h>

#include "base/json_text.h"
#include "base/text.h"

namespace weir::event {
namespace {

void write_time(JsonWriter& json, std::string_view key, const std::optional<EventTime>& time) {
  json.key(key);
  if (time) {
    json.string(format_time(*time));
  } else {
    json.null();
  }
}

void write_rule(JsonWriter& json, const AlertRule& rule) {
  json.key("rule").begin_object();
  json.key("id").string(rule.id).key("title").string(rule.title).key("level").string(rule.level);
  json.key("author").string(rule.author).key("version").string(rule.version);
  json.key("tags").begin_array();
  for (const std::string& tag : rule.tags) json.string(tag);
  json.end_array().end_object();
}

void write_event(JsonWriter& json, const AlertEvent& event) {
  json.begin_object().key("source").string(event.source);
  json.key("partition").number(std::int64_t{event.partition});
  json.key("offset").number(static_cast<std::int64_t>(event.offset));
  write_time(json, "time", event.time);
  json.key("fields").raw(event.fields).key("raw").string(event.raw).end_object();
}

// A JSON number has no leading zeros and no bare sign; what a log calls a number may.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
  if (text.size() > 1 && text.front() == '0' && is_digit(text[1])) return false;
  return parse_double(text).has_value();
}

void write_value(JsonWriter& json, Batch& batch, Cell& cell) {
  const std::string_view text = batch.text(cell);
  switch (cell.kind) {
    case ValueKind::null: json.null(); return;
    case ValueKind::number:
      if (is_json_number(text)) {
        json.raw(text);
        return;
      }
      break;
    case ValueKind::boolean: json.boolean(text == "true"); return;
    case ValueKind::string:
    case ValueKind::json: break;
  }
  json.string(text);
}

}  // namespace

std::string alert_id(std::string_view rule_id, const std::vector<std::pair<std::string, std::string>>& group,
                     std::string_view source, std::int32_t partition, std::uint64_t offset) {
  std::string key;
  const auto append = [&key](std::string_view part) {
    fmt::format_to(std::back_inserter(key), "{}:{}", part.size(), part);
  };
  append(rule_id);
  for (const auto& [name, value] : group) {
    append(name);
    append(value);
  }
  append(source);
  fmt::format_to(std::back_inserter(key), "/{}/{}", partition, offset);
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  return fmt::format("{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}", hash.high64 >> 32, hash.high64 >> 16 & 0xFFFF,
                     hash.high64 & 0xFFF, 0x8000 | (hash.low64 >> 48 & 0x3FFF), hash.low64 & 0xFFFF'FFFF'FFFF);
}

std::string to_json(const Alert& alert) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("id").string(alert.id).key("revision").number(std::int64_t{alert.revision});
  json.key("episode").string(alert.open ? "open" : "closed").key("final").boolean(alert.final);
  json.key("status").string(alert.status).key("kind").string(alert.kind);
  write_time(json, "time", alert.time);
  write_rule(json, alert.rule);
  json.key("group").begin_object();
  for (const auto& [name, value] : alert.group) json.key(name).string(value);
  json.end_object().key("window").begin_object();
  write_time(json, "start", alert.window_start);
  write_time(json, "end", alert.window_end);
  json.key("count").number(static_cast<std::int64_t>(alert.window_count)).end_object();
  json.key("events").begin_array();
  for (const AlertEvent& event : alert.events) write_event(json, event);
  json.end_array().key("why").begin_array();
  for (const AlertReason& reason : alert.why) {
    json.begin_object().key("field").string(reason.field).key("value").string(reason.value);
    json.key("matched").string(reason.matched).end_object();
  }
  json.end_array().end_object();
  return out;
}

std::string fields_to_json(Batch& batch, const Row& row) {
  std::string out;
  JsonWriter json(out);
  const std::span<Cell> cells = batch.cells(row);
  const auto same_field = [](const Cell& a, const Cell& b) {
    return a.field == b.field || (a.field->name.size() == b.field->name.size() && a.field->name == b.field->name);
  };
  json.begin_object();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto is_same = [&](const Cell& other) { return same_field(cells[i], other); };
    // A parent object is there for rules only: its members are cells of their own.
    if (cells[i].kind == ValueKind::json) continue;
    if (std::any_of(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(i), is_same)) continue;
    json.key(cells[i].field->name);
    const bool several = std::any_of(cells.begin() + static_cast<std::ptrdiff_t>(i) + 1, cells.end(), is_same);
    if (several) json.begin_array();
    for (Cell& cell : cells.subspan(i)) {
      if (is_same(cell)) write_value(json, batch, cell);
    }
    if (several) json.end_array();
  }
  json.end_object();
  return out;
}

}  // namespace weir::event
