#include "sigma/correlation.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/condition.h"
#include "sigma/metadata.h"
#include "sigma/scalar.h"

namespace weir::sigma {

namespace {

constexpr std::array<std::string_view, 1> kBodyKeys = {"correlation"};
constexpr std::array<std::string_view, 4> kKeys = {"group-by", "aliases", "generate", "condition"};
constexpr std::array<std::string_view, 3> kMandatoryKeys = {"type", "rules", "timespan"};
constexpr std::array<std::string_view, 8> kTypes = {"event_count",      "value_count", "temporal",
                                                    "temporal_ordered", "value_sum",   "value_avg",
                                                    "value_percentile", "value_median"};
constexpr std::array<std::string_view, 6> kComparisons = {"gt", "gte", "lt", "lte", "eq", "neq"};
constexpr std::array<std::string_view, 8> kConditionKeys = {"gt", "gte", "lt",    "lte",
                                                            "eq", "neq", "field", "percentile"};
constexpr std::int64_t kTimespanMax = std::int64_t{100} * 366 * 86'400;

bool is_temporal(CorrelationType type) {
  return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered;
}

bool needs_field(CorrelationType type) {
  return type != CorrelationType::event_count && !is_temporal(type);
}

// Seconds of a unit; months and years as pySigma has them (the Gregorian mean).
std::int64_t unit_seconds(char unit) {
  switch (unit) {
    case 's': return 1;
    case 'm': return 60;
    case 'h': return 3'600;
    case 'd': return 86'400;
    case 'w': return 604'800;
    case 'M': return 2'629'746;
    case 'y': return 31'556'952;
    default: return 0;
  }
}

class CorrelationReader {
 public:
  CorrelationReader(const yaml::Node& map, Correlation& correlation, Reporter& reporter)
      : map_(map), correlation_(correlation), reporter_(reporter) {}

  void read() {
    warn_of_misspelled_keys(map_, kKeys, kMandatoryKeys, reporter_);
    const bool has_type = read_type();
    read_rules();
    read_group_by();
    read_aliases();
    read_timespan();
    read_generate();
    if (has_type) read_condition();
  }

 private:
  const yaml::Node* find(std::string_view key) const {
    const yaml::Node* node = map_.find(key);
    return node == nullptr || node->is_null() ? nullptr : node;
  }

  bool read_type() {
    const yaml::Node* node = find("type");
    if (node == nullptr) {
      report_missing_key(map_, "type", "'correlation'", reporter_);
      return false;
    }
    const auto known = std::ranges::find(kTypes, node->text());
    if (!node->is_scalar() || known == kTypes.end()) {
      reporter_.error("bad-correlation-type", reporter_.value(*node),
                      fmt::format("'{}' is no type of correlation", shortened(node->text())),
                      did_you_mean(node->text(), {kTypes.begin(), kTypes.end()}));
      return false;
    }
    correlation_.type = static_cast<CorrelationType>(known - kTypes.begin());
    return true;
  }

  void read_rules() {
    const yaml::Node* node = find("rules");
    if (node != nullptr) {
      correlation_.rules = read_references(*node, "rules", reporter_);
      warn_of_repeated_rules(*node);
    }
    if (!correlation_.rules.empty() || (node != nullptr && node->is_map())) return;
    const yaml::Node* condition = find("condition");
    if (condition != nullptr && condition->is_scalar()) return;  // An extended condition names the rules itself.
    if (node == nullptr) {
      report_missing_key(map_, "rules", "'correlation'", reporter_);
    } else {
      reporter_.error("no-rules", reporter_.value(*node), "'rules' names no rule", "list ids or names of rules");
    }
  }

  void warn_of_repeated_rules(const yaml::Node& node) {
    std::set<std::string_view> seen;
    for (const yaml::Node& item : node.items()) {
      if (!item.is_scalar() || seen.insert(item.text()).second) continue;
      reporter_.warning("repeated-rule", reporter_.value(item),
                        fmt::format("'{}' is listed twice", shortened(item.text())), "remove one of the two");
    }
  }

  std::vector<std::string_view> rule_names() const {
    std::vector<std::string_view> names;
    for (const Reference& rule : correlation_.rules) names.push_back(rule.text);
    return names;
  }

