// Lines of key=value pairs: logfmt (logrus, Grafana, Loki), FortiGate's own logs and the like; a syslog priority may
// stand before. Words without "=" are kept in `message`, with the whole line, for keyword rules.

#include "formats/key_values.h"
#include "formats/lines.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"

namespace weir::formats {
namespace {

constexpr std::string_view kNoPairs = "no key=value pair in the line";

std::string_view without_priority(std::string_view line) {
  if (!line.starts_with('<')) return line;
  const std::size_t end = line.find('>');
  return end <= 4 && all_digits(line.substr(1, end - 1)) ? line.substr(end + 1) : line;
}

class KeyValueParser final : public Parser {
 public:
  KeyValueParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), time_fields_(names_) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      batch.begin_row();
      if (!add_cells(without_priority(line), batch)) {
        batch.drop_row();
        return reject(batch, number, kNoPairs, line);
      }
      finish_row(batch, number, logsource(batch), line);
    });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    return time_fields_.time_of(batch, row, options_);
  }

 private:
  bool add_cells(std::string_view line, event::Batch& batch) {
    LogfmtPairs pairs(line);
    KeyValue pair;
    std::size_t count = 0;
    while (count < kCellsPerRowMax && pairs.next(pair)) {
      ++count;
      const event::ValueKind kind = pair.quoted ? event::ValueKind::string : kind_of(pair.value);
      const bool escaped = pair.quoted && pair.value.find('\\') != std::string_view::npos;
      batch.add(names_.resolve(pair.key), kind, pair.value, escaped);
    }
    const std::string_view rest = trim(pairs.rest());
    if (!rest.empty()) batch.add(extra_, event::ValueKind::string, rest);
    if (count > 0 && pairs.bare_words() > 0) batch.add(message_, event::ValueKind::string, line);
    return count > 0;
  }

  // FortiGate names itself by devid and logid; its `type` is the service that rules name.
  const event::Logsource* logsource(event::Batch& batch) const {
    bool device = false;
    bool log = false;
    std::string_view type;
    for (const event::Cell& cell : batch.open_cells()) {
      device |= cell.field == devid_;
      log |= cell.field == logid_;
      if (cell.field == type_) type = {cell.data, cell.size};
    }
    if (!device || !log) return chosen_logsource(options_, nullptr);
    return chosen_logsource(options_, type == "event"     ? &fortigate_event_
                                      : type == "traffic" ? &fortigate_traffic_
                                                          : &fortigate_);
  }

  const Options options_;
  const event::Logsource fortigate_{.product = "fortigate", .categories = {}, .services = {}};
  const event::Logsource fortigate_event_{.product = "fortigate", .categories = {}, .services = {"event"}};
  const event::Logsource fortigate_traffic_{
      .product = "fortigate", .categories = {"firewall"}, .services = {"traffic"}};
  event::FieldNames names_;
  TimeFields time_fields_;
  const event::Field* message_ = names_.resolve("message");
  const event::Field* extra_ = names_.resolve(kExtraField);
  const event::Field* devid_ = names_.resolve("devid");
  const event::Field* logid_ = names_.resolve("logid");
  const event::Field* type_ = names_.resolve("type");
};

// Pairs in a line, and whether it has nothing else.
struct Shape {
  std::size_t pairs = 0;
  bool only_pairs = false;
};

Shape shape_of(std::string_view line) {
  // JSON, XML and the audit log have pairs too, and formats of their own.
  if (line.starts_with('{') || line.starts_with("<?") || line.find(" msg=audit(") < 64) return {};
  LogfmtPairs pairs(without_priority(line));
  KeyValue pair;
  Shape shape;
  while (shape.pairs < kCellsPerRowMax && pairs.next(pair)) ++shape.pairs;
  shape.only_pairs = pairs.bare_words() == 0;
  return shape;
}

Detected detect(std::string_view sample, std::string_view) {
  const std::vector<std::string_view> lines = sample_lines(sample);
  const int pure = percent_of(lines, [](std::string_view line) {
    const Shape shape = shape_of(line);
    return shape.only_pairs && shape.pairs >= 3;
  });
  if (pure >= 80) return {Confidence::likely, "key=value lines (logfmt)"};
  const int some = percent_of(lines, [](std::string_view line) { return shape_of(line).pairs > 0; });
  return some >= 50 ? Detected{Confidence::possible, "lines with key=value pairs"} : Detected{};
}

}  // namespace

Format key_value_format() {
  return {.name = "logfmt",
          .description = "Lines of key=value pairs (logfmt, FortiGate)",
          .assumptions =
              "event time: the first pair of a usual name (timestamp, time, ts, t, date and time …) that can be "
              "read; without zone: --assume-zone, else UTC; logsource: product fortigate where devid and logid "
              "say so, else unknown unless --logsource says it",
          .zone_may_lack = true,
          .year_may_lack = true,
          .detect = detect,
          .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<LineSplitter>(); },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<KeyValueParser>(table, options);
          }};
}

}  // namespace weir::formats
