#include "app/log_client/rows.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_text.h"
#include "base/text.h"

namespace weir::app {

namespace {

constexpr std::size_t kWideColumnMin = 12;

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

struct ToText {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return fmt::format("{:.3f}", number); }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
};

std::string table_text(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell) ? "-" : visible(std::visit(ToText(), cell));
}

struct ToJson {
  JsonWriter& json;
  void operator()(std::monostate) const { json.null(); }
  void operator()(const std::string& text) const { json.string(text); }
  void operator()(std::int64_t number) const { json.number(number); }
  void operator()(double number) const { json.raw(fmt::format("{:.3f}", number)); }
  void operator()(bool value) const { json.boolean(value); }
};

std::string padded(const std::string& text, std::size_t width, bool is_right) {
  const std::size_t used = display_width(text);
  if (is_right && used < width) return std::string(width - used, ' ') + text;
  return fitted(text, width);
}

void trim_end(std::string& line) {
  while (line.ends_with(' ')) line.pop_back();
}

}  // namespace

void Rows::add(std::vector<Cell> row) {
  CHECK_EQ(row.size(), columns_.size());
  rows_.push_back(std::move(row));
}

std::string Rows::text(OutputFormat format, const Terminal& terminal) const {
  switch (format) {
    case OutputFormat::table: return table(terminal);
    case OutputFormat::json: return json_lines();
    case OutputFormat::csv: return csv();
  }
  return {};
}

std::string Rows::table(const Terminal& terminal) const {
  if (rows_.empty()) return {};
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].name.size();
    for (const auto& row : rows_) width = std::max(width, display_width(table_text(row[i])));
    widths.push_back(width);
    if (columns_[i].in_table) total += width + 2;
  }
  // In a file nothing is cut.
  for (std::size_t i = columns_.size(); i-- > 0 && terminal.is_terminal();) {
    if (!columns_[i].is_wide || !columns_[i].in_table || total <= terminal.width() + 2) continue;
    const std::size_t excess = total - terminal.width() - 2;
    const std::size_t least = std::min(widths[i], std::max(kWideColumnMin, columns_[i].name.size()));
    const std::size_t cut = std::min(excess, widths[i] - least);
    widths[i] -= cut;
    total -= cut;
  }
  std::string heading;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].in_table) continue;
    std::string name = upper(columns_[i].name);
    std::ranges::replace(name, '_', ' ');
    heading += padded(name, widths[i], is_number(rows_.front()[i])) + "  ";
  }
  trim_end(heading);
  std::string out = terminal.paint(Colour::bold, heading) + "\n";
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].in_table) continue;
      line += padded(table_text(row[i]), widths[i], is_number(row[i]) || (is_number(rows_.front()[i]))) + "  ";
    }
    trim_end(line);
    out += line + "\n";
  }
  return out;
}

std::string Rows::json_lines() const {
  std::string out;
  for (const auto& row : rows_) {
    JsonWriter json(out);
    json.begin_object();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      json.key(columns_[i].name);
      std::visit(ToJson{json}, row[i]);
    }
    json.end_object();
    out += '\n';
  }
  return out;
}

std::string Rows::csv() const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) out += (i > 0 ? "," : "") + columns_[i].name;
  out += "\r\n";
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      // A number is no formula, though it may be negative.
      if (is_number(row[i])) {
        out += std::visit(ToText(), row[i]);
      } else {
        append_csv_cell(out, std::visit(ToText(), row[i]));
      }
    }
    out += "\r\n";
  }
  return out;
}

Result<OutputFormat> chosen_format(const std::string& option, const Terminal& terminal) {
  if (option.empty()) return terminal.is_terminal() ? OutputFormat::table : OutputFormat::json;
  return parse_output_format(option);
}

}  // namespace weir::app
