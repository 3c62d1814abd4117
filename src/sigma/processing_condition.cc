#include "sigma/processing_condition.h"

#include <array>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "match/fold.h"
#include "match/pattern.h"
#include "match/regex.h"
#include "sigma/condition.h"

namespace weir::sigma {

namespace {

using SharedRegex = std::shared_ptr<const match::Regex>;

// pySigma tries its expressions from the beginning of the text on, not anywhere in it (Python's re.match).
SharedRegex read_regex(const Parameters& parameters, const yaml::Node& node) {
  Result<match::Regex> regex = match::Regex::compile("^(?:" + node.text() + ")", {});
  if (regex) return std::make_shared<const match::Regex>(std::move(*regex));
  parameters.error(node, regex.error().message);
  return nullptr;
}

template <typename Condition>
struct ConditionType {
  std::string_view name;
  std::array<std::string_view, 6> keys;  // Beside `type`.
  Condition (*read)(const Parameters& parameters);
};

template <typename Condition, std::size_t size>
Condition read_of_types(const yaml::Node& node, std::string_view kind, Reporter& reporter,
                        const std::array<ConditionType<Condition>, size>& types) {
  const Parameters parameters(node, fmt::format("{} condition", kind), reporter);
  if (!node.is_map()) {
    parameters.error(node, fmt::format("a {} condition must be a map with 'type'", kind));
    return nullptr;
  }
  const yaml::Node* type = parameters.required("type");
  if (type == nullptr) return nullptr;
  std::vector<std::string_view> names;
  for (const ConditionType<Condition>& known : types) {
    names.push_back(known.name);
    if (known.name != type->text()) continue;
    const Parameters own(node, fmt::format("condition '{}'", known.name), reporter);
    std::vector<std::string_view> keys = {"type"};
    std::ranges::copy_if(known.keys, std::back_inserter(keys), [](std::string_view key) { return !key.empty(); });
    own.check_keys(keys);
    return known.read(own);
  }
  parameters.error(*type, fmt::format("'{}' is not a {} condition", shortened(type->text()), kind),
                   did_you_mean(type->text(), names));
  return nullptr;
}

// --- Comparisons of attributes and state -----------------------------------------------------------------------------

constexpr std::array<std::string_view, 6> kOrderings = {"eq", "ne", "lt", "lte", "gt", "gte"};
constexpr std::array<std::string_view, 8> kAttributeOperators = {"eq", "ne", "lt", "lte", "gt", "gte", "in", "not_in"};

template <typename Value>
bool compares(const Value& own, std::string_view op, const Value& wanted) {
  if (op == "eq") return own == wanted;
  if (op == "ne") return own != wanted;
  if (op == "lt") return own < wanted;
  if (op == "lte") return own <= wanted;
  if (op == "gt") return own > wanted;
  return own >= wanted;
}

// As numbers where both are; else as texts, which orders ISO dates rightly.
bool compares_as_written(std::string_view own, std::string_view op, std::string_view wanted) {
  const std::optional<Decimal> a = Decimal::parse(own);
  const std::optional<Decimal> b = Decimal::parse(wanted);
  return a && b ? compares(*a, op, *b) : compares(own, op, wanted);
}

template <typename Found>
bool has_state(const PipelineRun& run, const Found& wanted) {
  const auto it = run.state.find(wanted.key);
  return it != run.state.end() && compares_as_written(it->second, wanted.op, wanted.value);
}

struct WantedState {
  std::string key, op, value;
};

WantedState read_state(const Parameters& parameters) {
  return {parameters.required_text("key"), parameters.choice("op", kOrderings), parameters.required_text("val")};
}

// --- Conditions on the rule ------------------------------------------------------------------------------------------

bool any_value(const Expr& expr, const std::function<bool(const FieldTest&)>& fits) {
  if (expr.kind == ExprKind::leaf) return fits(*expr.leaf);
  return std::ranges::any_of(expr.children, [&](const Expr& child) { return any_value(child, fits); });
}

RuleCondition read_logsource(const Parameters& parameters) {
  event::LogsourceSelector wanted{parameters.text("product"), parameters.text("category"), parameters.text("service")};
  if (wanted == event::LogsourceSelector{}) {
    parameters.error(parameters.node(), "the condition 'logsource' needs 'product', 'category' or 'service'");
  }
  return [wanted](const PipelineRun& run) {
    const event::LogsourceSelector& own = run.rule.logsource;
    const auto fits = [](const std::string& part, const std::string& of_rule) {
      return part.empty() || part == of_rule;
    };
    return fits(wanted.product, own.product) && fits(wanted.category, own.category) &&
           fits(wanted.service, own.service);
  };
}

RuleCondition read_contains_field(const Parameters& parameters) {
  return [field = parameters.required_text("field")](const PipelineRun& run) {
    return any_value(run.rule.condition, [&](const FieldTest& value) { return value.field == field; });
  };
}

bool is_pattern(const FieldTest& value, const match::Pattern& wanted) {
  const auto* test = std::get_if<PatternTest>(&value.test);
  if (test == nullptr) return false;
  const std::string own_text = test->pattern.to_sigma();
  const std::string wanted_text = wanted.to_sigma();
  std::string own_buffer, wanted_buffer;
  return match::folded(own_text, own_buffer) == match::folded(wanted_text, wanted_buffer);
}

RuleCondition read_contains_item(const Parameters& parameters) {
  const std::string field = parameters.required_text("field");
  return [field, value = match::Pattern::parse(parameters.required_text("value"))](const PipelineRun& run) {
    return any_value(run.rule.condition,
                     [&](const FieldTest& leaf) { return leaf.field == field && is_pattern(leaf, value); });
  };
}

RuleCondition read_rule_applied(const Parameters& parameters) {
  return [id = parameters.required_text("processing_item_id")](const PipelineRun& run) {
    return run.applied.contains(id);
  };
}

RuleCondition read_rule_state(const Parameters& parameters) {
  return [wanted = read_state(parameters)](const PipelineRun& run) { return has_state(run, wanted); };
}

RuleCondition read_is_rule(const Parameters&) {
  return [](const PipelineRun&) { return true; };
}

RuleCondition read_is_correlation(const Parameters&) {
  return [](const PipelineRun&) { return false; };
}

RuleCondition read_tag(const Parameters& parameters) {
  return [tag = parameters.required_text("tag")](const PipelineRun& run) {
    return std::ranges::find(run.rule.info->tags, tag) != run.rule.info->tags.end();
  };
}

struct AttributeText {
  std::string_view name;
  std::string RuleInfo::* text;
};
constexpr std::array<AttributeText, 11> kAttributeTexts = {{{"id", &RuleInfo::id},
                                                            {"title", &RuleInfo::title},
                                                            {"name", &RuleInfo::name},
                                                            {"status", &RuleInfo::status},
                                                            {"description", &RuleInfo::description},
                                                            {"author", &RuleInfo::author},
                                                            {"date", &RuleInfo::date},
                                                            {"modified", &RuleInfo::modified},
                                                            {"license", &RuleInfo::license},
                                                            {"taxonomy", &RuleInfo::taxonomy},
                                                            {"path", &RuleInfo::path}}};
struct AttributeList {
  std::string_view name;
  std::vector<std::string> RuleInfo::* texts;
};
constexpr std::array<AttributeList, 4> kAttributeLists = {{{"tags", &RuleInfo::tags},
                                                           {"references", &RuleInfo::references},
                                                           {"fields", &RuleInfo::fields},
                                                           {"falsepositives", &RuleInfo::falsepositives}}};
// From the least to the most mature (Sigma rules specification, "Status").
constexpr std::array<std::string_view, 5> kStatuses = {"unsupported", "deprecated", "experimental", "test", "stable"};

std::ptrdiff_t status_rank(std::string_view status) {
  return std::ranges::find(kStatuses, status) - kStatuses.begin();
}

bool has_attribute(const PipelineRun& run, std::string_view attribute, std::string_view op, const std::string& value) {
  const RuleInfo& info = *run.rule.info;
  for (const AttributeList& list : kAttributeLists) {
    if (list.name != attribute) continue;
    const std::vector<std::string>& own = info.*list.texts;
    const bool is_in = std::ranges::find(own, value) != own.end();
    return op == "in" ? is_in : op == "not_in" ? !is_in : op == "ne";  // A list equals no single value.
  }
  if (attribute == "level") {
    Level wanted = Level::medium;
    return parse_level(value, wanted) && compares(info.level, op, wanted);
  }
  if (attribute == "status") return compares(status_rank(info.status), op, status_rank(value));
  for (const AttributeText& text : kAttributeTexts) {
    if (text.name == attribute) return compares_as_written(info.*text.text, op, value);
  }
  const auto own = run.attributes.find(attribute);
  return own != run.attributes.end() && compares_as_written(own->second, op, value);
}

RuleCondition read_attribute(const Parameters& parameters) {
  const std::string attribute = parameters.required_text("attribute");
  const std::string value = parameters.required_text("value");
  const std::string op = parameters.choice("op", kAttributeOperators);
  Level level = Level::medium;
  if (attribute == "level" && !parse_level(value, level)) {
    parameters.error(*parameters.find("value"), fmt::format("'{}' is not a level", shortened(value)),
                     "known: informational, low, medium, high, critical");
  }
  return [=](const PipelineRun& run) { return has_attribute(run, attribute, op, value); };
}

// --- Conditions on a detection item ----------------------------------------------------------------------------------

constexpr std::array<std::string_view, 2> kAnyOrAll = {"any", "all"};

// `cond: any|all`: which of an item's values must fit.
ItemCondition on_values(const Parameters& parameters, std::function<bool(const FieldTest&)> fits) {
  const bool all = parameters.choice("cond", kAnyOrAll) == "all";
  return [all, fits = std::move(fits)](const PipelineRun&, const DetectionItem& item) {
    const auto holds = [&](const FieldTest* value) { return fits(*value); };
    return all ? std::ranges::all_of(item.values, holds) : std::ranges::any_of(item.values, holds);
  };
}

ItemCondition read_match_string(const Parameters& parameters) {
  const yaml::Node* pattern = parameters.required("pattern");
  const SharedRegex regex = pattern == nullptr ? nullptr : read_regex(parameters, *pattern);
  const bool negate = parameters.is_true("negate");
  return on_values(parameters, [regex, negate](const FieldTest& value) {
    const auto* test = std::get_if<PatternTest>(&value.test);
    return (test != nullptr && regex->found_in(test->pattern.to_sigma())) != negate;
  });
}

ItemCondition read_match_value(const Parameters& parameters) {
  return on_values(parameters, [wanted = match::Pattern::parse(parameters.required_text("value"))](
                                   const FieldTest& value) { return is_pattern(value, wanted); });
}

ItemCondition read_contains_wildcard(const Parameters& parameters) {
  return on_values(parameters, [](const FieldTest& value) {
    const auto* test = std::get_if<PatternTest>(&value.test);
    return test != nullptr && !test->pattern.is_literal();
  });
}

ItemCondition read_is_null(const Parameters& parameters) {
  return on_values(parameters, [](const FieldTest& value) { return std::holds_alternative<NullTest>(value.test); });
}

ItemCondition read_item_applied(const Parameters& parameters) {
  return [id = parameters.required_text("processing_item_id")](const PipelineRun& run, const DetectionItem& item) {
    return run.applied_items.contains({id, item.place()});
  };
}

ItemCondition read_item_state(const Parameters& parameters) {
  return [wanted = read_state(parameters)](const PipelineRun& run, const DetectionItem&) {
    return has_state(run, wanted);
  };
}

// --- Conditions on a field's name ------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 2> kFieldModes = {"plain", "re"};

FieldCondition read_include_fields(const Parameters& parameters) {
  const bool by_regex = parameters.choice("mode", kFieldModes) == "re";
  const yaml::Node* fields = parameters.required("fields");
  if (fields == nullptr) return nullptr;
  if (!by_regex) {
    return [names = texts_of(*fields)](const PipelineRun&, std::string_view field) {
      return std::ranges::find(names, field) != names.end();
    };
  }
  std::vector<SharedRegex> regexes;
  for (const yaml::Node& item : fields->items()) regexes.push_back(read_regex(parameters, item));
  if (fields->is_scalar()) regexes.push_back(read_regex(parameters, *fields));
  return [regexes](const PipelineRun&, std::string_view field) {
    return std::ranges::any_of(regexes, [&](const SharedRegex& regex) { return regex->found_in(field); });
  };
}

FieldCondition read_exclude_fields(const Parameters& parameters) {
  FieldCondition include = read_include_fields(parameters);
  if (!include) return nullptr;
  return
      [include = std::move(include)](const PipelineRun& run, std::string_view field) { return !include(run, field); };
}

FieldCondition read_field_applied(const Parameters& parameters) {
  return [id = parameters.required_text("processing_item_id")](const PipelineRun& run, std::string_view field) {
    return run.applied_fields.contains({id, std::string(field)});
  };
}

FieldCondition read_field_state(const Parameters& parameters) {
  return [wanted = read_state(parameters)](const PipelineRun& run, std::string_view) { return has_state(run, wanted); };
}

}  // namespace

RuleCondition read_rule_condition(const yaml::Node& node, Reporter& reporter) {
  static constexpr std::array<ConditionType<RuleCondition>, 9> kTypes = {{
      {"logsource", {"product", "category", "service"}, read_logsource},
      {"contains_field", {"field"}, read_contains_field},
      {"contains_detection_item", {"field", "value"}, read_contains_item},
      {"processing_item_applied", {"processing_item_id"}, read_rule_applied},
      {"processing_state", {"key", "val", "op"}, read_rule_state},
      {"is_sigma_rule", {}, read_is_rule},
      {"is_sigma_correlation_rule", {}, read_is_correlation},
      {"rule_attribute", {"attribute", "value", "op"}, read_attribute},
      {"tag", {"tag"}, read_tag},
  }};
  return read_of_types(node, "rule", reporter, kTypes);
}

ItemCondition read_item_condition(const yaml::Node& node, Reporter& reporter) {
  static constexpr std::array<ConditionType<ItemCondition>, 6> kTypes = {{
      {"match_string", {"pattern", "cond", "negate"}, read_match_string},
      {"match_value", {"value", "cond"}, read_match_value},
      {"contains_wildcard", {"cond"}, read_contains_wildcard},
      {"is_null", {"cond"}, read_is_null},
      {"processing_item_applied", {"processing_item_id"}, read_item_applied},
      {"processing_state", {"key", "val", "op"}, read_item_state},
  }};
  return read_of_types(node, "detection item", reporter, kTypes);
}

FieldCondition read_field_condition(const yaml::Node& node, Reporter& reporter) {
  static constexpr std::array<ConditionType<FieldCondition>, 4> kTypes = {{
      {"include_fields", {"fields", "mode"}, read_include_fields},
      {"exclude_fields", {"fields", "mode"}, read_exclude_fields},
      {"processing_item_applied", {"processing_item_id"}, read_field_applied},
      {"processing_state", {"key", "val", "op"}, read_field_state},
  }};
  return read_of_types(node, "field name", reporter, kTypes);
}

// The grammar is that of a rule's condition, so its parser reads the expression: each name is a selection of one leaf.
Joining read_joining(const yaml::Node& expression, const std::vector<std::string_view>& names, Reporter& reporter) {
  std::vector<Selection> selections;
  for (const std::string_view name : names) {
    FieldTest leaf;
    leaf.field = std::to_string(selections.size());
    selections.push_back({std::string(name), leaf_of(std::move(leaf)), false});
  }
  ParsedCondition parsed = parse_condition(expression.text(), selections);
  for (const ConditionProblem& problem : parsed.problems) {
    reporter.error("pipeline", reporter.part(expression, problem.offset, problem.size), problem.message, problem.hint);
  }
  if (!parsed.problems.empty()) return nullptr;
  return [expr = std::move(parsed.expr)](const std::function<bool(std::size_t)>& holds) {
    const std::function<bool(const Expr&)> value_of = [&](const Expr& part) {
      switch (part.kind) {
        case ExprKind::leaf: return holds(static_cast<std::size_t>(*parse_int(part.leaf->field)));
        case ExprKind::all_of: return std::ranges::all_of(part.children, value_of);
        case ExprKind::any_of: return std::ranges::any_of(part.children, value_of);
        case ExprKind::negation: break;
      }
      return !value_of(part.children.front());
    };
    return value_of(expr);
  };
}

}  // namespace weir::sigma
