#include "event/batch.h"

#include "base/json_text.h"

namespace weir::event {

void Batch::unescape(Cell& cell) {
  char* out = arena_.allocate(cell.size);
  cell.size = static_cast<std::uint32_t>(unescape_json({cell.data, cell.size}, out));
  cell.data = out;
  cell.escaped = false;
}

void Batch::clear() {
  rows_.clear();
  cells_.clear();
  rejects_.clear();
  arena_.clear();
  open_cell_ = 0;
  repaired_ = 0;
  record_count_ = 0;
}

}  // namespace weir::event
