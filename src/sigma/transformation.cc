#include "sigma/transformation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "match/regex.h"

namespace weir::sigma {
namespace {

Expr leaf_expr(FieldTest test) {
  Expr expr;
  expr.kind = ExprKind::leaf;
  expr.leaf = std::make_shared<const FieldTest>(std::move(test));
  return expr;
}

Expr any_of(std::vector<Expr> children) {
  if (children.size() == 1) return std::move(children.front());
  Expr expr;
  expr.kind = ExprKind::any_of;
  expr.children = std::move(children);
  return expr;
}

// One leaf for each of several field names, joined by "or".
Expr under_fields(const FieldTest& leaf, const std::vector<std::string>& fields) {
  std::vector<Expr> children;
  for (const std::string& field : fields) {
    FieldTest renamed = leaf;
    renamed.field = field;
    children.push_back(leaf_expr(std::move(renamed)));
  }
  return any_of(std::move(children));
}

FieldTest pattern_leaf(const FieldTest& like, match::Pattern pattern, bool cased) {
  FieldTest leaf = like;
  leaf.text = fmt::format("is '{}'", pattern.to_sigma());
  leaf.test = PatternTest{std::move(pattern), cased};
  return leaf;
}

using Lists = std::map<std::string, std::vector<std::string>, std::less<>>;

// All texts that come of filling in the placeholders of `text` that `filling` knows; the others stay.
std::vector<std::string> filled(std::string_view text,
                                const std::function<const std::vector<std::string>*(std::string_view)>& filling) {
  constexpr std::size_t kTextsMax = 100'000;
  std::vector<std::string> texts = {""};
  const auto append = [&texts](std::string_view piece) {
    for (std::string& each : texts) each += piece;
  };
  while (!text.empty()) {
    if (text.starts_with("\\%")) {
      append("\\%");
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.front() == '%' ? text.find('%', 1) : std::string_view::npos;
    const std::vector<std::string>* values =
        end == std::string_view::npos ? nullptr : filling(text.substr(1, end - 1));
    if (values == nullptr || texts.size() * values->size() > kTextsMax) {
      append(text.substr(0, 1));
      text.remove_prefix(1);
      continue;
    }
    std::vector<std::string> longer;
    for (const std::string& each : texts) {
      for (const std::string& value : *values) longer.push_back(each + value);
    }
    texts = std::move(longer);
    text.remove_prefix(end + 1);
  }
  return texts;
}

bool holds_placeholder(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '%' && text.find('%', i + 1) > i + 1 && text.find('%', i + 1) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// `\%` is a plain percent sign once placeholders are filled in.
std::string without_percent_escapes(std::string text) {
  for (std::size_t at = text.find("\\%"); at != std::string::npos; at = text.find("\\%", at + 1)) text.erase(at, 1);
  return text;
}

std::optional<Expr> fill_placeholders(const FieldTest& leaf,
                                      const std::function<const std::vector<std::string>*(std::string_view)>& filling) {
  const auto* placeholder = std::get_if<PlaceholderTest>(&leaf.test);
  if (placeholder == nullptr) return std::nullopt;
  std::vector<Expr> children;
  for (const std::string& text : filled(placeholder->text, filling)) {
    if (holds_placeholder(text)) {
      FieldTest rest = leaf;
      PlaceholderTest still = *placeholder;
      still.text = text;
      rest.test = std::move(still);
      children.push_back(leaf_expr(std::move(rest)));
      continue;
    }
    match::Pattern pattern = match::Pattern::parse(without_percent_escapes(text));
    if (placeholder->open_front) pattern.open_front();
    if (placeholder->open_back) pattern.open_back();
    children.push_back(leaf_expr(pattern_leaf(leaf, std::move(pattern), placeholder->cased)));
  }
  return any_of(std::move(children));
}

std::vector<std::string> strings_of(const yaml::Node& node) {
  std::vector<std::string> texts;
  if (node.is_scalar()) texts.push_back(node.text());
  for (const yaml::Node& item : node.items()) texts.push_back(item.text());
  return texts;
}

bool any_leaf(const Expr& expr, const std::function<bool(const FieldTest&)>& fits) {
  if (expr.kind == ExprKind::leaf) return fits(*expr.leaf);
  return std::ranges::any_of(expr.children, [&](const Expr& child) { return any_leaf(child, fits); });
}

bool is_literal_text(const FieldTest& leaf, std::string_view text) {
  const auto* pattern = std::get_if<PatternTest>(&leaf.test);
  return pattern != nullptr && pattern->pattern.is_literal() && equals_ignoring_case(pattern->pattern.plain(), text);
}

template <typename Condition, typename... Args>
bool met(const ConditionList<Condition>& conditions, const Args&... args) {
  if (conditions.all.empty()) return true;
  const auto holds = [&](const Condition& condition) { return condition(args...); };
  const bool result = conditions.any_will_do ? std::ranges::any_of(conditions.all, holds)
                                             : std::ranges::all_of(conditions.all, holds);
  return result != conditions.negated;
}

}  // namespace

bool Transformation::applies_to(const PipelineRun& run) const { return met(rule_conditions_, run); }

bool Transformation::wants(const PipelineRun& run, const FieldTest& leaf) const {
  return met(leaf_conditions_, run, leaf) && met(field_conditions_, run, leaf);
}

void Transformation::apply(PipelineRun& run) const {
  if (!applies_to(run)) return;
  bool changed = false;
  if (change_rule_) {
    change_rule_(run);
    changed = true;
  } else {
    change_leaves(run, run.rule.condition, changed);
  }
  if (changed && !id_.empty()) run.applied.insert(id_);
}

void Transformation::change_leaves(PipelineRun& run, Expr& expr, bool& changed) const {
  if (expr.kind != ExprKind::leaf) {
    for (Expr& child : expr.children) change_leaves(run, child, changed);
    return;
  }
  if (!wants(run, *expr.leaf)) return;
  std::optional<Expr> instead = change_leaf_(run, *expr.leaf);
  if (!instead) return;
  instead->label = expr.label;
  expr = std::move(*instead);
  changed = true;
}

// Reads a transformation's node. Each type has one function that reads its parameters and sets what it does.
class TransformationParser {
 public:
  TransformationParser(const yaml::Node& node, std::vector<Transformation::Problem>& problems)
      : node_(node), problems_(problems), problems_before_(problems.size()) {}

  std::unique_ptr<Transformation> parse() {
    if (!node_.is_map()) {
      problem(node_.mark(), "a transformation must be a map");
      return nullptr;
    }
    made_ = std::make_unique<Transformation>();
    if (const yaml::Node* id = node_.find("id")) made_->id_ = id->text();
    parse_conditions();
    parse_type();
    return problems_.size() == problems_before_ ? std::move(made_) : nullptr;
  }

 private:
  using Read = void (TransformationParser::*)();
  struct Type {
    std::string_view name;
    Read read;
  };

  void problem(yaml::Mark mark, std::string message, std::string hint = {}) {
    problems_.push_back({mark, std::move(message), std::move(hint)});
  }

  const yaml::Node* required(std::string_view key) {
    const yaml::Node* value = node_.find(key);
    if (value == nullptr) problem(node_.mark(), fmt::format("the transformation needs '{}'", key));
    return value;
  }

  static bool is_true(const yaml::Node* node) { return node != nullptr && equals_ignoring_case(node->text(), "true"); }

  void parse_type() {
    static constexpr std::array<Type, 20> kTypes = {{
        {"field_name_mapping", &TransformationParser::read_field_name_mapping},
        {"field_name_prefix_mapping", &TransformationParser::read_field_name_prefix_mapping},
        {"field_name_prefix", &TransformationParser::read_field_name_prefix},
        {"field_name_suffix", &TransformationParser::read_field_name_suffix},
        {"drop_detection_item", &TransformationParser::read_drop},
        {"add_condition", &TransformationParser::read_add_condition},
        {"change_logsource", &TransformationParser::read_change_logsource},
        {"replace_string", &TransformationParser::read_replace_string},
        {"map_string", &TransformationParser::read_map_string},
        {"set_value", &TransformationParser::read_set_value},
        {"case", &TransformationParser::read_case},
        {"hashes_fields", &TransformationParser::read_hashes_fields},
        {"value_placeholders", &TransformationParser::read_value_placeholders},
        {"wildcard_placeholders", &TransformationParser::read_wildcard_placeholders},
        {"set_state", &TransformationParser::read_set_state},
        {"rule_failure", &TransformationParser::read_rule_failure},
        {"detection_item_failure", &TransformationParser::read_item_failure},
        {"add_field", &TransformationParser::read_nothing},
        {"remove_field", &TransformationParser::read_nothing},
        {"set_custom_attribute", &TransformationParser::read_nothing},
    }};
    const yaml::Node* type = required("type");
    if (type == nullptr) return;
    for (const Type& known : kTypes) {
      if (known.name == type->text()) {
        (this->*known.read)();
        return;
      }
    }
    std::vector<std::string_view> names;
    for (const Type& known : kTypes) names.push_back(known.name);
    const std::string_view near = nearest(type->text(), names);
    problem(type->mark(), fmt::format("transformation '{}' is not known", type->text()),
            near.empty() ? std::string() : fmt::format("did you mean '{}'?", near));
  }

  // --- What is changed -------------------------------------------------------------------------------------------

  // Field → its names instead. Also renames the field that a field reference points to.
  void map_fields(std::function<std::optional<std::vector<std::string>>(const std::string&)> instead) {
    made_->change_leaf_ = [instead = std::move(instead)](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
      FieldTest renamed = leaf;
      bool changed = false;
      if (auto* ref = std::get_if<FieldRefTest>(&renamed.test)) {
        if (const auto names = instead(ref->field); names && !names->empty()) {
          ref->field = names->front();
          changed = true;
        }
      }
      const auto names = leaf.field.empty() ? std::nullopt : instead(leaf.field);
      if (!names && !changed) return std::nullopt;
      return under_fields(renamed, names ? *names : std::vector<std::string>{leaf.field});
    };
  }

  void read_field_name_mapping() {
    const yaml::Node* mapping = required("mapping");
    if (mapping == nullptr) return;
    std::map<std::string, std::vector<std::string>> names;
    for (const auto& entry : mapping->entries()) names[entry.key] = strings_of(entry.value);
    map_fields([names = std::move(names)](const std::string& field) -> std::optional<std::vector<std::string>> {
      const auto it = names.find(field);
      return it == names.end() ? std::nullopt : std::optional(it->second);
    });
  }

  void read_field_name_prefix_mapping() {
    const yaml::Node* mapping = required("mapping");
    if (mapping == nullptr) return;
    std::vector<std::pair<std::string, std::vector<std::string>>> prefixes;
    for (const auto& entry : mapping->entries()) prefixes.emplace_back(entry.key, strings_of(entry.value));
    map_fields([prefixes = std::move(prefixes)](const std::string& field) -> std::optional<std::vector<std::string>> {
      for (const auto& [prefix, instead] : prefixes) {
        if (!field.starts_with(prefix)) continue;
        std::vector<std::string> names;
        for (const std::string& other : instead) names.push_back(other + field.substr(prefix.size()));
        return names;
      }
      return std::nullopt;
    });
  }

  void read_field_name_prefix() {
    if (const yaml::Node* prefix = required("prefix")) {
      map_fields([text = prefix->text()](const std::string& field) { return std::optional(std::vector{text + field}); });
    }
  }

  void read_field_name_suffix() {
    if (const yaml::Node* suffix = required("suffix")) {
      map_fields([text = suffix->text()](const std::string& field) { return std::optional(std::vector{field + text}); });
    }
  }

  // An item that is dropped demands nothing any more.
  void read_drop() {
    made_->change_leaf_ = [](PipelineRun&, const FieldTest&) { return std::optional(Expr{}); };
  }

  void read_add_condition() {
    const yaml::Node* conditions = required("conditions");
    if (conditions == nullptr) return;
    Expr added;
    added.label = "added by pipeline";
    for (const auto& entry : conditions->entries()) {
      std::vector<Expr> values;
      for (const std::string& text : strings_of(entry.value)) {
        FieldTest leaf;
        leaf.field = entry.key;
        leaf.mark = entry.key_mark;
        values.push_back(leaf_expr(pattern_leaf(leaf, match::Pattern::parse(text), false)));
      }
      added.children.push_back(any_of(std::move(values)));
    }
    if (is_true(node_.find("negated"))) {
      Expr negation;
      negation.kind = ExprKind::negation;
      negation.children.push_back(std::move(added));
      added = std::move(negation);
    }
    made_->change_rule_ = [added = std::move(added)](PipelineRun& run) {
      Expr both;
      both.children.push_back(added);
      both.children.push_back(std::move(run.rule.condition));
      run.rule.condition = std::move(both);
    };
  }

  void read_change_logsource() {
    event::LogsourceSelector logsource;
    const auto read = [&](std::string_view key, std::string& part) {
      if (const yaml::Node* value = node_.find(key)) part = value->text();
    };
    read("product", logsource.product);
    read("category", logsource.category);
    read("service", logsource.service);
    made_->change_rule_ = [logsource](PipelineRun& run) { run.rule.logsource = logsource; };
  }

  // Applies `change` to every literal part of a pattern; wildcards stay.
  void change_literals(std::function<std::string(const std::string&)> change) {
    made_->change_leaf_ = [change = std::move(change)](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
      const auto* test = std::get_if<PatternTest>(&leaf.test);
      if (test == nullptr) return std::nullopt;
      match::Pattern pattern = test->pattern;
      for (match::Pattern::Part& part : pattern.parts()) {
        if (part.kind == match::Pattern::PartKind::literal) part.text = change(part.text);
      }
      if (pattern == test->pattern) return std::nullopt;
      return leaf_expr(pattern_leaf(leaf, std::move(pattern), test->cased));
    };
  }

  void read_replace_string() {
    const yaml::Node* regex = required("regex");
    const yaml::Node* replacement = required("replacement");
    if (regex == nullptr || replacement == nullptr) return;
    auto compiled = match::Regex::compile(regex->text(), {});
    if (!compiled) {
      problem(regex->mark(), compiled.error().message);
      return;
    }
    change_literals([shared = std::make_shared<match::Regex>(std::move(*compiled)), with = replacement->text()](
                        const std::string& text) { return shared->replaced(text, with); });
  }

  void read_case() {
    const yaml::Node* method = node_.find("method");
    if (method != nullptr && method->text() != "lower" && method->text() != "upper") {
      problem(method->mark(), fmt::format("case method '{}' is not known", method->text()), "known: lower, upper");
      return;
    }
    const bool upper = method != nullptr && method->text() == "upper";
    change_literals([upper](const std::string& text) {
      std::string changed = lower(text);
      if (upper) std::ranges::transform(changed, changed.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
      return changed;
    });
  }

  void read_map_string() {
    const yaml::Node* mapping = required("mapping");
    if (mapping == nullptr) return;
    std::map<std::string, std::vector<std::string>> instead;
    for (const auto& entry : mapping->entries()) instead[entry.key] = strings_of(entry.value);
    made_->change_leaf_ = [instead](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
      const auto* test = std::get_if<PatternTest>(&leaf.test);
      if (test == nullptr || !test->pattern.is_literal()) return std::nullopt;
      const auto it = instead.find(test->pattern.plain());
      if (it == instead.end()) return std::nullopt;
      std::vector<Expr> children;
      for (const std::string& text : it->second) {
        children.push_back(leaf_expr(pattern_leaf(leaf, match::Pattern::parse(text), test->cased)));
      }
      return any_of(std::move(children));
    };
  }

  void read_set_value() {
    const yaml::Node* value = required("value");
    if (value == nullptr) return;
    made_->change_leaf_ = [text = value->text()](PipelineRun&, const FieldTest& leaf) {
      return std::optional(leaf_expr(pattern_leaf(leaf, match::Pattern::literal(text), false)));
    };
  }

  // "Hashes|contains: 'SHA256=abc'" → field SHA256 is abc, under `field_prefix`.
  void read_hashes_fields() {
    std::vector<std::string> algorithms = {"MD5", "SHA1", "SHA256", "SHA512", "IMPHASH"};
    if (const yaml::Node* valid = node_.find("valid_hash_algos")) algorithms = strings_of(*valid);
    const yaml::Node* prefix = node_.find("field_prefix");
    const bool drop_name = is_true(node_.find("drop_algo_prefix"));
    made_->change_leaf_ = [algorithms, drop_name, before = prefix ? prefix->text() : std::string("File")](
                              PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
      const auto* test = std::get_if<PatternTest>(&leaf.test);
      if (test == nullptr || (leaf.field != "Hashes" && leaf.field != "Hash")) return std::nullopt;
      match::Pattern pattern = test->pattern;
      std::erase_if(pattern.parts(), [](const auto& part) { return part.kind == match::Pattern::PartKind::any_run; });
      if (!pattern.is_literal()) return std::nullopt;
      const std::string text = pattern.plain();
      const std::size_t equals = text.find_first_of("=|");
      const std::string algorithm = equals == std::string::npos ? "" : text.substr(0, equals);
      const auto known = std::ranges::find_if(
          algorithms, [&](const std::string& name) { return equals_ignoring_case(name, algorithm); });
      if (known == algorithms.end()) return std::nullopt;
      FieldTest renamed = leaf;
      renamed.field = drop_name ? before : before + *known;
      return leaf_expr(pattern_leaf(renamed, match::Pattern::literal(text.substr(equals + 1)), false));
    };
  }

  // Which placeholders a transformation speaks of: `include` or `exclude`.
  std::function<bool(std::string_view)> placeholder_choice() {
    const yaml::Node* include = node_.find("include");
    const yaml::Node* exclude = node_.find("exclude");
    const std::vector<std::string> in = include ? strings_of(*include) : std::vector<std::string>();
    const std::vector<std::string> out = exclude ? strings_of(*exclude) : std::vector<std::string>();
    return [in, out](std::string_view name) {
      return (in.empty() || std::ranges::find(in, name) != in.end()) && std::ranges::find(out, name) == out.end();
    };
  }

  void read_value_placeholders() {
    made_->change_leaf_ = [chosen = placeholder_choice()](PipelineRun& run, const FieldTest& leaf) {
      return fill_placeholders(leaf, [&](std::string_view name) -> const std::vector<std::string>* {
        const auto it = run.lists.find(name);
        return it == run.lists.end() || !chosen(name) ? nullptr : &it->second;
      });
    };
  }

  void read_wildcard_placeholders() {
    made_->change_leaf_ = [chosen = placeholder_choice()](PipelineRun&, const FieldTest& leaf) {
      static const std::vector<std::string> kStar = {"*"};
      return fill_placeholders(leaf, [&](std::string_view name) { return chosen(name) ? &kStar : nullptr; });
    };
  }

  void read_set_state() {
    const yaml::Node* key = required("key");
    const yaml::Node* value = required("val");
    if (key == nullptr || value == nullptr) return;
    made_->changes_rules_ = false;
    made_->change_rule_ = [name = key->text(), text = value->text()](PipelineRun& run) { run.state[name] = text; };
  }

  void read_rule_failure() {
    const yaml::Node* message = node_.find("message");
    made_->change_rule_ = [text = message ? message->text() : std::string("refused by the pipeline")](PipelineRun& run) {
      if (run.refusal.empty()) run.refusal = text;
    };
  }

  void read_item_failure() {
    const yaml::Node* message = node_.find("message");
    made_->change_leaf_ = [text = message ? message->text() : std::string("refused by the pipeline")](
                              PipelineRun& run, const FieldTest& leaf) -> std::optional<Expr> {
      if (run.refusal.empty()) run.refusal = fmt::format("{} (field {})", text, leaf.field);
      return std::nullopt;
    };
  }

  // Changes what a query prints, which an engine that matches events has no use for.
  void read_nothing() {
    made_->changes_rules_ = false;
    made_->change_rule_ = [](PipelineRun&) {};
  }

  // --- Under which conditions ------------------------------------------------------------------------------------

  template <typename Condition, typename ReadOne>
  void parse_list(std::string_view prefix, ConditionList<Condition>& conditions, ReadOne&& read_one) {
    const std::string list_key = fmt::format("{}_conditions", prefix);
    const std::string short_key = prefix == "detection_item" ? "detection_item_cond" : fmt::format("{}_cond", prefix);
    if (const yaml::Node* op = node_.find(short_key + "_op")) conditions.any_will_do = op->text() == "or";
    conditions.negated = is_true(node_.find(short_key + "_not"));
    if (const yaml::Node* expression = node_.find(short_key + "_expr")) {
      problem(expression->mark(), fmt::format("'{}_expr' is not supported", short_key),
              fmt::format("use '{}_op' and '{}_not'", short_key, short_key));
    }
    const yaml::Node* list = node_.find(list_key);
    if (list == nullptr) return;
    for (const yaml::Node& item : list->items()) {
      const yaml::Node* type = item.find("type");
      if (type == nullptr) {
        problem(item.mark(), "a condition needs 'type'");
        continue;
      }
      Condition condition = read_one(item, type->text());
      if (condition) {
        conditions.all.push_back(std::move(condition));
      } else {
        problem(type->mark(), fmt::format("condition '{}' is not known in {}", type->text(), list_key));
      }
    }
  }

  void parse_conditions() {
    parse_list("rule", made_->rule_conditions_,
               [](const yaml::Node& node, const std::string& type) { return rule_condition(node, type); });
    parse_list("detection_item", made_->leaf_conditions_,
               [](const yaml::Node& node, const std::string& type) { return leaf_condition(node, type); });
    parse_list("field_name", made_->field_conditions_,
               [](const yaml::Node& node, const std::string& type) { return field_condition(node, type); });
  }

  static std::string text_of(const yaml::Node& node, std::string_view key) {
    const yaml::Node* value = node.find(key);
    return value == nullptr ? std::string() : value->text();
  }

  static RuleCondition rule_condition(const yaml::Node& node, const std::string& type) {
    if (type == "logsource") {
      const event::LogsourceSelector wanted{text_of(node, "product"), text_of(node, "category"),
                                            text_of(node, "service")};
      return [wanted](const PipelineRun& run) {
        const event::LogsourceSelector& own = run.rule.logsource;
        const auto fits = [](const std::string& part, const std::string& of_rule) {
          return part.empty() || part == of_rule;
        };
        return fits(wanted.product, own.product) && fits(wanted.category, own.category) &&
               fits(wanted.service, own.service);
      };
    }
    if (type == "contains_field") {
      return [field = text_of(node, "field")](const PipelineRun& run) {
        return any_leaf(run.rule.condition, [&](const FieldTest& leaf) { return leaf.field == field; });
      };
    }
    if (type == "contains_detection_item") {
      return [field = text_of(node, "field"), value = text_of(node, "value")](const PipelineRun& run) {
        return any_leaf(run.rule.condition,
                        [&](const FieldTest& leaf) { return leaf.field == field && is_literal_text(leaf, value); });
      };
    }
    if (type == "processing_item_applied") {
      return [id = text_of(node, "processing_item_id")](const PipelineRun& run) { return run.applied.contains(id); };
    }
    if (type == "processing_state") {
      return [key = text_of(node, "key"), value = text_of(node, "val")](const PipelineRun& run) {
        const auto it = run.state.find(key);
        return it != run.state.end() && it->second == value;
      };
    }
    if (type == "is_sigma_rule") return [](const PipelineRun&) { return true; };
    if (type == "is_sigma_correlation_rule") return [](const PipelineRun&) { return false; };
    if (type == "tag") {
      return [tag = text_of(node, "tag")](const PipelineRun& run) {
        return std::ranges::find(run.rule.info->tags, tag) != run.rule.info->tags.end();
      };
    }
    if (type == "rule_attribute") return rule_attribute(text_of(node, "attribute"), text_of(node, "value"));
    return nullptr;
  }

  static RuleCondition rule_attribute(const std::string& attribute, const std::string& value) {
    return [attribute, value](const PipelineRun& run) {
      const RuleInfo& info = *run.rule.info;
      if (attribute == "level") return to_string(info.level) == value;
      if (attribute == "status") return info.status == value;
      if (attribute == "id") return info.id == value;
      if (attribute == "title") return info.title == value;
      if (attribute == "author") return info.author == value;
      return false;
    };
  }

  static LeafCondition leaf_condition(const yaml::Node& node, const std::string& type) {
    if (type == "match_string") {
      auto compiled = match::Regex::compile(text_of(node, "pattern"), {});
      if (!compiled) return nullptr;
      return [regex = std::make_shared<match::Regex>(std::move(*compiled))](const PipelineRun&, const FieldTest& leaf) {
        const auto* test = std::get_if<PatternTest>(&leaf.test);
        return test != nullptr && regex->found_in(test->pattern.to_sigma());
      };
    }
    if (type == "is_null") {
      return [](const PipelineRun&, const FieldTest& leaf) { return std::holds_alternative<NullTest>(leaf.test); };
    }
    if (type == "contains_wildcard") {
      return [](const PipelineRun&, const FieldTest& leaf) {
        const auto* test = std::get_if<PatternTest>(&leaf.test);
        return test != nullptr && !test->pattern.is_literal();
      };
    }
    if (type == "processing_item_applied") {
      return [id = text_of(node, "processing_item_id")](const PipelineRun& run, const FieldTest&) {
        return run.applied.contains(id);
      };
    }
    return nullptr;
  }

  static LeafCondition field_condition(const yaml::Node& node, const std::string& type) {
    const bool include = type == "include_fields";
    if (!include && type != "exclude_fields") return nullptr;
    const yaml::Node* fields = node.find("fields");
    std::vector<std::string> names = fields ? strings_of(*fields) : std::vector<std::string>();
    if (text_of(node, "match_type") != "re") {
      return [names = std::move(names), include](const PipelineRun&, const FieldTest& leaf) {
        return (std::ranges::find(names, leaf.field) != names.end()) == include;
      };
    }
    std::vector<std::shared_ptr<match::Regex>> regexes;
    for (const std::string& name : names) {
      auto compiled = match::Regex::compile("^(?:" + name + ")", {});
      if (!compiled) return nullptr;
      regexes.push_back(std::make_shared<match::Regex>(std::move(*compiled)));
    }
    return [regexes, include](const PipelineRun&, const FieldTest& leaf) {
      return std::ranges::any_of(regexes, [&](const auto& regex) { return regex->found_in(leaf.field); }) == include;
    };
  }

  const yaml::Node& node_;
  std::vector<Transformation::Problem>& problems_;
  const std::size_t problems_before_;
  std::unique_ptr<Transformation> made_;
};

std::unique_ptr<Transformation> Transformation::parse(const yaml::Node& node, std::vector<Problem>& problems) {
  return TransformationParser(node, problems).parse();
}

}  // namespace weir::sigma
