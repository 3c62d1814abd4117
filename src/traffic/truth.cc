#include <fmt/format.h>

#include "base/json_text.h"
#include "traffic/generate.h"

namespace weir::traffic {
namespace {

void write_records(JsonWriter& json, const Place& place) {
  json.key("file").string(file_of(place.source)).key("lines").begin_array();
  for (const std::uint64_t record : place.records) json.number(static_cast<std::int64_t>(record));
  json.end_array();
}

}  // namespace

std::string to_json_lines(const Truth& truth) {
  std::string out;
  for (const FoundAttack& found : truth.attacks) {
    JsonWriter json(out);
    json.begin_object();
    json.key("attack").string(found.attack.id);
    json.key("title").string(found.attack.title);
    json.key("technique").string(found.attack.technique);
    json.key("needs").string(found.attack.needs == Needs::single ? "single" : "correlation");
    json.key("rules").begin_array();
    for (const std::string_view rule : found.attack.rules) json.string(rule);
    json.end_array();
    write_records(json, found.main.front());
    if (!found.also.empty()) {
      json.key("also").begin_array();
      for (const Place& place : found.also) {
        json.begin_object();
        write_records(json, place);
        json.end_object();
      }
      json.end_array();
    }
    json.key("user").string(found.attack.user);
    json.key("host").string(found.attack.host);
    json.key("start").string(event::format_time(found.start));
    json.key("end").string(event::format_time(found.end));
    json.end_object();
    out += '\n';
  }
  return out;
}

}  // namespace weir::traffic
