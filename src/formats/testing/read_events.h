#pragma once

// For tests and fuzzers: runs a format over bytes as the scan driver does (splitter, then parser) and gives plain
// values that tests compare. printed_rows.h and json/json_reading.h show the same values as text.

#include <algorithm>
#include <cstring>
#include <memory>
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
  std::string logsource;                                    // Empty if unknown.
  std::vector<std::pair<std::string, std::string>> fields;  // In order; null is "(null)".
  std::vector<event::ValueKind> kinds;                      // Of `fields`, one by one.
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
  std::uint64_t repaired = 0;
};

inline void take_batch(event::Batch& batch, Parser& parser, ReadResult& result) {
  for (const event::Row& row : batch.rows()) {
    ReadEvent& event = result.events.emplace_back();
    event.number = result.records + row.number;
    if (row.logsource != nullptr) event.logsource = event::to_string(*row.logsource);
    event.time = parser.time_of(batch, row);
    for (event::Cell& cell : batch.cells(row)) {
      CHECK(cell.field != nullptr);
      const bool is_null = cell.kind == event::ValueKind::null;
      event.fields.emplace_back(cell.field->name, is_null ? "(null)" : std::string(batch.text(cell)));
      event.kinds.push_back(cell.kind);
    }
  }
  for (const event::Reject& reject : batch.rejects()) {
    result.rejects.push_back({result.records + reject.number, std::string(reject.reason)});
  }
  result.records += batch.record_count();
  result.repaired += batch.repaired();
}

// The splitter sees the bytes up to each of `cuts` (offsets, rising) in turn, then to their end.
inline ReadResult read_in_pieces(const Format& format, std::string_view bytes, const event::FieldTable& table,
                                 const Options& options, std::vector<std::size_t> cuts) {
  const std::unique_ptr<Splitter> splitter = format.make_splitter(options);
  const std::unique_ptr<Parser> parser = format.make_parser(table, options);
  event::Batch batch;
  ReadResult result;
  std::string visible;  // What was shown and is not yet consumed.
  std::size_t shown = 0;
  cuts.push_back(bytes.size());
  for (const std::size_t& end : cuts) {
    visible.append(bytes, shown, end - shown);
    shown = end;
    // What is not yet there must not be looked at: other bytes follow.
    const std::size_t size = visible.size();
    visible.append(kPadding, '}');
    const bool at_end = &end == &cuts.back();
    std::string_view rest = std::string_view(visible).substr(0, size);
    for (;;) {
      const Cut cut = splitter->cut(rest, at_end);
      CHECK_LE(cut.skip + cut.size, rest.size());
      if (cut.skip + cut.size == 0) break;
      // A copy of its own size, so that a sanitizer sees a parser that reads beyond the padding.
      const auto chunk = std::make_unique<char[]>(cut.size + kPadding);
      if (cut.size > 0) std::memcpy(chunk.get(), rest.data() + cut.skip, cut.size);
      std::memset(chunk.get() + cut.size, '"', kPadding);
      batch.clear();
      if (cut.size > 0) parser->parse({{chunk.get(), cut.size}, cut.context}, batch);
      take_batch(batch, *parser, result);
      rest.remove_prefix(cut.skip + cut.size);
    }
    visible.assign(rest);
  }
  return result;
}

// Offsets `step` apart, below `size`.
inline std::vector<std::size_t> cuts_every(std::size_t step, std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t at = step; at < size; at += step) cuts.push_back(at);
  return cuts;
}

// `step`: how many further bytes the splitter sees at a time.
inline ReadResult read_events(const Format& format, std::string_view bytes, const Options& options = {},
                              std::size_t step = 1 << 20) {
  return read_in_pieces(format, bytes, event::FieldTable(), options, cuts_every(step, bytes.size()));
}

}  // namespace weir::formats
