#pragma once

// One step of a processing pipeline: what it changes, and the conditions under which it does. Names and parameters are
// pySigma's. Pure; immutable once read.

#include <memory>
#include <string>

#include "sigma/change.h"
#include "sigma/pipeline_run.h"
#include "sigma/processing_condition.h"
#include "yaml/node.h"

namespace weir::sigma {

class Transformation {
 public:
  // Null, and reported, if the node is no transformation that can be used. `depth`: how many `nest` stand around it.
  static std::shared_ptr<const Transformation> read(const yaml::Node& node, Reporter& reporter, int depth = 0);

  bool applies_to(const PipelineRun& run) const { return rule_conditions_.met(run); }
  // Changes `rule`, which is the run's. A rule that the step refuses leaves its reason in `run.refusal`.
  void apply(Rule& rule, PipelineRun& run) const;
  // It changes the rule itself or its items, not only the pipeline's memory.
  bool changes_rules() const { return change_.changes_rules; }

 private:
  bool change_items(PipelineRun& run, Expr& expr, bool& changed) const;
  bool change_item(PipelineRun& run, Expr& item, bool& changed) const;
  void read_conditions(const yaml::Node& node, Reporter& reporter);

  std::string id_;
  ConditionList<RuleCondition> rule_conditions_;
  ConditionList<ItemCondition> item_conditions_;
  ConditionList<FieldCondition> field_conditions_;
  Change change_;
};

}  // namespace weir::sigma
