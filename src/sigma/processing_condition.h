#pragma once

// Under which conditions a step of a pipeline works: on the rule, on a detection item, on a field's name. Names and
// parameters are pySigma's (its documentation, "Processing Pipelines", "Conditions"). Pure; immutable once read.

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/parameters.h"
#include "sigma/pipeline_run.h"

namespace weir::sigma {

using RuleCondition = std::function<bool(const PipelineRun&)>;
using ItemCondition = std::function<bool(const PipelineRun&, const DetectionItem&)>;
using FieldCondition = std::function<bool(const PipelineRun&, std::string_view field)>;

// Empty and reported if the node is no such condition.
RuleCondition read_rule_condition(const yaml::Node& node, Reporter& reporter);
ItemCondition read_item_condition(const yaml::Node& node, Reporter& reporter);
FieldCondition read_field_condition(const yaml::Node& node, Reporter& reporter);

// How the conditions of one kind are joined: by their number in the list.
using Joining = std::function<bool(const std::function<bool(std::size_t)>& holds)>;

// `…_cond_expr`: "windows and not (old or new)" over the conditions' names. Empty and reported if it cannot be read.
Joining read_joining(const yaml::Node& expression, const std::vector<std::string_view>& names, Reporter& reporter);

template <typename Condition>
struct ConditionList {
  std::vector<Condition> all;
  Joining joining;       // Empty: all must hold.
  bool negated = false;  // `…_cond_not: true`

  template <typename... Args>
  bool met(const Args&... args) const {
    if (all.empty()) return true;
    const auto holds = [&](std::size_t index) { return all[index](args...); };
    if (joining) return joining(holds) != negated;
    return std::ranges::all_of(all, [&](const Condition& condition) { return condition(args...); }) != negated;
  }
};

}  // namespace weir::sigma
