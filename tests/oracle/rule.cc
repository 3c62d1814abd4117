#include "oracle/rule.h"

#include <algorithm>
#include <optional>

#include "oracle/condition.h"
#include "oracle/item.h"
#include "yaml/node.h"

namespace weir::oracle {

namespace {

std::string text_of(const yaml::Node& map, std::string_view key) {
  const yaml::Node* value = map.find(key);
  return value != nullptr && value->is_scalar() ? value->text() : std::string();
}

Result<NodePtr> read_map(const yaml::Node& map, const Placeholders& placeholders) {
  std::vector<NodePtr> items;
  for (const yaml::Node::Entry& entry : map.entries()) {
    TRY(NodePtr item, read_item(entry.key, entry.value, placeholders));
    items.push_back(std::move(item));
  }
  if (items.empty()) return fail(ErrorKind::user, "an empty map");
  return join(Node::Kind::all_of, std::move(items));
}

// Rules specification, "Lists" and "Maps".
Result<NodePtr> read_selection(const yaml::Node& selection, const Placeholders& placeholders) {
  if (selection.is_map()) return read_map(selection, placeholders);
  if (selection.is_scalar()) return read_keyword(selection, placeholders);
  if (!selection.is_sequence() || selection.items().empty()) return fail(ErrorKind::user, "an empty selection");
  std::vector<NodePtr> parts;
  for (const yaml::Node& item : selection.items()) {
    TRY(NodePtr part, item.is_map() ? read_map(item, placeholders) : read_keyword(item, placeholders));
    parts.push_back(std::move(part));
  }
  return join(Node::Kind::any_of, std::move(parts));
}

// A `detection` or a `filter`: the selections and the condition over them.
Result<NodePtr> read_detection(const yaml::Node& detection, const Placeholders& placeholders) {
  Selections selections;
  for (const yaml::Node::Entry& entry : detection.entries()) {
    if (entry.key == "condition" || entry.key == "rules" || entry.key == "timeframe") continue;
    TRY(selections[entry.key], read_selection(entry.value, placeholders));
  }
  const yaml::Node* condition = detection.find("condition");
  if (condition == nullptr) return fail(ErrorKind::user, "no condition");
  if (condition->is_scalar()) return read_condition(condition->text(), selections);
  if (!condition->is_sequence() || condition->items().empty())
    return fail(ErrorKind::user, "the condition must be a text");
  std::vector<NodePtr> conditions;
  for (const yaml::Node& item : condition->items()) {
    if (!item.is_scalar()) return fail(ErrorKind::user, "the condition must be a text");
    TRY(NodePtr one, read_condition(item.text(), selections));
    conditions.push_back(std::move(one));
  }
  return join(Node::Kind::any_of, std::move(conditions));
}

Result<LogsourceParts> read_logsource(const yaml::Node& root) {
  const yaml::Node* logsource = root.find("logsource");
  if (logsource == nullptr || !logsource->is_map()) return fail(ErrorKind::user, "no logsource");
  return LogsourceParts{text_of(*logsource, "product"), text_of(*logsource, "category"),
                        text_of(*logsource, "service")};
}

Result<Rule> read_detection_rule(const yaml::Node& root, const Placeholders& placeholders) {
  Rule rule;
  rule.id = text_of(root, "id");
  rule.name = text_of(root, "name");
  rule.title = text_of(root, "title");
  if (rule.title.empty()) return fail(ErrorKind::user, "no title");
  TRY(rule.logsource, read_logsource(root));
  const yaml::Node* detection = root.find("detection");
  if (detection == nullptr || !detection->is_map()) return fail(ErrorKind::user, "no detection");
  TRY(rule.condition, read_detection(*detection, placeholders));
  return rule;
}

struct Filter {
  LogsourceParts logsource;
  bool any_rule = false;
  std::vector<std::string> rules;
  NodePtr condition;
  bool names_what_stays = false;
};

Result<Filter> read_filter(const yaml::Node& root, const Placeholders& placeholders) {
  Filter filter;
  if (text_of(root, "title").empty()) return fail(ErrorKind::user, "filter: no title");
  TRY(filter.logsource, read_logsource(root));
  const yaml::Node* body = root.find("filter");
  if (!body->is_map()) return fail(ErrorKind::user, "filter: no map");
  const yaml::Node* rules = body->find("rules");
  if (rules == nullptr) return fail(ErrorKind::user, "filter: no rules");
  if (rules->is_scalar()) filter.rules.push_back(rules->text());
  for (const yaml::Node& item : rules->items()) filter.rules.push_back(item.text());
  filter.any_rule = rules->is_scalar() && rules->text() == "any";
  TRY(filter.condition, read_detection(*body, placeholders));
  std::string condition = text_of(*body, "condition");
  condition.erase(0, condition.find_first_not_of(" ("));
  filter.names_what_stays = condition.starts_with("not ") || condition.starts_with("not(");
  return filter;
}

bool applies(const Filter& filter, const Rule& rule) {
  const auto part_selects = [](const std::string& wanted, const std::string& present) {
    return wanted.empty() || wanted == present;
  };
  const bool same_log = part_selects(filter.logsource.product, rule.logsource.product) &&
                        part_selects(filter.logsource.category, rule.logsource.category) &&
                        part_selects(filter.logsource.service, rule.logsource.service);
  const auto names = [&](const std::string& reference) {
    return !reference.empty() && (reference == rule.id || reference == rule.name);
  };
  return same_log && (filter.any_rule || std::any_of(filter.rules.begin(), filter.rules.end(), names));
}

// What the filter selects is suppressed (filters specification, "Introduction"), unless the condition's first word is
// "not", which names what stays (the draft of 2.2.0, third example).
void apply(const Filter& filter, Rule& rule) {
  const NodePtr kept = filter.names_what_stays ? filter.condition : join(Node::Kind::negation, {filter.condition});
  rule.condition = join(Node::Kind::all_of, {rule.condition, kept});
}

}  // namespace

Result<std::vector<Rule>> read_rules(std::string_view yaml_text, const Placeholders& placeholders) {
  const yaml::Documents documents = yaml::parse(yaml_text);
  if (!documents.errors.empty()) return fail(ErrorKind::user, "YAML: {}", documents.errors.front().message);
  std::vector<Rule> rules;
  std::vector<Filter> filters;
  for (const yaml::Node& root : documents.roots) {
    if (!root.is_map()) return fail(ErrorKind::user, "a document that is no map");
    if (root.find("filter") != nullptr) {
      TRY(Filter filter, read_filter(root, placeholders));
      filters.push_back(std::move(filter));
    } else {
      TRY(Rule rule, read_detection_rule(root, placeholders));
      rules.push_back(std::move(rule));
    }
  }
  for (Rule& rule : rules) {
    for (const Filter& filter : filters) {
      if (applies(filter, rule)) apply(filter, rule);
    }
  }
  return rules;
}

Result<Rule> read_rule(std::string_view yaml_text, const Placeholders& placeholders) {
  TRY(std::vector<Rule> rules, read_rules(yaml_text, placeholders));
  if (rules.size() != 1) return fail(ErrorKind::user, "{} rules where one is expected", rules.size());
  return std::move(rules.front());
}

}  // namespace weir::oracle