  void read_group_by() {
    if (const yaml::Node* node = find("group-by")) {
      correlation_.group_by = read_texts(*node, "group-by", reporter_);
      return;
    }
    reporter_.warning("no-group-by", {map_.mark(), 1},
                      "without 'group-by' the events of all hosts and users count together",
                      "name the fields that belong together");
  }

  void read_aliases() {
    const yaml::Node* node = find("aliases");
    if (node == nullptr) return;
    if (!node->is_map()) {
      reporter_.error("bad-alias", reporter_.value(*node), "'aliases' must be a map of names to maps");
      return;
    }
    const std::vector<std::string_view> names = rule_names();
    const std::set<std::string_view> known(names.begin(), names.end());
    for (const yaml::Node::Entry& entry : node->entries()) read_alias(entry, known);
  }

  void read_alias(const yaml::Node::Entry& entry, const std::set<std::string_view>& rules) {
    if (!entry.value.is_map() || entry.value.entries().empty()) {
      reporter_.error("bad-alias", reporter_.value(entry.value),
                      fmt::format("the alias '{}' must be a map of rules to fields", shortened(entry.key)),
                      "write 'rule_name: FieldName' under it");
      return;
    }
    Correlation::Alias alias{entry.key, {}};
    for (const yaml::Node::Entry& field : entry.value.entries()) {
      if (!field.value.is_scalar()) {
        reporter_.error("bad-alias", reporter_.value(field.value), "the name of a field must be a text");
        continue;
      }
      if (!rules.empty() && !rules.contains(field.key)) {
        reporter_.error("bad-alias", reporter_.key(field),
                        fmt::format("'{}' is not among the correlation's rules", shortened(field.key)),
                        did_you_mean(field.key, {rules.begin(), rules.end()}));
      }
      alias.fields.emplace_back(field.key, field.value.text());
    }
    const bool grouped = std::ranges::find(correlation_.group_by, entry.key) != correlation_.group_by.end();
    if (!grouped) {
      reporter_.warning("unused-alias", reporter_.key(entry),
                        fmt::format("'group-by' does not name the alias '{}'", shortened(entry.key)),
                        "add it there or remove it");
    }
    correlation_.aliases.push_back(std::move(alias));
  }

  void read_timespan() {
    const yaml::Node* node = find("timespan");
    if (node == nullptr) {
      // The name that aggregations used.
      const yaml::Node::Entry* old = find_entry(map_, "timeframe");
      if (old != nullptr) {
        reporter_.error("missing-key", reporter_.key(*old), "'correlation' has no 'timespan'",
                        "did you mean 'timespan'?");
      } else {
        report_missing_key(map_, "timespan", "'correlation'", reporter_);
      }
      return;
    }
    const std::optional<std::int64_t> seconds =
        node->is_scalar() ? parse_timespan(node->text()) : std::optional<std::int64_t>();
    if (!seconds) {
      reporter_.error("bad-timespan", reporter_.value(*node),
                      fmt::format("'{}' is no timespan", shortened(node->text())),
                      "a whole number and s, m, h or d: '90m' for an hour and a half");
      return;
    }
    correlation_.timespan_seconds = *seconds;
  }

  void read_generate() {
    const yaml::Node* node = find("generate");
    if (node == nullptr) return;
    const std::optional<bool> generate = read_boolean(*node);
    if (generate) {
      correlation_.generate = *generate;
    } else {
      reporter_.error("bad-type", reporter_.value(*node), "'generate' is true or false", "write it without quotes");
    }
  }

  void read_condition() {
    const yaml::Node* node = find("condition");
    if (node == nullptr) {
      read_no_condition();
    } else if (node->is_map()) {
      read_comparisons(*node);
    } else if (node->is_scalar() && is_temporal(correlation_.type)) {
      read_extended(*node);
    } else {
      reporter_.error("bad-correlation-condition", reporter_.value(*node),
                      fmt::format("the condition of {} must be a map", to_string(correlation_.type)),
                      "write 'gte: 10' under it");
    }
  }

  void read_no_condition() {
    if (!is_temporal(correlation_.type)) {
      report_missing_key(map_, "condition", "'correlation'", reporter_);
      return;
    }
    // All of the rules, as in pySigma.
    correlation_.conditions.push_back({"gte", Decimal(static_cast<std::int64_t>(correlation_.rules.size()))});
  }

