#pragma once

// How single alerts are written: as a table for a person, as JSON lines (docs/formats/alert.md), as CSV.

#include <memory>
#include <string>
#include <string_view>

#include "app/scan/scan.h"
#include "app/terminal.h"
#include "base/result.h"

namespace weir::app {

enum class OutputFormat : std::uint8_t { table, json, csv };
Result<OutputFormat> parse_output_format(std::string_view name);

// As RFC 4180 has it; a cell that a spreadsheet would take for a formula gets an apostrophe in front.
void append_csv_cell(std::string& out, std::string_view text);

class AlertWriter {
 public:
  virtual ~AlertWriter() = default;
  // Appends to `out`.
  virtual void begin(std::string& out) = 0;
  virtual void write(const FoundAlert& found, std::string& out) = 0;
};

// `with_raw`: the record's own text too (JSON always has it).
std::unique_ptr<AlertWriter> make_alert_writer(OutputFormat format, const Terminal& terminal, bool with_raw);

}  // namespace weir::app
