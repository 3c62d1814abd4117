// Pairs as text: the rule as YAML, the event as JSON.

#include "base/json_text.h"
#include "oracle/generate.h"

namespace weir::oracle {

namespace {

constexpr std::string_view kId = "00000000-0000-4000-8000-000000000001";

void write_value(std::string& out, const RuleValue& value) {
  if (value.quoted)
    append_json_string(out, value.text);
  else
    out += value.text;
}

void write_values(std::string& out, const std::vector<RuleValue>& values) {
  out += '[';
  for (const RuleValue& value : values) {
    if (out.back() != '[') out += ", ";
    write_value(out, value);
  }
  out += ']';
}

void write_map(std::string& out, const std::vector<RuleItem>& items) {
  out += '{';
  for (const RuleItem& item : items) {
    if (out.back() != '{') out += ", ";
    std::string key = item.field;
    for (const std::string& modifier : item.modifiers) key += "|" + modifier;
    append_json_string(out, key);
    out += ": ";
    if (item.values.size() == 1 && !(item.as_list && item.values.front().quoted))
      write_value(out, item.values.front());
    else
      write_values(out, item.values);
  }
  out += '}';
}

void write_selection(std::string& out, const RuleSelection& selection) {
  out += "  " + selection.name + ": ";
  if (selection.maps.size() == 1 && selection.keywords.empty()) {
    write_map(out, selection.maps.front());
  } else if (selection.maps.empty()) {
    write_values(out, selection.keywords);
  } else {
    out += '[';
    for (const RuleValue& keyword : selection.keywords) {
      if (out.back() != '[') out += ", ";
      write_value(out, keyword);
    }
    for (const std::vector<RuleItem>& map : selection.maps) {
      if (out.back() != '[') out += ", ";
      write_map(out, map);
    }
    out += ']';
  }
  out += '\n';
}

// Brackets stand only where precedence needs them, so that precedence is tried too.
std::string condition_text(const RuleCondition& condition) {
  using Kind = RuleCondition::Kind;
  const auto part = [&](const RuleCondition& one) {
    const bool looser = one.kind == Kind::any_of && condition.kind != Kind::any_of;
    const bool under_not = condition.kind == Kind::negation && one.kind == Kind::all_of;
    return looser || under_not ? "(" + condition_text(one) + ")" : condition_text(one);
  };
  switch (condition.kind) {
    case Kind::name:
    case Kind::quantifier: return condition.text;
    case Kind::negation: return "not " + part(condition.parts.front());
    case Kind::all_of:
    case Kind::any_of: break;
  }
  std::string text;
  for (const RuleCondition& one : condition.parts) {
    if (!text.empty()) text += condition.kind == Kind::all_of ? " and " : " or ";
    text += part(one);
  }
  return text;
}

}  // namespace

std::string Pair::rule_text() const {
  std::string out = fmt::format("title: Generated\nid: {}\nlogsource: {{product: test", kId);
  if (!parts.category.empty()) out += ", category: " + parts.category;
  out += "}\ndetection:\n";
  for (const RuleSelection& selection : parts.selections) write_selection(out, selection);
  out += "  condition:";
  if (parts.conditions.size() == 1)
    out += " " + condition_text(parts.conditions.front()) + "\n";
  else
    for (const RuleCondition& condition : parts.conditions) out += "\n    - " + condition_text(condition);
  if (parts.filter) {
    if (!out.ends_with('\n')) out += '\n';
    out += fmt::format("---\ntitle: Filter\nlogsource: {{product: test}}\nfilter:\n  rules: [{}]\n", kId);
    write_selection(out, *parts.filter);
    out += "  condition: selection\n";
  }
  if (!out.ends_with('\n')) out += '\n';
  return out;
}

std::string to_text(const Event& event) {
  std::string out = "product=" + event.logsource.product;
  for (const std::string& category : event.logsource.categories) out += " category=" + category;
  for (const std::string& service : event.logsource.services) out += " service=" + service;
  for (const Value& value : event.values) {
    out += "\n  " + value.field + ": ";
    if (value.kind == ValueKind::null)
      out += "null";
    else if (value.kind == ValueKind::string)
      append_json_string(out, value.text);
    else
      out += value.text;
  }
  return out + "\n";
}

}  // namespace weir::oracle
