#include <algorithm>
#include <string>

#include "oracle/rule.h"
#include "oracle/text.h"

namespace weir::oracle {

namespace {

bool compares(const Number& left, Comparison comparison, const Number& right) {
  const int order = compare(left, right);
  switch (comparison) {
    case Comparison::lt: return order < 0;
    case Comparison::lte: return order <= 0;
    case Comparison::gt: return order > 0;
    case Comparison::gte: return order >= 0;
    case Comparison::eq: return order == 0;
  }
  return false;
}

bool time_passes(const Test& test, std::string_view text) {
  const auto date = read_date(text);
  if (!date) return false;
  const bool within_day = test.part == TimePart::minute || test.part == TimePart::hour;
  if (within_day && !date->has_time) return false;
  int part = 0;
  switch (test.part) {
    case TimePart::minute: part = date->minute; break;
    case TimePart::hour: part = date->hour; break;
    case TimePart::day: part = date->day; break;
    case TimePart::week: part = week_of(*date); break;
    case TimePart::month: part = date->month; break;
    case TimePart::year: part = date->year; break;
  }
  return compares(*read_number(std::to_string(part)), test.comparison, test.number);
}

bool field_ref_passes(const Test& test, const ReadValue& value, const ReadEvent& event) {
  const std::u32string& left = test.cased ? value.exact : value.folded;
  for (const ReadValue& other : event.values()) {
    if (!other.has_text || other.field != test.other_field) continue;
    const std::u32string& right = test.cased ? other.exact : other.folded;
    const bool passes = test.starts && test.ends ? left.find(right) != std::u32string::npos
                        : test.starts            ? left.starts_with(right)
                        : test.ends              ? left.ends_with(right)
                                                 : left == right;
    if (passes) return true;
  }
  return false;
}

// Whether one value that has text passes.
bool value_passes(const Test& test, const ReadValue& value, const ReadEvent& event) {
  switch (test.kind) {
    case Test::Kind::pattern: return fits(test.pattern, test.cased ? value.exact : value.folded);
    case Test::Kind::regex: return test.regex.found_in(value.text);
    case Test::Kind::cidr: {
      const auto address = read_address(value.text);
      return address && contains(test.network, *address);
    }
    case Test::Kind::number: {
      const auto number = read_number(value.text);
      return number && compares(*number, test.comparison, test.number);
    }
    case Test::Kind::time: return time_passes(test, value.text);
    case Test::Kind::field_ref: return field_ref_passes(test, value, event);
    case Test::Kind::exists:
    case Test::Kind::null: break;  // Asked of the field, not of a value.
  }
  return false;
}

bool leaf_holds(const Node& leaf, const ReadEvent& event) {
  bool present = false;
  bool null = false;
  for (const ReadValue& value : event.values()) {
    if (!leaf.field.empty() && value.field != leaf.field) continue;
    if (leaf.field.empty() && value.is_object) continue;  // Its members are values of their own.
    present = true;
    if (!value.has_text)
      null = true;
    else if (value_passes(leaf.test, value, event))
      return true;
  }
  if (leaf.test.kind == Test::Kind::exists) return present == leaf.test.expected;
  if (leaf.test.kind == Test::Kind::null) return !present || null;
  return false;
}

}  // namespace

bool holds(const Node& node, const ReadEvent& event) {
  switch (node.kind) {
    case Node::Kind::all_of:
      for (const auto& child : node.children) {
        if (!holds(*child, event)) return false;
      }
      return true;
    case Node::Kind::any_of:
      for (const auto& child : node.children) {
        if (holds(*child, event)) return true;
      }
      return false;
    case Node::Kind::negation: return !holds(*node.children.front(), event);
    case Node::Kind::leaf: return leaf_holds(node, event);
  }
  return false;
}

bool LogsourceParts::selects(const Logsource& source) const {
  const auto has = [](const std::vector<std::string>& list, const std::string& one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  return (product.empty() || product == source.product) && (category.empty() || has(source.categories, category)) &&
         (service.empty() || has(source.services, service));
}

}  // namespace weir::oracle
