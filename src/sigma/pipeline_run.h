#pragma once

// What a pipeline remembers while it works on one rule: its lists, its state, and which of its steps changed what.
// Lives for one rule; one thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sigma/rule.h"

namespace weir::sigma {

using PlaceholderLists = std::map<std::string, std::vector<std::string>, std::less<>>;

// A detection item is known by the place of its first value, which stays with it through all changes.
using ItemPlace = std::pair<std::uint32_t, std::uint32_t>;

struct PipelineRun {
  const Rule& rule;               // As it is by now.
  const PlaceholderLists& lists;  // The pipeline's `vars`.
  std::map<std::string, std::string, std::less<>> state;
  std::map<std::string, std::string, std::less<>> attributes;  // Set by set_custom_attribute.
  std::set<std::string, std::less<>> applied;                  // Ids of transformations that changed something.
  std::set<std::pair<std::string, ItemPlace>> applied_items;
  std::set<std::pair<std::string, std::string>> applied_fields;  // By the name that the field has afterwards.
  std::string refusal;                                           // Why the rule cannot be used; empty: it can.
};

// One detection item: the values that one key of a rule demands of its field.
struct DetectionItem {
  std::string_view field;  // Empty: keywords.
  std::vector<const FieldTest*> values;

  ItemPlace place() const {
    return values.empty() ? ItemPlace{} : ItemPlace{values.front()->mark.line, values.front()->mark.column};
  }
};

}  // namespace weir::sigma
