#include "sigma/transformation.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace weir::sigma {

namespace {

constexpr int kNestMax = 8;

void collect_values(const Expr& expr, DetectionItem& item) {
  if (expr.kind == ExprKind::leaf) item.values.push_back(expr.leaf.get());
  for (const Expr& child : expr.children) collect_values(child, item);
}

DetectionItem item_of(const Expr& expr) {
  DetectionItem item;
  collect_values(expr, item);
  if (!item.values.empty()) item.field = item.values.front()->field;
  return item;
}

// Types of pySigma that have no meaning here, or that read what a rule must not read.
struct Unsupported {
  std::string_view name;
  std::string_view hint;
};
constexpr std::array<Unsupported, 6> kUnsupported = {{
    {"query_expression_placeholders", "it writes parts of a query; weir matches events: use 'value_placeholders'"},
    {"file_placeholders", "put the values under 'vars' and use 'value_placeholders'"},
    {"http_placeholders", "put the values under 'vars' and use 'value_placeholders'"},
    {"command_placeholders", "put the values under 'vars' and use 'value_placeholders'"},
    {"field_name_transform", "it takes a Python function; use 'field_name_mapping'"},
    {"extract_fields", "use 'field_name_mapping' and 'replace_string'"},
}};

constexpr std::array<std::string_view, 12> kCommonKeys = {"id",
                                                          "type",
                                                          "rule_conditions",
                                                          "rule_cond_op",
                                                          "rule_cond_not",
                                                          "rule_cond_expr",
                                                          "detection_item_conditions",
                                                          "detection_item_cond_op",
                                                          "detection_item_cond_not",
                                                          "field_name_conditions",
                                                          "field_name_cond_op",
                                                          "field_name_cond_not"};
constexpr std::array<std::string_view, 2> kExpressionKeys = {"detection_item_cond_expr", "field_name_cond_expr"};

// A step that holds steps: all or none of them work.
Change read_nest(const Parameters& parameters, int depth) {
  const yaml::Node* items = parameters.required("items");
  if (items == nullptr) return {};
  if (depth >= kNestMax) {
    parameters.error(*items, fmt::format("more than {} transformations are nested", kNestMax));
    return {};
  }
  std::vector<std::shared_ptr<const Transformation>> steps;
  for (const yaml::Node& item : items->items()) {
    if (auto step = Transformation::read(item, parameters.reporter(), depth + 1)) steps.push_back(std::move(step));
  }
  if (items->items().empty()) parameters.error(*items, "'items' must be a list of transformations");
  const bool changes = std::ranges::any_of(steps, [](const auto& step) { return step->changes_rules(); });
  return {.rule =
              [steps](Rule& rule, PipelineRun& run) {
                for (const auto& step : steps) step->apply(rule, run);
              },
          .item = nullptr,
          .drops_items = false,
          .changes_rules = changes};
}

Change read_change(const yaml::Node& node, Reporter& reporter, int depth) {
  const Parameters untyped(node, "transformation", reporter);
  const yaml::Node* type = untyped.required("type");
  if (type == nullptr) return {};
  const Parameters parameters(node, fmt::format("transformation '{}'", shortened(type->text())), reporter);
  std::vector<std::string_view> keys(kCommonKeys.begin(), kCommonKeys.end());
  keys.insert(keys.end(), kExpressionKeys.begin(), kExpressionKeys.end());
  if (type->text() == "nest") {
    keys.push_back("items");
    parameters.check_keys(keys);
    return read_nest(parameters, depth);
  }
  std::vector<std::string_view> names = {"nest"};
  for (const auto& family : {field_changes(), value_changes(), placeholder_changes(), rule_changes()}) {
    for (const ChangeType& known : family) {
      names.push_back(known.name);
      if (known.name != type->text()) continue;
      std::ranges::copy_if(known.keys, std::back_inserter(keys), [](std::string_view key) { return !key.empty(); });
      parameters.check_keys(keys);
      return known.read(parameters);
    }
  }
  for (const Unsupported& known : kUnsupported) {
    if (known.name != type->text()) continue;
    untyped.error(*type, fmt::format("transformation '{}' is not supported", known.name), std::string(known.hint));
    return {};
  }
  untyped.error(*type, fmt::format("transformation '{}' is not known", shortened(type->text())),
                did_you_mean(type->text(), names));
  return {};
}

// `prefix`_conditions with `prefix`_cond_op, _not and _expr. The conditions are a list, or a map from names that the
// expression uses.
template <typename Condition>
void read_list(const yaml::Node& node, std::string_view prefix, Reporter& reporter,
               Condition (*read_one)(const yaml::Node&, Reporter&), ConditionList<Condition>& conditions) {
  const Parameters parameters(node, "transformation", reporter);
  static constexpr std::array<std::string_view, 2> kOperators = {"and", "or"};
  const std::string cond = fmt::format("{}_cond", prefix);
  const bool any = parameters.choice(cond + "_op", kOperators) == "or";
  conditions.negated = parameters.is_true(cond + "_not");
  const yaml::Node* expression = parameters.find(cond + "_expr");
  const yaml::Node* list = parameters.find(fmt::format("{}_conditions", prefix));
  if (list == nullptr) {
    if (expression != nullptr) parameters.error(*expression, fmt::format("'{}_expr' has no conditions to name", cond));
    return;
  }
  if (list->is_scalar()) parameters.error(*list, fmt::format("'{}_conditions' must be a list of maps", prefix));
  std::vector<std::string_view> names;
  for (const yaml::Node& item : list->items()) conditions.all.push_back(read_one(item, reporter));
  for (const yaml::Node::Entry& entry : list->entries()) {
    names.push_back(entry.key);
    conditions.all.push_back(read_one(entry.value, reporter));
  }
  if (expression != nullptr && !list->is_map()) {
    parameters.error(*expression, fmt::format("'{}_expr' needs names: '{}_conditions' must be a map", cond, prefix));
  } else if (expression != nullptr) {
    if (parameters.find(cond + "_op") != nullptr) {
      parameters.error(*expression, fmt::format("'{0}_expr' and '{0}_op' exclude each other", cond));
    }
    conditions.joining = read_joining(*expression, names, reporter);
  } else if (any) {
    conditions.joining = [count = conditions.all.size()](const std::function<bool(std::size_t)>& holds) {
      for (std::size_t i = 0; i < count; ++i) {
        if (holds(i)) return true;
      }
      return false;
    };
  }
}

}  // namespace

