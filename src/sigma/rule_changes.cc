// Changes of the whole rule: added conditions, another logsource, refusal; and of what the pipeline remembers.

#include <utility>

#include <fmt/format.h>

#include "sigma/change.h"
#include "sigma/selection.h"

namespace weir::sigma {

namespace {

constexpr std::string_view kAddedLabel = "added by pipeline";

std::string_view part_of(const event::LogsourceSelector& logsource, std::string_view name) {
  if (name == "product") return logsource.product;
  return name == "category" ? std::string_view(logsource.category) : std::string_view(logsource.service);
}

// `template: true`: $product, $category and $service stand for the rule's own.
std::string with_logsource(std::string text, const event::LogsourceSelector& logsource) {
  for (const std::string_view name : {"product", "category", "service"}) {
    for (const std::string& variable : {fmt::format("${{{}}}", name), fmt::format("${}", name)}) {
      for (std::size_t at = text.find(variable); at != std::string::npos; at = text.find(variable, at)) {
        const std::string_view part = part_of(logsource, name);
        text.replace(at, variable.size(), part);
        at += part.size();
      }
    }
  }
  return text;
}

void fill_template(Expr& expr, const event::LogsourceSelector& logsource) {
  for (Expr& child : expr.children) fill_template(child, logsource);
  if (expr.kind != ExprKind::leaf) return;
  const auto* test = std::get_if<PatternTest>(&expr.leaf->test);
  if (test == nullptr) return;
  PatternTest changed = *test;
  for (match::Pattern::Part& part : changed.pattern.parts())
    part.text = with_logsource(std::move(part.text), logsource);
  Expr leaf = leaf_like(*expr.leaf, std::move(changed));
  leaf.is_item = expr.is_item;
  leaf.label = expr.label;
  expr = std::move(leaf);
}

// Conditions are written as a selection is, modifiers included.
Change read_add_condition(const Parameters& parameters) {
  const yaml::Node* conditions = parameters.required_map("conditions");
  if (conditions == nullptr) return {};
  yaml::Node::Entry entry{std::string(kAddedLabel), conditions->mark(), *conditions};
  Expr added = SelectionReader(parameters.reporter()).read(entry).expr;
  if (parameters.is_true("negated")) {
    added.label.clear();
    added = negated(std::move(added));
    added.label = kAddedLabel;
  }
  const bool is_template = parameters.is_true("template");
  return {.rule =
              [added = std::move(added), is_template](Rule& rule, PipelineRun&) {
                Expr own = added;
                if (is_template) fill_template(own, rule.logsource);
                Expr both;
                both.children.push_back(std::move(own));
                both.children.push_back(std::move(rule.condition));
                rule.condition = std::move(both);
              },
          .item = nullptr};
}

Change read_change_logsource(const Parameters& parameters) {
  event::LogsourceSelector logsource{parameters.text("product"), parameters.text("category"),
                                     parameters.text("service")};
  if (logsource == event::LogsourceSelector{}) {
    parameters.error(parameters.node(), "'change_logsource' needs 'product', 'category' or 'service'");
  }
  return {.rule = [logsource](Rule& rule, PipelineRun&) { rule.logsource = logsource; }, .item = nullptr};
}

Change read_set_state(const Parameters& parameters) {
  return {.rule = [key = parameters.required_text("key"), value = parameters.required_text("val")](
                      Rule&, PipelineRun& run) { run.state[key] = value; },
          .item = nullptr,
          .drops_items = false,
          .changes_rules = false};
}

Change read_set_attribute(const Parameters& parameters) {
  return {.rule = [key = parameters.required_text("attribute"), value = parameters.required_text("value")](
                      Rule&, PipelineRun& run) { run.attributes[key] = value; },
          .item = nullptr,
          .drops_items = false,
          .changes_rules = false};
}

Change read_rule_failure(const Parameters& parameters) {
  return {.rule = [text = parameters.required_text("message")](Rule&, PipelineRun& run) { run.refusal = text; },
          .item = nullptr};
}

Change read_item_failure(const Parameters& parameters) {
  return change_of_values(
      [text = parameters.required_text("message")](PipelineRun& run, const FieldTest& leaf) -> std::optional<Expr> {
        if (run.refusal.empty()) {
          run.refusal = leaf.field.empty() ? text : fmt::format("{} (field {})", text, leaf.field);
        }
        return std::nullopt;
      });
}

// Changes what a query returns, for which an engine that matches events has no use.
Change read_nothing(const Parameters&) {
  return {.rule = [](Rule&, PipelineRun&) {}, .item = nullptr, .drops_items = false, .changes_rules = false};
}

}  // namespace

std::span<const ChangeType> rule_changes() {
  static constexpr std::array<ChangeType, 9> kTypes = {{
      {"add_condition", {"conditions", "name", "template", "negated"}, read_add_condition},
      {"change_logsource", {"product", "category", "service"}, read_change_logsource},
      {"set_state", {"key", "val"}, read_set_state},
      {"set_custom_attribute", {"attribute", "value"}, read_set_attribute},
      {"rule_failure", {"message"}, read_rule_failure},
      {"detection_item_failure", {"message"}, read_item_failure},
      {"add_field", {"field"}, read_nothing},
      {"remove_field", {"field"}, read_nothing},
      {"set_field", {"fields"}, read_nothing},
  }};
  return kTypes;
}

}  // namespace weir::sigma
