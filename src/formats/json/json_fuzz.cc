// Any text as JSON. Three things are held against it: cuts anywhere give the same rows; what simdjson's tree takes for
// an object, the fast reader takes too, with the same values; and a row that says it is verbatim is. The first byte
// says how far the cuts lie apart.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/check.h"
#include "formats/json/json.h"
#include "formats/json/json_reading.h"

namespace {

using namespace weir;
using namespace weir::formats;
using namespace weir::formats::json;

void check_cuts(std::string_view text, std::size_t step) {
  const Reading whole = read_json(text);
  const Reading pieces = read_json(text, {}, {}, cuts_every(step, text.size()));
  CHECK(whole.rows == pieces.rows);
  CHECK(whole.rejects == pieces.rejects);
  CHECK_EQ(whole.records, pieces.records);
  CHECK_EQ(whole.repaired, pieces.repaired);
}

// Strings and constants in the order of the text; numbers as "0", since the tree does not keep how they are written.
void add_values(simdjson::dom::element element, std::vector<std::string>& values) {
  using enum simdjson::dom::element_type;
  switch (element.type()) {
    case OBJECT:
      for (const auto& field : simdjson::dom::object(element)) add_values(field.value, values);
      return;
    case ARRAY:
      for (const simdjson::dom::element item : simdjson::dom::array(element)) add_values(item, values);
      return;
    case STRING: values.emplace_back(std::string_view(element)); return;
    case BOOL: values.emplace_back(bool(element) ? "true" : "false"); return;
    case NULL_VALUE: values.emplace_back("null"); return;
    default: values.emplace_back("0");
  }
}

std::string value_of(event::Batch& batch, event::Cell& cell) {
  if (cell.kind == event::ValueKind::null) return "null";
  return cell.kind == event::ValueKind::number ? "0" : std::string(batch.text(cell));
}

// All of `values` must be among the row's, in their order; a row has more, such as second names.
void check_values(event::Batch& batch, const event::Row& row, const std::vector<std::string>& values) {
  std::size_t next = 0;
  for (event::Cell& cell : batch.cells(row)) {
    if (next < values.size() && value_of(batch, cell) == values[next]) ++next;
  }
  CHECK_EQ(next, values.size());
}

void check_verbatim(const event::Batch& batch, const event::Row& row) {
  if (!row.verbatim || row.raw.find('\\') != std::string_view::npos) return;
  for (const event::Cell& cell : batch.cells(row)) {
    if (cell.kind != event::ValueKind::null) CHECK(row.raw.find({cell.data, cell.size}) != std::string_view::npos);
  }
}

void check_line(std::string_view line) {
  event::Batch batch;
  const event::FieldTable table;
  const auto parser = format().make_parser(table, {});
  std::string padded(line);
  padded.append(kPadding, '"');
  parser->parse({{padded.data(), line.size()}, nullptr}, batch);
  for (const event::Row& row : batch.rows()) check_verbatim(batch, row);

  simdjson::dom::parser tree;
  simdjson::dom::element element;
  if (tree.parse(std::string(line)).get(element) != simdjson::SUCCESS || !element.is_object()) return;
  if (!batch.rejects().empty()) {
    CHECK_EQ(batch.rejects()[0].reason, "JSON: nested deeper than 64");
    return;
  }
  // Wrappers give other rows; {"@Name": …} makes a name of a value.
  if (batch.rows().size() != 1 || line.find("Name") != std::string_view::npos) return;
  if (line.find('\\') != std::string_view::npos && line.find("Data") != std::string_view::npos) return;
  std::vector<std::string> values;
  add_values(element, values);
  if (batch.rows()[0].raw.front() == '{' && line.find(batch.rows()[0].raw) <= line.find('{')) {
    check_values(batch, batch.rows()[0], values);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  check_cuts(text, 1 + data[0]);
  std::string sample(text);
  sample.append(kPadding, '}');
  format().detect({sample.data(), text.size()}, "");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    check_line(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return 0;
}
