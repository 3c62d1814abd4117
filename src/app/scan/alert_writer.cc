#include "app/scan/alert_writer.h"

#include <algorithm>
#include <initializer_list>

namespace weir::app {
namespace {

std::string reason_text(const event::Alert& alert) {
  const event::AlertReason* why = deciding_reason(alert);
  if (why == nullptr) return {};
  return why->field.empty() ? fmt::format("{} (keyword {})", why->value, why->matched)
                            : fmt::format("{}: {}", why->field, why->value);
}

// The last part of a path and the record's number, which is what fits a column.
std::string short_place(const event::AlertEvent& event) {
  const std::size_t slash = event.source.rfind('/');
  return fmt::format("{}:{}", slash == std::string::npos ? event.source : event.source.substr(slash + 1), event.offset);
}

class TableWriter final : public AlertWriter {
 public:
  TableWriter(const Terminal& terminal, bool with_raw) : terminal_(terminal), with_raw_(with_raw) {
    const std::size_t rest = std::max<std::size_t>(terminal.width(), 80) - kTimeWidth - kLevelWidth - 4;
    rule_width_ = std::clamp<std::size_t>(rest * 2 / 5, 20, 60);
    place_width_ = std::clamp<std::size_t>(rest / 5, 12, 36);
    reason_width_ = rest - rule_width_ - place_width_;
  }

  void begin(std::string& out) override {
    out += terminal_.paint(Colour::bold, row("TIME (UTC)", "LEVEL", "RULE", "WHERE", "DECIDING FIELD", false)) + '\n';
  }

  void write(const FoundAlert& found, std::string& out) override {
    const event::Alert& alert = found.alert;
    const event::AlertEvent& event = alert.events.front();
    const std::string time = alert.time ? event::format_time(*alert.time).substr(0, kTimeWidth) : "-";
    out += row(time, alert.rule.level, alert.rule.title, short_place(event), reason_text(alert), true) + '\n';
    if (with_raw_ && !event.raw.empty()) out += terminal_.paint(Colour::dim, "    " + visible(event.raw)) + '\n';
  }

 private:
  static constexpr std::size_t kTimeWidth = 19;
  static constexpr std::size_t kLevelWidth = 8;  // "critical"; "informational" is cut.

  std::string row(std::string_view time, std::string_view level, std::string_view rule, std::string_view place,
                  std::string_view reason, bool coloured) const {
    std::string level_cell = fitted(level, kLevelWidth);
    if (coloured) level_cell = terminal_.paint(colour_of_level(level), level_cell);
    std::string line =
        fmt::format("{} {} {} {} {}", fitted(time, kTimeWidth), level_cell, fitted(visible(rule), rule_width_),
                    fitted_at_end(visible(place), place_width_), fitted(visible(reason), reason_width_));
    while (line.ends_with(' ')) line.pop_back();
    return line;
  }

  const Terminal& terminal_;
  const bool with_raw_;
  std::size_t rule_width_;
  std::size_t place_width_;
  std::size_t reason_width_;
};

class JsonLinesWriter final : public AlertWriter {
 public:
  void begin(std::string&) override {}
  void write(const FoundAlert& found, std::string& out) override { out += event::to_json(found.alert) + '\n'; }
};

class CsvWriter final : public AlertWriter {
 public:
  explicit CsvWriter(bool with_raw) : with_raw_(with_raw) {}

  void begin(std::string& out) override {
    out += "id,time,level,rule_id,rule,author,source,offset,host,user,field,value,matched";
    out += with_raw_ ? ",raw\r\n" : "\r\n";
  }

  void write(const FoundAlert& found, std::string& out) override {
    const event::Alert& alert = found.alert;
    const event::AlertEvent& event = alert.events.front();
    const event::AlertReason* deciding = deciding_reason(alert);
    const event::AlertReason why = deciding == nullptr ? event::AlertReason{} : *deciding;
    const std::string time = alert.time ? event::format_time(*alert.time) : "";
    const std::string offset = fmt::format("{}", event.offset);
    bool first = true;
    for (const std::string_view text : std::initializer_list<std::string_view>{
             alert.id, time, alert.rule.level, alert.rule.id, alert.rule.title, alert.rule.author, event.source, offset,
             found.host, found.user, why.field, why.value, why.matched}) {
      if (!std::exchange(first, false)) out += ',';
      append_csv_cell(out, text);
    }
    if (with_raw_) {
      out += ',';
      append_csv_cell(out, event.raw);
    }
    out += "\r\n";
  }

 private:
  const bool with_raw_;
};

}  // namespace

void append_csv_cell(std::string& out, std::string_view text) {
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
  if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

Result<OutputFormat> parse_output_format(std::string_view name) {
  if (name == "table") return OutputFormat::table;
  if (name == "json") return OutputFormat::json;
  if (name == "csv") return OutputFormat::csv;
  return fail(ErrorKind::user, "--format {}: unknown (known: table, json, csv)", name);
}

std::unique_ptr<AlertWriter> make_alert_writer(OutputFormat format, const Terminal& terminal, bool with_raw) {
  switch (format) {
    case OutputFormat::table: return std::make_unique<TableWriter>(terminal, with_raw);
    case OutputFormat::json: return std::make_unique<JsonLinesWriter>();
    case OutputFormat::csv: return std::make_unique<CsvWriter>(with_raw);
  }
  return nullptr;
}

}  // namespace weir::app
