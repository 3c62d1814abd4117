#pragma once

// For the tests of JSON inputs: reads text as the program would and shows the rows as text.

#include <string>
#include <string_view>
#include <vector>

#include "formats/json/json.h"
#include "formats/testing/read_events.h"

namespace weir::formats::json {

struct Reading {
  std::vector<std::string> rows;     // "number product/category/service time | field=value field=…"
  std::vector<std::string> rejects;  // "number reason"
  std::uint64_t repaired = 0;
  std::uint64_t records = 0;
};

inline std::string shown(std::string_view value, event::ValueKind kind) {
  switch (kind) {
    case event::ValueKind::null: return "null";
    case event::ValueKind::string: return "'" + std::string(value) + "'";
    default: return std::string(value);
  }
}

inline std::string shown_row(const ReadEvent& event) {
  std::string line = std::to_string(event.number) + " " + (event.logsource.empty() ? "?" : event.logsource) + " ";
  line += (event.time ? event::format_time(*event.time) : "-") + " |";
  for (std::size_t i = 0; i < event.fields.size(); ++i) {
    line += " " + event.fields[i].first + "=" + shown(event.fields[i].second, event.kinds[i]);
  }
  // A row without cells ends in a blank as well.
  return event.fields.empty() ? line + " " : line;
}

// Feeds `input` in pieces that end at `cuts` (offsets, rising), as a reader would that knows nothing of JSON.
inline Reading read_json(std::string_view input, const event::FieldTable& table = {}, const Options& options = {},
                         const std::vector<std::size_t>& cuts = {}) {
  const ReadResult result = read_in_pieces(format(), input, table, options, cuts);
  Reading reading{.rows = {}, .rejects = {}, .repaired = result.repaired, .records = result.records};
  for (const ReadEvent& event : result.events) reading.rows.push_back(shown_row(event));
  for (const ReadReject& reject : result.rejects) {
    reading.rejects.push_back(std::to_string(reject.number) + " " + reject.reason);
  }
  return reading;
}

}  // namespace weir::formats::json
