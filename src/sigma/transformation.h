#pragma once

// One step of a processing pipeline: what it changes, and the conditions under which it does. Names and parameters are
// pySigma's. Pure; immutable once parsed.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sigma/rule.h"
#include "yaml/node.h"

namespace weir::sigma {

// What a pipeline remembers while it works on one rule.
struct PipelineRun {
  Rule& rule;
  const std::map<std::string, std::vector<std::string>, std::less<>>& lists;  // The pipeline's `vars`.
  std::map<std::string, std::string> state;
  std::set<std::string> applied;                   // Ids of transformations that changed something.
  std::string refusal;                             // Set by rule_failure.
};

using RuleCondition = std::function<bool(const PipelineRun&)>;
using LeafCondition = std::function<bool(const PipelineRun&, const FieldTest&)>;

template <typename Condition>
struct ConditionList {
  std::vector<Condition> all;
  bool any_will_do = false;  // `…_cond_op: or`
  bool negated = false;      // `…_cond_not: true`
};

class Transformation {
 public:
  struct Problem {
    yaml::Mark mark;
    std::string message;
    std::string hint;
  };

  // Null, and at least one problem, if the node is no transformation that can be used.
  static std::unique_ptr<Transformation> parse(const yaml::Node& node, std::vector<Problem>& problems);

  bool applies_to(const PipelineRun& run) const;
  void apply(PipelineRun& run) const;
  const std::string& id() const { return id_; }
  // It changes the rule itself or its leaves, not only the pipeline's memory.
  bool changes_rules() const { return changes_rules_; }

 private:
  // Returns what stands instead of the leaf, or nothing if it stays.
  using LeafChange = std::function<std::optional<Expr>(PipelineRun&, const FieldTest&)>;
  using RuleChange = std::function<void(PipelineRun&)>;
  friend class TransformationParser;

  void change_leaves(PipelineRun& run, Expr& expr, bool& changed) const;
  bool wants(const PipelineRun& run, const FieldTest& leaf) const;

  std::string id_;
  bool changes_rules_ = true;
  ConditionList<RuleCondition> rule_conditions_;
  ConditionList<LeafCondition> leaf_conditions_;
  ConditionList<LeafCondition> field_conditions_;
  LeafChange change_leaf_;  // One of the two is set.
  RuleChange change_rule_;
};

}  // namespace weir::sigma