std::shared_ptr<const Transformation> Transformation::read(const yaml::Node& node, Reporter& reporter, int depth) {
  if (!node.is_map()) {
    reporter.error("pipeline", reporter.value(node), "a transformation must be a map with 'type'");
    return nullptr;
  }
  const std::size_t errors = reporter.errors();
  auto made = std::make_shared<Transformation>();
  if (const yaml::Node* id = node.find("id")) made->id_ = id->text();
  made->read_conditions(node, reporter);
  made->change_ = read_change(node, reporter, depth);
  if (errors != reporter.errors()) return nullptr;
  return made;
}

void Transformation::read_conditions(const yaml::Node& node, Reporter& reporter) {
  read_list(node, "rule", reporter, &read_rule_condition, rule_conditions_);
  read_list(node, "detection_item", reporter, &read_item_condition, item_conditions_);
  read_list(node, "field_name", reporter, &read_field_condition, field_conditions_);
}

void Transformation::apply(Rule& rule, PipelineRun& run) const {
  if (!run.refusal.empty() || !applies_to(run)) return;
  bool changed = false;
  if (change_.rule) {
    change_.rule(rule, run);
    changed = true;
  } else if (change_items(run, rule.condition, changed)) {
    run.refusal = "nothing is left of the rule: each of its detection items was dropped";
  }
  if (changed && !id_.empty()) run.applied.insert(id_);
}

// Returns whether nothing is left of the tree. A part of which nothing is left leaves the part around it, negations
// too: a dropped item demands nothing, and nothing of its absence.
bool Transformation::change_items(PipelineRun& run, Expr& expr, bool& changed) const {
  if (expr.is_item || expr.kind == ExprKind::leaf) return change_item(run, expr, changed);
  if (expr.children.empty()) return false;
  std::erase_if(expr.children, [&](Expr& child) { return change_items(run, child, changed); });
  return expr.children.empty();
}

bool Transformation::change_item(PipelineRun& run, Expr& expr, bool& changed) const {
  const DetectionItem item = item_of(expr);
  const FieldChoice chosen = [&](std::string_view field) { return field_conditions_.met(run, field); };
  const bool field_fits = chosen(item.field) || std::ranges::any_of(item.values, [&](const FieldTest* value) {
                            const auto* reference = std::get_if<FieldRefTest>(&value->test);
                            return reference != nullptr && chosen(reference->field);
                          });
  if (!field_fits || !item_conditions_.met(run, item)) return false;
  const ItemPlace place = item.place();
  if (change_.drops_items) {
    changed = true;
    return true;
  }
  ChangedItem instead = change_.item(run, expr, chosen);
  if (!instead) return false;
  changed = true;
  instead->label = expr.label;
  expr = std::move(*instead);
  if (!id_.empty()) {
    run.applied_items.insert({id_, place});
    for (const FieldTest* value : item_of(expr).values) run.applied_fields.insert({id_, value->field});
  }
  return false;
}

}  // namespace weir::sigma
