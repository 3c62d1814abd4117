#include "sigma/detection.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "sigma/condition.h"
#include "sigma/metadata.h"
#include "sigma/selection.h"

namespace weir::sigma {

namespace {

constexpr std::string_view kCondition = "condition";
constexpr std::string_view kTimeframe = "timeframe";

std::vector<Selection> read_selections(const yaml::Node& map, std::span<const std::string_view> other_keys,
                                       Reporter& reporter) {
  std::vector<Selection> selections;
  SelectionReader reader(reporter);
  for (const yaml::Node::Entry& entry : map.entries()) {
    if (entry.key == kCondition || std::ranges::find(other_keys, entry.key) != other_keys.end()) continue;
    if (entry.key == kTimeframe && entry.value.is_scalar()) {
      reporter.warning("timeframe", reporter.key(entry),
                       "'timeframe' belongs to aggregations, which Sigma no longer has",
                       "write a correlation document with 'timespan'");
      continue;
    }
    selections.push_back(reader.read(entry));
  }
  return selections;
}

// `nodes` counts those of all the rule's conditions.
Expr read_one_condition(const yaml::Node& node, std::vector<Selection>& selections, std::size_t& nodes,
                        Reporter& reporter) {
  if (!node.is_scalar()) {
    reporter.error("condition-syntax", reporter.value(node),
                   node.is_null() ? "the condition is empty" : "a condition must be a text", "name a selection");
    return {};
  }
  ParsedCondition parsed = parse_condition(node.text(), selections);
  for (const ConditionProblem& problem : parsed.problems) {
    reporter.error(problem.code, reporter.part(node, problem.offset, problem.size), problem.message, problem.hint);
  }
  nodes += parsed.nodes;
  return std::move(parsed.expr);
}

// "The condition can be a list, in this case, each of them generates a query. They are logically linked with OR."
Expr read_conditions(const yaml::Node& node, std::vector<Selection>& selections, Reporter& reporter) {
  std::size_t nodes = 0;
  if (!node.is_sequence() || node.items().empty()) return read_one_condition(node, selections, nodes, reporter);
  if (node.items().size() == 1) return read_one_condition(node.items().front(), selections, nodes, reporter);
  Expr root;
  root.kind = ExprKind::any_of;
  for (const yaml::Node& item : node.items()) {
    root.children.push_back(read_one_condition(item, selections, nodes, reporter));
    if (nodes > kConditionNodesMax) {
      reporter.error("too-large", reporter.value(item),
                     fmt::format("the conditions stand for more than {} values", kConditionNodesMax),
                     "name each selection once");
      return {};
    }
    root.label += (root.label.empty() ? "(" : " or (") + root.children.back().label + ")";
  }
  return root;
}

void warn_of_unused(const yaml::Node& map, const std::vector<Selection>& selections, Reporter& reporter) {
  for (const Selection& selection : selections) {
    if (selection.used) continue;
    reporter.warning("unused-selection", reporter.key(*find_entry(map, selection.name)),
                     fmt::format("the condition does not use '{}'", shortened(selection.name)),
                     "name it in the condition or remove it");
  }
}

}  // namespace

Expr read_detection(const yaml::Node& map, std::string_view owner, std::span<const std::string_view> other_keys,
                    Reporter& reporter) {
  if (!map.is_map()) {
    reporter.error("bad-type", reporter.value(map),
                   fmt::format("'{}' must be a map of selections and a condition", owner),
                   "write 'selection:' and 'condition: selection' under it");
    return {};
  }
  const std::size_t errors = reporter.errors();
  std::vector<Selection> selections = read_selections(map, other_keys, reporter);
  const yaml::Node* condition = map.find(kCondition);
  if (condition == nullptr) {
    report_missing_key(map, kCondition, fmt::format("'{}'", owner), reporter);
    return {};
  }
  if (selections.empty()) {
    reporter.error("no-selections", {map.mark(), 1}, fmt::format("'{}' defines no selection", owner),
                   "add 'selection:' with fields and values");
    return {};
  }
  Expr expr = read_conditions(*condition, selections, reporter);
  // After an error in the condition nobody knows what it would have used.
  if (errors == reporter.errors()) warn_of_unused(map, selections, reporter);
  return expr;
}

}  // namespace weir::sigma
