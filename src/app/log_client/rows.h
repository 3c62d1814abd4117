#pragma once

// Rows of values, printed as the commands of this folder print data: a table for people, JSON lines, or CSV. One list
// of columns serves all three, so that they cannot differ.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/scan/alert_writer.h"
#include "app/terminal.h"

namespace weir::app {

// Nothing: "-" in a table, null in JSON, empty in CSV.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

struct Column {
  std::string name;      // The member in JSON, the heading in CSV, and, in capitals, in the table.
  bool is_wide = false;  // May be cut where a terminal is too narrow.
  bool in_table = true;
};

class Rows {
 public:
  explicit Rows(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell for each column.
  void add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }

  // For standard output. A table without rows is empty; CSV has its heading always.
  std::string text(OutputFormat format, const Terminal& terminal) const;

 private:
  std::string table(const Terminal& terminal) const;
  std::string json_lines() const;
  std::string csv() const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

// --format, or what fits standard output: a table on a terminal, JSON lines in a pipe.
Result<OutputFormat> chosen_format(const std::string& option, const Terminal& terminal);

}  // namespace weir::app