  void read_comparisons(const yaml::Node& map) {
    for (const yaml::Node::Entry& entry : map.entries()) {
      if (entry.key == "field") {
        correlation_.fields = read_texts(entry.value, "field", reporter_);
      } else if (entry.key == "percentile") {
        read_percentile(entry);
      } else if (std::ranges::find(kComparisons, entry.key) != kComparisons.end()) {
        read_comparison(entry);
      } else {
        reporter_.error("bad-correlation-condition", reporter_.key(entry),
                        fmt::format("unknown comparison '{}'", shortened(entry.key)),
                        did_you_mean(entry.key, {kConditionKeys.begin(), kConditionKeys.end()}));
      }
    }
    check_comparisons(map);
    check_fields(map);
  }

  void read_comparison(const yaml::Node::Entry& entry) {
    const Scalar value = entry.value.is_scalar() ? read_scalar(entry.value) : Scalar();
    if (value.kind != ScalarKind::number) {
      reporter_.error("bad-correlation-condition", reporter_.value(entry.value),
                      fmt::format("'{}' takes a number", entry.key), "write it without quotes");
      return;
    }
    correlation_.conditions.push_back({entry.key, value.number});
  }

  void read_percentile(const yaml::Node::Entry& entry) {
    const Scalar value = entry.value.is_scalar() ? read_scalar(entry.value) : Scalar();
    if (correlation_.type != CorrelationType::value_percentile) {
      reporter_.error("bad-correlation-condition", reporter_.key(entry), "'percentile' belongs to value_percentile",
                      fmt::format("remove it or change the type, which is {}", to_string(correlation_.type)));
    } else if (value.kind != ScalarKind::number || value.number < Decimal() || value.number > Decimal(100)) {
      reporter_.error("bad-correlation-condition", reporter_.value(entry.value),
                      "'percentile' is a number from 0 to 100");
    } else {
      correlation_.percentile = value.number;
    }
  }

  // One comparison, or two that bound a range ("To define a range, you can use the conjunction 'AND' in the mapping").
  void check_comparisons(const yaml::Node& map) {
    const std::vector<Correlation::Condition>& conditions = correlation_.conditions;
    // An unknown key was probably meant as a comparison and is an error already.
    const bool written = std::ranges::any_of(map.entries(), [](const yaml::Node::Entry& entry) {
      return entry.key != "field" && entry.key != "percentile";
    });
    if (!written) {
      reporter_.error("bad-correlation-condition", {map.mark(), 1}, "the condition compares nothing",
                      "add one of gt, gte, lt, lte, eq, neq");
      return;
    }
    if (conditions.size() < 2) return;
    const auto bound = [&](char side) {
      return std::ranges::find_if(conditions, [&](const auto& condition) { return condition.comparison[0] == side; });
    };
    const auto low = bound('g');
    const auto high = bound('l');
    if (conditions.size() > 2 || low == conditions.end() || high == conditions.end()) {
      reporter_.error("bad-correlation-condition", {map.mark(), 1}, "two comparisons must bound a range",
                      "one of gt, gte and one of lt, lte; for more, chain correlations");
      return;
    }
    const bool strict = low->comparison == "gt" || high->comparison == "lt";
    if (low->number > high->number || (strict && low->number == high->number)) {
      reporter_.error("bad-correlation-condition", {map.mark(), 1}, "no number lies in the condition's range",
                      fmt::format("{} {} and {} {} exclude each other", low->comparison, low->number.text(),
                                  high->comparison, high->number.text()));
    }
  }

  void check_fields(const yaml::Node& map) {
    const yaml::Node::Entry* entry = find_entry(map, "field");
    if (!needs_field(correlation_.type)) {
      if (entry == nullptr) return;
      reporter_.warning("unused-field", reporter_.key(*entry),
                        fmt::format("{} counts events, so 'field' has no effect", to_string(correlation_.type)),
                        "remove it, or use value_count");
    } else if (correlation_.fields.empty()) {
      reporter_.error("bad-correlation-condition", entry == nullptr ? Place{map.mark(), 1} : reporter_.key(*entry),
                      fmt::format("{} needs a field", to_string(correlation_.type)), "add 'field: FieldName'");
    } else if (correlation_.fields.size() > 1 && correlation_.type != CorrelationType::value_count) {
      reporter_.error("bad-correlation-condition", reporter_.key(*entry),
                      fmt::format("{} calculates with one field", to_string(correlation_.type)),
                      "name one; only value_count takes several");
    }
  }

