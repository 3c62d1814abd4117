#pragma once

// Decoded events on their way from a parser to the rules. A batch holds rows; a row is a run of cells, one per field
// value that the event has. Rows are sparse (an event has some 20 of the 400 fields that rules read), so a batch costs
// what is there, not what could be: docs/decisions/0003-sparse-rows.md.
//
// Cells borrow: their bytes lie in the input buffer or in the batch's arena, and both must outlive the batch's use.
// `clear` keeps memory, so a stream of batches allocates nothing once warm. One thread at a time.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/field.h"
#include "event/logsource.h"

namespace weir::event {

enum class ValueKind : std::uint8_t {
  null,
  string,
  number,   // As written: decimal, perhaps with sign, fraction, exponent.
  boolean,  // "true" or "false"
  json,     // A whole object or array, as JSON text, for rules that read a parent field.
};

struct Cell {
  const Field* field = nullptr;  // Owned by the parser's FieldNames or the FieldTable.
  const char* data = nullptr;
  std::uint32_t size = 0;
  ValueKind kind = ValueKind::null;
  bool escaped = false;  // A JSON string still with its escapes; Batch::text resolves it.
};

struct Row {
  std::uint32_t first_cell = 0;
  std::uint32_t cell_count = 0;
  std::uint64_t number = 0;              // Line or record within the chunk, from 0.
  const Logsource* logsource = nullptr;  // Null: unknown. Owned by the parser.
  std::string_view raw;                  // The record's own bytes, where the format has such.
  // Every value of this row stands in `raw`: each cell that has text (of any kind but null) holds a run of bytes of raw
  // as they are, or what a run inside a JSON string means once its escapes (RFC 8259, section 7) are resolved, once. So
  // a text that raw holds in neither form is in no value of the row, and a search over raw bytes may pass the row over.
  // False promises nothing: some value may have been computed, joined, decoded, translated or taken from elsewhere.
  bool verbatim = false;
};

// A record that could not be read: counted by reason, kept with its place.
struct Reject {
  std::uint64_t number = 0;  // Line or record within the chunk, from 0.
  std::string_view reason;   // A fixed sentence (static storage), so that it can be counted.
  std::string_view raw;      // May be cut.
};

class Batch {
 public:
  // A row is begun, its cells are added, and it is finished or dropped.
  void begin_row() { open_cell_ = static_cast<std::uint32_t>(cell_count_); }
  void add(const Field* field, ValueKind kind, std::string_view text, bool escaped = false) {
    if (cell_count_ == cells_.size()) [[unlikely]]
      grow_cells();
    cells_[cell_count_++] = {field, text.data(), static_cast<std::uint32_t>(text.size()), kind, escaped};
  }
  // `verbatim`: see Row.
  void finish_row(std::uint64_t number, const Logsource* logsource, std::string_view raw, bool verbatim = false) {
    rows_.push_back(
        {open_cell_, static_cast<std::uint32_t>(cell_count_) - open_cell_, number, logsource, raw, verbatim});
  }
  void drop_row() { cell_count_ = open_cell_; }
  void reject(std::uint64_t number, std::string_view reason, std::string_view raw) {
    rejects_.push_back({number, reason, raw});
  }
  // Malformed UTF-8 was replaced in this many records, which were read all the same.
  void count_repaired() { ++repaired_; }
  // How many lines or records the chunk held, so that the next chunk's numbers can follow.
  void set_record_count(std::uint64_t count) { record_count_ = count; }

  std::span<const Row> rows() const { return rows_; }
  std::span<Cell> cells(const Row& row) { return {cells_.data() + row.first_cell, row.cell_count}; }
  std::span<const Cell> cells(const Row& row) const { return {cells_.data() + row.first_cell, row.cell_count}; }
  // The cells of the row that is being filled.
  std::span<Cell> open_cells() { return {cells_.data() + open_cell_, cell_count_ - open_cell_}; }
  std::span<const Reject> rejects() const { return rejects_; }
  std::uint64_t repaired() const { return repaired_; }
  std::uint64_t record_count() const { return record_count_; }
  Arena& arena() { return arena_; }

  // The cell's value as text; a JSON string's escapes are resolved on first use, once.
  std::string_view text(Cell& cell) {
    if (cell.escaped) [[unlikely]]
      unescape(cell);
    return {cell.data, cell.size};
  }

  void clear();

 private:
  void unescape(Cell& cell);
  void grow_cells();

  std::vector<Row> rows_;
  // The vector is all room, cell_count_ says how much of it is used: parsers add cells by the hundred million a second,
  // and push_back is not inlined there.
  std::vector<Cell> cells_;
  std::size_t cell_count_ = 0;
  std::vector<Reject> rejects_;
  Arena arena_;
  std::uint32_t open_cell_ = 0;
  std::uint64_t repaired_ = 0;
  std::uint64_t record_count_ = 0;
};

}  // namespace weir::event
