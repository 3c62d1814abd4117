#pragma once

// One test against one value, the plain way: for the leaves that the plan leaves open (regular expressions, references
// to other fields), for explaining a rule, and for saying why it fired. Pure.

#include <optional>
#include <span>
#include <string_view>

#include "event/batch.h"
#include "sigma/rule.h"

namespace weir::sigma {

// A row's values by field name.
class EventView {
 public:
  EventView(const event::FieldTable& fields, event::Batch& batch, const event::Row& row)
      : fields_(fields), batch_(batch), cells_(batch.cells(row)) {}

  std::span<event::Cell> cells() const { return cells_; }
  std::string_view text(event::Cell& cell) const { return batch_.text(cell); }

  // Calls `use(cell)` for each cell of this field, until it returns true; returns whether one did.
  template <typename Use>
  bool any_cell(std::string_view field, Use&& use) const {
    const event::Field* known = fields_.find(field);
    if (known == nullptr) return false;
    for (event::Cell& cell : cells_) {
      if (cell.field->id == known->id && use(cell)) return true;
    }
    return false;
  }

 private:
  const event::FieldTable& fields_;
  event::Batch& batch_;
  std::span<event::Cell> cells_;
};

// Whether the leaf holds for the event. `deciding`, if given, is set to the cell that made it true (null if none did:
// an absent field).
bool holds(const FieldTest& leaf, const EventView& event, event::Cell** deciding = nullptr);

// Whether a value that is not null passes a test that needs nothing but the value (all but ExistsTest, NullTest,
// FieldRefTest and PlaceholderTest).
bool value_passes(const ValueTest& test, std::string_view value);

// The whole tree, leaf by leaf.
bool holds(const Expr& condition, const EventView& event);

// The part of the date that `text` holds, read as written; nothing if it is no date.
std::optional<std::int64_t> time_part(TimePart part, std::string_view text);

}  // namespace weir::sigma
