// QRadar Log Event Extended Format, perhaps behind a syslog header:
//   LEEF:1.0|vendor|product|version|event id|key=value<tab>key=value …
//   LEEF:2.0|vendor|product|version|event id|delimiter|key=value<delimiter>key=value …
// The delimiter is one character, or its code as x5E or 0x5E.

#include "formats/lines.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"
#include "formats/vendor_events.h"

namespace weir::formats {
namespace {

constexpr std::string_view kSignature = "LEEF:";
constexpr std::string_view kNotLeef = "no LEEF signature in the line";
constexpr std::string_view kCutHeader = "LEEF header has fewer than 5 parts";

// The delimiter part of LEEF 2.0; tab where it is empty.
std::optional<char> delimiter_of(std::string_view part) {
  if (part.empty()) return '\t';
  if (part.size() == 1) return part.front();
  if (part.starts_with('0')) part.remove_prefix(1);
  if ((!part.starts_with('x') && !part.starts_with('X')) || part.size() < 2 || part.size() > 5) return std::nullopt;
  int code = 0;
  for (const char c : part.substr(1)) {
    if (hex_value(c) < 0) return std::nullopt;
    code = code * 16 + hex_value(c);
  }
  if (code == 0 || code > 0x7F) return std::nullopt;
  return static_cast<char>(code);
}

// Takes the delimiter off, where there is one: some senders of 2.0 leave it away.
char take_delimiter(std::string_view version, std::string_view& rest) {
  if (!version.starts_with('2')) return '\t';
  std::string_view after = rest;
  const auto part = take_header_part(after);
  if (!part) return '\t';
  const auto delimiter = delimiter_of(*part);
  if (!delimiter) return '\t';
  rest = after;
  return *delimiter;
}

class LeefParser final : public Parser {
 public:
  LeefParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), aliases_(names_), time_fields_(names_) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      const std::size_t at = find_signature(line, kSignature);
      if (at == std::string_view::npos) return reject(batch, number, kNotLeef, line);
      batch.begin_row();
      if (!add_cells(line.substr(at + kSignature.size()), batch)) {
        batch.drop_row();
        return reject(batch, number, kCutHeader, line);
      }
      add_present(batch, timestamp_, time_before(line, at));
      finish_row(batch, number, chosen_logsource(options_, nullptr), line);
    });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    if (const auto text = find_text(batch, row, dev_time_)) {
      if (const auto time = parse_any_time(*text, options_)) return time;
    }
    return time_fields_.time_of(batch, row, options_);
  }

 private:
  bool add_cells(std::string_view rest, event::Batch& batch) {
    const auto version = take_header_part(rest);
    for (const event::Field* field : header_fields_) {
      const bool last = field == header_fields_[3];
      auto part = take_header_part(rest);
      if (!part && last && !rest.empty()) {
        part = rest;
        rest = {};
      }
      if (!part) return false;
      batch.add(field, kind_of(*part), *part);
    }
    const char delimiter = take_delimiter(version.value_or(""), rest);
    add_pairs(rest, delimiter, batch);
    return true;
  }

  void add_pairs(std::string_view rest, char delimiter, event::Batch& batch) {
    for (std::size_t count = 0; !rest.empty(); ++count) {
      if (count == kCellsPerRowMax) return batch.add(extra_, event::ValueKind::string, rest);
      std::string_view value = take_until(rest, delimiter);
      if (value.find('=') == std::string_view::npos) continue;
      const std::string_view key = trim(take_until(value, '='));
      if (key.empty() || key.size() > kNameBytesMax || value.empty()) continue;
      const event::ValueKind kind = kind_of(value);
      batch.add(names_.resolve(key), kind, value);
      aliases_.add(key, kind, value, batch);
    }
  }

  const Options options_;
  event::FieldNames names_;
  VendorAliases aliases_;
  TimeFields time_fields_;
  const event::Field* header_fields_[4] = {names_.resolve("deviceVendor"), names_.resolve("deviceProduct"),
                                           names_.resolve("deviceVersion"), names_.resolve("deviceEventClassId")};
  const event::Field* dev_time_ = names_.resolve("devTime");
  const event::Field* timestamp_ = names_.resolve("timestamp");
  const event::Field* extra_ = names_.resolve(kExtraField);
};

Detected detect(std::string_view sample, std::string_view) {
  const int percent = percent_of(sample_lines(sample), [](std::string_view line) {
    return find_signature(line, kSignature) != std::string_view::npos;
  });
  return detected_by_share(percent, 50, "LEEF events");
}

}  // namespace

Format leef_format() {
  return {.name = "leef",
          .description = "QRadar Log Event Extended Format 1.0 and 2.0, also behind syslog headers",
          .assumptions =
              "event time: devTime, else the syslog header's; without zone: --assume-zone, else UTC; logsource: "
              "unknown unless --logsource says it",
          .zone_may_lack = true,
          .year_may_lack = true,
          .detect = detect,
          .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<LineSplitter>(); },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<LeefParser>(table, options);
          }};
}

}  // namespace weir::formats
