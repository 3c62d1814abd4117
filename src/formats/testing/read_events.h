#pragma once

// Runs a format over bytes as the scan driver does (splitter, then parser) and gives plain values that tests compare.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "event/time.h"
#include "formats/format.h"

namespace weir::formats {

struct ReadEvent {
  std::uint64_t number = 0;
  std::string logsource;
  std::vector<std::pair<std::string, std::string>> fields;  // In order; null is "(null)".
  std::optional<event::EventTime> time;

  // The values of all cells of this name.
  std::vector<std::string> values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [field, value] : fields) {
      if (field == name) found.push_back(value);
    }
    return found;
  }
  // The only value of this name; "(absent)" if there is none, "(several)" if there are several.
  std::string value(std::string_view name) const {
    const std::vector<std::string> found = values(name);
    if (found.empty()) return "(absent)";
    return found.size() == 1 ? found.front() : "(several)";
  }
};

struct ReadReject {
  std::uint64_t number = 0;
  std::string reason;
};

struct ReadResult {
  std::vector<ReadEvent> events;
  std::vector<ReadReject> rejects;
  std::uint64_t records = 0;
};

// `step`: how many further bytes the splitter sees at a time.
inline ReadResult read_events(const Format& format, std::string_view bytes, const Options& options = {},
                              std::size_t step = 1 << 20) {
  const event::FieldTable table;
  const std::unique_ptr<Splitter> splitter = format.make_splitter(options);
  const std::unique_ptr<Parser> parser = format.make_parser(table, options);
  event::Batch batch;
  ReadResult result;
  std::size_t begin = 0;
  std::size_t visible = 0;
  while (true) {
    const bool at_end = visible == bytes.size();
    const Cut cut = splitter->cut(bytes.substr(begin, visible - begin), at_end);
    CHECK_LE(cut.skip + cut.size, visible - begin);
    if (cut.skip + cut.size == 0) {
      if (at_end) break;
      visible = std::min(bytes.size(), visible + step);
      continue;
    }
    // A copy of its own size, so that a sanitizer sees a parser that reads beyond the padding.
    std::string piece(bytes.substr(begin + cut.skip, cut.size));
    piece.resize(cut.size + kPadding);
    batch.clear();
    if (cut.size > 0) parser->parse({std::string_view(piece).substr(0, cut.size), cut.context}, batch);
    for (const event::Row& row : batch.rows()) {
      ReadEvent event;
      event.number = result.records + row.number;
      if (row.logsource != nullptr) event.logsource = event::to_string(*row.logsource);
      for (event::Cell& cell : batch.cells(row)) {
        const bool is_null = cell.kind == event::ValueKind::null;
        event.fields.emplace_back(cell.field->name, is_null ? "(null)" : std::string(batch.text(cell)));
      }
      event.time = parser->time_of(batch, row);
      result.events.push_back(std::move(event));
    }
    for (const event::Reject& reject : batch.rejects()) {
      result.rejects.push_back({result.records + reject.number, std::string(reject.reason)});
    }
    result.records += batch.record_count();
    begin += cut.skip + cut.size;
  }
  return result;
}

}  // namespace weir::formats
