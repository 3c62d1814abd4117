#include "sigma/selection.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sigma/describe.h"

namespace weir::sigma {

namespace {

// One document's leaves; the largest rule of SigmaHQ has about 4,500.
constexpr std::size_t kLeavesMax = 100'000;

// What a value is to its modifiers: a pattern's or a network's text stays as written; `exists` also takes the words for
// true and false that pySigma knows.
Scalar scalar_for(std::span<const Modifier> modifiers, const yaml::Node& value) {
  if (has(modifiers, Modifier::cidr)) return {ScalarKind::text, value.text(), {}, false};
  if (has(modifiers, Modifier::exists)) {
    if (const std::optional<bool> boolean = read_boolean(value))
      return {ScalarKind::boolean, value.text(), {}, *boolean};
  }
  return read_scalar(value);
}

std::string_view code_of_failure(std::span<const Modifier> modifiers) {
  if (has(modifiers, Modifier::re)) return "bad-regex";
  if (has(modifiers, Modifier::cidr)) return "bad-network";
  return "bad-value";
}

// What the message itself does not say.
std::string_view hint_for_failure(std::string_view message) {
  const bool looks_around = message.starts_with("look-ahead") || message.starts_with("look-behind");
  return looks_around ? "search for more, and take away what is too much with a selection under 'not'" : "";
}

}  // namespace

Selection SelectionReader::read(const yaml::Node::Entry& entry) {
  Selection selection{entry.key, read_definition(entry.value, entry.key), false};
  selection.expr.label = entry.key;
  return selection;
}

Expr SelectionReader::read_definition(const yaml::Node& node, std::string_view name) {
  switch (node.kind()) {
    case yaml::NodeKind::map:
      if (!node.entries().empty()) return read_map(node);
      break;
    case yaml::NodeKind::sequence:
      if (!node.items().empty()) return read_list(node, name);
      break;
    case yaml::NodeKind::scalar: return read_keyword(node);
    case yaml::NodeKind::null: break;
  }
  reporter_.error("empty-selection", reporter_.value(node), fmt::format("the selection '{}' is empty", shortened(name)),
                  "give it fields and values, or remove it");
  return {};
}

Expr SelectionReader::read_list(const yaml::Node& list, std::string_view name) {
  std::vector<Expr> alternatives;
  alternatives.reserve(list.items().size());
  for (const yaml::Node& item : list.items()) {
    if (item.is_sequence()) {
      reporter_.error("bad-value", reporter_.value(item), "a list cannot stand inside a list", "write one flat list");
    } else if (item.is_null()) {
      reporter_.error("bad-value", reporter_.value(item), "null cannot be a keyword",
                      "name the field: 'Field: null', or remove it");
    } else {
      alternatives.push_back(read_definition(item, name));
    }
  }
  Expr expr = joined(ExprKind::any_of, std::move(alternatives));
  expr.is_item = std::ranges::all_of(list.items(), &yaml::Node::is_scalar);
  return expr;
}

Expr SelectionReader::read_map(const yaml::Node& map) {
  std::vector<Expr> parts;
  parts.reserve(map.entries().size());
  for (const yaml::Node::Entry& entry : map.entries()) parts.push_back(read_item(entry));
  return joined(ExprKind::all_of, std::move(parts));
}

Expr SelectionReader::read_keyword(const yaml::Node& scalar) {
  Expr expr = read_value(Key{}, scalar, false);
  expr.is_item = true;
  return expr;
}

Expr SelectionReader::read_item(const yaml::Node::Entry& entry) {
  const Key key = read_key(entry);
  if (!key.usable) return {};
  const yaml::Node& value = entry.value;
  std::vector<Expr> values;
  if (value.is_sequence()) {
    if (value.items().empty()) {
      reporter_.error("empty-list", reporter_.value(value),
                      fmt::format("the list of '{}' is empty", shortened(entry.key)),
                      "give it values; a field without value is written 'null'");
      return {};
    }
    values.reserve(value.items().size());
    for (const yaml::Node& item : value.items()) values.push_back(read_value(key, item, true));
  } else {
    values.push_back(read_value(key, value, false));
  }
  if (key.all && values.size() == 1) {
    reporter_.error("all-of-one", reporter_.key(entry), "the modifier 'all' has only one value to join",
                    "drop 'all' (specification: single values must not have it)");
  }
  Expr expr = joined(key.all ? ExprKind::all_of : ExprKind::any_of, std::move(values));
  expr.is_item = true;
  return key.neq ? negated(std::move(expr)) : expr;
}

SelectionReader::Key SelectionReader::read_key(const yaml::Node::Entry& entry) {
  Key key;
  std::vector<std::size_t> offsets;
  const std::string_view text = entry.key;
  std::size_t end = std::min(text.find('|'), text.size());
  key.field = text.substr(0, end);
  key.mark = entry.key_mark;
  while (end < text.size()) {
    const std::size_t begin = end + 1;
    end = std::min(text.find('|', begin), text.size());
    const std::string_view name = text.substr(begin, end - begin);
    const std::optional<Modifier> modifier = find_modifier(name);
    if (!modifier) {
      reporter_.error("unknown-modifier", reporter_.key_part(entry, begin, name.size()),
                      fmt::format("unknown modifier '{}'", shortened(name)), did_you_mean(name, modifier_names()));
      key.usable = false;
      continue;
    }
    if (to_string(*modifier) != name) {
      reporter_.warning("long-modifier", reporter_.key_part(entry, begin, name.size()),
                        fmt::format("the modifier '{}' is not in the specification", name),
                        fmt::format("write '{}'", to_string(*modifier)));
    }
    key.modifiers.push_back(*modifier);
    offsets.push_back(begin);
    key.all = key.all || *modifier == Modifier::all;
    key.neq = key.neq || *modifier == Modifier::neq;
  }
  const std::size_t errors = reporter_.errors();
  check_key(entry, key, offsets);
  key.usable = key.usable && errors == reporter_.errors();
  return key;
}

void SelectionReader::check_key(const yaml::Node::Entry& entry, const Key& key,
                                const std::vector<std::size_t>& offsets) {
  for (std::size_t i = 0; i < key.modifiers.size(); ++i) {
    const std::optional<Misuse> misuse = find_misuse(key.modifiers, i);
    if (!misuse) continue;
    reporter_.error("modifier-combination", reporter_.key_part(entry, offsets[i], to_string(key.modifiers[i]).size()),
                    misuse->message, misuse->hint);
  }
  if (!key.field.empty()) return;
  for (std::size_t i = 0; i < key.modifiers.size(); ++i) {
    const Modifier modifier = key.modifiers[i];
    if (modifier != Modifier::exists && modifier != Modifier::fieldref) continue;
    reporter_.error("modifier-combination", reporter_.key_part(entry, offsets[i], to_string(modifier).size()),
                    fmt::format("'{}' needs a field", to_string(modifier)),
                    fmt::format("write 'FieldName|{}'", to_string(modifier)));
  }
  if (key.modifiers.empty()) {
    reporter_.error("empty-field", reporter_.key(entry), "the name of the field is empty",
                    "for keywords write a list without a name");
  }
}

Expr SelectionReader::read_value(const Key& key, const yaml::Node& value, bool in_list) {
  if (leaves_ > kLeavesMax) return {};  // Reported already.
  if (value.is_null()) return read_null(key, value, in_list);
  if (!value.is_scalar()) {
    reporter_.error("bad-value", reporter_.value(value),
                    fmt::format("a {} cannot be a value of a field", value.is_map() ? "map" : "list inside a list"),
                    value.is_map() ? "name nested fields with dots: 'parent.child: value'" : "write one flat list");
    return {};
  }
  const Scalar scalar = scalar_for(key.modifiers, value);
  warn_of_rewritten_number(value, scalar);
  Result<std::vector<ValueTest>> tests = transform(scalar, key.modifiers);
  if (!tests) {
    const std::string& message = tests.error().message;
    reporter_.error(code_of_failure(key.modifiers), reporter_.value(value), message,
                    std::string(hint_for_failure(message)));
    return {};
  }
  std::vector<Expr> alternatives;
  alternatives.reserve(tests->size());
  for (ValueTest& test : *tests) {
    if (++leaves_ > kLeavesMax) {
      reporter_.error("too-large", reporter_.value(value),
                      fmt::format("the detection has more than {} values", kLeavesMax), "split the rule");
      return {};
    }
    alternatives.push_back(make_leaf(key, std::move(test), value));
  }
  return joined(ExprKind::any_of, std::move(alternatives));
}

Expr SelectionReader::read_null(const Key& key, const yaml::Node& value, bool in_list) {
  const auto is_linking = [](Modifier modifier) { return modifier == Modifier::all || modifier == Modifier::neq; };
  const auto other = std::ranges::find_if_not(key.modifiers, is_linking);
  if (other != key.modifiers.end()) {
    reporter_.error("bad-value", reporter_.value(value),
                    fmt::format("'{}' cannot be applied to null", to_string(*other)),
                    "null means that the field has no value; write '' for an empty text");
    return {};
  }
  if (key.field.empty()) {
    reporter_.error("bad-value", reporter_.value(value), "null cannot be a keyword", "name the field: 'Field: null'");
    return {};
  }
  if (in_list) {
    reporter_.error("null-in-list", reporter_.value(value), "null stands in a list of values",
                    "give 'Field: null' a selection of its own and join the two in the condition");
    return {};
  }
  return make_leaf(key, NullTest{}, value);
}

void SelectionReader::warn_of_rewritten_number(const yaml::Node& node, const Scalar& scalar) {
  if (scalar.kind != ScalarKind::number || scalar.text == node.text()) return;
  reporter_.warning("rewritten-number", reporter_.value(node),
                    fmt::format("without quotes, {} is the number {}", shortened(node.text()), scalar.text),
                    fmt::format("if events show it as written, quote it: '{}'", shortened(node.text())));
}

Expr SelectionReader::make_leaf(const Key& key, ValueTest test, const yaml::Node& value) {
  const std::string& field = key.field;
  if (PatternTest* pattern = std::get_if<PatternTest>(&test); pattern != nullptr && field.empty()) {
    pattern->pattern.open_front();
    pattern->pattern.open_back();
  }
  if (PlaceholderTest* waiting = std::get_if<PlaceholderTest>(&test); waiting != nullptr && field.empty()) {
    waiting->open_front = true;
    waiting->open_back = true;
  }
  FieldTest leaf;
  leaf.field = field;
  leaf.text = describe(test);
  leaf.test = std::move(test);
  leaf.mark = value.mark();
  leaf.key_mark = field.empty() ? value.mark() : key.mark;
  return leaf_of(std::move(leaf));
}

}  // namespace weir::sigma
