#pragma once

// For the tests of JSON inputs: reads text as the program would and shows the rows as text.

#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "formats/format.h"
#include "formats/json/json.h"

namespace weir::formats::json {

struct Reading {
  std::vector<std::string> rows;     // "number product/category/service time | field=value field=…"
  std::vector<std::string> rejects;  // "number reason"
  std::uint64_t repaired = 0;
  std::uint64_t records = 0;
};

inline std::string shown(event::Batch& batch, event::Cell& cell) {
  switch (cell.kind) {
    case event::ValueKind::null: return "null";
    case event::ValueKind::string: return "'" + std::string(batch.text(cell)) + "'";
    default: return std::string(batch.text(cell));
  }
}

inline std::string shown_cells(event::Batch& batch, const event::Row& row) {
  std::string text;
  for (event::Cell& cell : batch.cells(row))
    text += (text.empty() ? "" : " ") + cell.field->name + "=" + shown(batch, cell);
  return text;
}

// Feeds `input` in pieces that end at `cuts` (offsets, rising), as a reader would that knows nothing of JSON.
inline Reading read_json(std::string_view input, const event::FieldTable& table = {}, const Options& options = {},
                         std::vector<std::size_t> cuts = {}) {
  const Format json = format();
  const auto splitter = json.make_splitter(options);
  const auto parser = json.make_parser(table, options);
  Reading reading;
  event::Batch batch;
  cuts.push_back(input.size());
  std::size_t consumed = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    const bool at_end = i + 1 == cuts.size();
    for (;;) {
      // What is not yet there must not be looked at: the piece is copied, with other bytes behind it.
      std::string piece(input.substr(consumed, cuts[i] - consumed));
      const std::size_t size = piece.size();
      piece.append(kPadding, '}');
      const Cut cut = splitter->cut({piece.data(), size}, at_end);
      if (cut.skip + cut.size == 0) break;
      std::string chunk = piece.substr(cut.skip, cut.size);
      chunk.append(kPadding, '"');
      batch.clear();
      parser->parse({{chunk.data(), cut.size}, cut.context}, batch);
      for (const event::Row& row : batch.rows()) {
        const auto time = parser->time_of(batch, row);
        std::string line = std::to_string(reading.records + row.number) + " ";
        line += row.logsource == nullptr ? "?" : event::to_string(*row.logsource);
        line += " " + (time ? event::format_time(*time) : std::string("-"));
        reading.rows.push_back(line + " | " + shown_cells(batch, row));
      }
      for (const event::Reject& reject : batch.rejects()) {
        reading.rejects.push_back(std::to_string(reading.records + reject.number) + " " + std::string(reject.reason));
      }
      reading.repaired += batch.repaired();
      reading.records += batch.record_count();
      consumed += cut.skip + cut.size;
    }
  }
  return reading;
}

}  // namespace weir::formats::json
