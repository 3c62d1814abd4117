#pragma once

// For tests and fuzzers: what a format makes of a text, printed, one record a line.
//   0 2015-05-17T10:05:03.000Z /webserver/* | c-ip=10.0.0.1 cs-method=GET
//   1 reject: not a line of an access log
// A row without a time shows "-"; line breaks inside values show as \n; cells that hold blanks stand in quotes.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "formats/testing/read_events.h"

namespace weir::formats {

struct Reading {
  Options options;
  std::vector<std::string> read_fields;  // Names that rules read, for derived cells.
  std::size_t piece_bytes = 1 << 20;     // The splitter sees so many new bytes at a time.
};

struct Printed {
  std::string text;
  std::size_t rows = 0;
  std::size_t rejects = 0;
  std::size_t repaired = 0;
  std::size_t timed = 0;    // Rows with an event time.
  std::size_t records = 0;  // As counted by the parser.
};

inline std::string printed_value(std::string_view value) {
  std::string out;
  for (const char c : value) out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
  return value.find(' ') == std::string_view::npos ? out : "\"" + out + "\"";
}

inline std::string printed_event(const ReadEvent& event) {
  std::string out = fmt::format("{} {} {} |", event.number, event.time ? event::format_time(*event.time) : "-",
                                event.logsource.empty() ? "-" : event.logsource);
  for (const auto& [name, value] : event.fields) out += fmt::format(" {}={}", name, printed_value(value));
  return out + '\n';
}

inline Printed print_rows(const Format& format, std::string_view input, const Reading& reading = {}) {
  event::FieldTable table;
  for (const std::string& name : reading.read_fields) table.intern(name);
  const ReadResult result =
      read_in_pieces(format, input, table, reading.options, cuts_every(reading.piece_bytes, input.size()));
  Printed printed{.rows = result.events.size(),
                  .rejects = result.rejects.size(),
                  .repaired = result.repaired,
                  .records = result.records};
  std::size_t reject = 0;
  const auto print_rejects_before = [&](std::uint64_t number) {
    for (; reject < result.rejects.size() && result.rejects[reject].number < number; ++reject) {
      printed.text += fmt::format("{} reject: {}\n", result.rejects[reject].number, result.rejects[reject].reason);
    }
  };
  for (const ReadEvent& event : result.events) {
    print_rejects_before(event.number);
    printed.text += printed_event(event);
    printed.timed += event.time ? 1 : 0;
  }
  print_rejects_before(~std::uint64_t{0});
  return printed;
}

}  // namespace weir::formats