  // pySigma's "rule_a and not rule_b": the grammar of detections over the names of rules.
  void read_extended(const yaml::Node& node) {
    correlation_.extended_condition = node.text();
    const bool listed = !correlation_.rules.empty();
    std::vector<Selection> rules;
    for (const std::string_view name : listed ? rule_names() : words_of(node.text())) {
      rules.push_back({std::string(name), {}, false});
    }
    const ParsedCondition parsed = parse_condition(node.text(), rules);
    for (const ConditionProblem& problem : parsed.problems) report_extended(node, problem);
    if (!parsed.problems.empty()) return;
    for (const Selection& rule : rules) {
      if (rule.used && !listed) correlation_.rules.push_back({rule.name, place_of(node, rule.name)});
      if (rule.used || !listed) continue;
      reporter_.error("bad-correlation-condition", reporter_.value(node),
                      fmt::format("the condition does not use the rule '{}'", shortened(rule.name)),
                      "name it in the condition or remove it from 'rules'");
    }
  }

  void report_extended(const yaml::Node& node, const ConditionProblem& problem) {
    const bool unknown = problem.code == "unknown-selection";
    const std::string name = node.text().substr(problem.offset, problem.size);
    reporter_.error(
        unknown ? "bad-correlation-condition" : problem.code, reporter_.part(node, problem.offset, problem.size),
        unknown ? fmt::format("'{}' is not among the correlation's rules", shortened(name)) : problem.message,
        problem.hint);
  }

  // What may be names of rules in a condition without `rules`. Borrows from the condition's text.
  static std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    text = text.substr(0, kWordsTextMax);
    while (true) {
      text.remove_prefix(std::min(text.find_first_not_of(kWordEnds), text.size()));
      if (text.empty()) return words;
      const std::string_view word = text.substr(0, text.find_first_of(kWordEnds));
      text.remove_prefix(word.size());
      const bool grammar = equals_ignoring_case(word, "and") || equals_ignoring_case(word, "or") ||
                           equals_ignoring_case(word, "not") || equals_ignoring_case(word, "of");
      if (!grammar && std::ranges::find(words, word) == words.end()) words.push_back(word);
    }
  }

  // Where the condition first says the word.
  Place place_of(const yaml::Node& node, std::string_view word) {
    const std::string_view text = node.text();
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      const std::size_t end = at + word.size();
      const bool begins = at == 0 || kWordEnds.contains(text[at - 1]);
      if (begins && (end == text.size() || kWordEnds.contains(text[end]))) return reporter_.part(node, at, word.size());
    }
    return reporter_.value(node);
  }

  static constexpr std::size_t kWordsTextMax = 4096;
  static constexpr std::string_view kWordEnds = " \t\n\v\f\r()";

  const yaml::Node& map_;
  Correlation& correlation_;
  Reporter& reporter_;
};

}  // namespace

std::string_view to_string(CorrelationType type) {
  return kTypes[static_cast<std::size_t>(type)];
}

std::optional<std::int64_t> parse_timespan(std::string_view text) {
  if (text.size() < 2 || text.size() > 12) return std::nullopt;
  const std::int64_t unit = unit_seconds(text.back());
  const std::string_view digits = text.substr(0, text.size() - 1);
  if (unit == 0 || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  const std::optional<std::int64_t> count = parse_int(digits);
  if (!count || *count <= 0 || *count > kTimespanMax / unit) return std::nullopt;
  return *count * unit;
}

Correlation read_correlation(const yaml::Node& document, std::string_view path, Reporter& reporter) {
  Correlation correlation;
  correlation.info = read_info(document, path, kBodyKeys, reporter);
  const yaml::Node& map = *document.find("correlation");
  if (!map.is_map()) {
    reporter.error("bad-type", reporter.value(map), "'correlation' must be a map",
                   "write 'type:', 'rules:' … under it");
    return correlation;
  }
  CorrelationReader(map, correlation, reporter).read();
  return correlation;
}

}  // namespace weir::sigma
