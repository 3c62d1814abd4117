#pragma once

// What a pipeline's step does, apart from the conditions under which it does it. Each family of changes is a table from
// the step's `type` to the function that reads its parameters. Pure; immutable once read.

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "sigma/parameters.h"
#include "sigma/pipeline_run.h"

namespace weir::sigma {

// Of an item's tree: nothing if it stays as it is.
using ChangedItem = std::optional<Expr>;
// Whether the step's field name conditions hold for a name.
using FieldChoice = std::function<bool(std::string_view field)>;

struct Change {
  // One of the two is set.
  std::function<void(Rule&, PipelineRun&)> rule;
  std::function<ChangedItem(PipelineRun&, const Expr& item, const FieldChoice&)> item;
  bool drops_items = false;   // Instead of changing them.
  bool changes_rules = true;  // Not only the pipeline's memory.
};

struct ChangeType {
  std::string_view name;
  std::array<std::string_view, 5> keys;  // Beside those that every step has.
  Change (*read)(const Parameters& parameters);
};

std::span<const ChangeType> field_changes();        // field_name_mapping and its like
std::span<const ChangeType> value_changes();        // replace_string, map_string, …
std::span<const ChangeType> placeholder_changes();  // value_placeholders, wildcard_placeholders
std::span<const ChangeType> rule_changes();         // add_condition, change_logsource, …

// A change that looks at one value after the other: what stands instead of it, or nothing.
Change change_of_values(std::function<std::optional<Expr>(PipelineRun&, const FieldTest&)> change);

// A leaf like `like` that tests something else.
Expr leaf_like(const FieldTest& like, ValueTest test);

}  // namespace weir::sigma
