#include "event/batch.h"

#include <algorithm>

#include "base/json_text.h"

namespace weir::event {

void Batch::unescape(Cell& cell) {
  char* out = arena_.allocate(cell.size);
  cell.size = static_cast<std::uint32_t>(unescape_json({cell.data, cell.size}, out));
  cell.data = out;
  cell.escaped = false;
}

void Batch::grow_cells() {
  cells_.resize(std::max<std::size_t>(1024, cells_.size() * 2));
}

void Batch::clear() {
  rows_.clear();
  cell_count_ = 0;
  rejects_.clear();
  arena_.clear();
  open_cell_ = 0;
  repaired_ = 0;
  record_count_ = 0;
}

}  // namespace weir::event
