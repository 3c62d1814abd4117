// Changes of field names: mappings, prefixes, suffixes; and dropping items by their field.

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "sigma/change.h"

namespace weir::sigma {

namespace {

// A field's names instead, or nothing.
using Naming = std::function<std::optional<std::vector<std::string>>(const std::string& field)>;

bool tests_absence(const Expr& expr) {
  if (expr.kind != ExprKind::leaf) return false;
  const auto* exists = std::get_if<ExistsTest>(&expr.leaf->test);
  return std::holds_alternative<NullTest>(expr.leaf->test) || (exists != nullptr && !exists->expected);
}

void rename(Expr& expr, const std::string& field) {
  for (Expr& child : expr.children) rename(child, field);
  if (expr.kind != ExprKind::leaf) return;
  FieldTest renamed = *expr.leaf;
  renamed.field = field;
  expr = leaf_of(std::move(renamed));
}

std::vector<Expr> under_each(const Expr& item, const std::vector<std::string>& fields) {
  std::vector<Expr> copies;
  for (const std::string& field : fields) {
    copies.push_back(item);
    rename(copies.back(), field);
    copies.back().is_item = true;
    copies.back().label.clear();
  }
  return copies;
}

// The item under each of several names, joined by "or". A field that must be absent must be so under each name.
Expr under_fields(const Expr& item, const std::vector<std::string>& fields) {
  if (fields.size() == 1) return under_each(item, fields).front();
  if (tests_absence(item)) return joined(ExprKind::all_of, under_each(item, fields));
  if (item.kind != ExprKind::any_of || std::ranges::none_of(item.children, tests_absence)) {
    return joined(ExprKind::any_of, under_each(item, fields));
  }
  std::vector<Expr> alternatives;
  for (const Expr& child : item.children) alternatives.push_back(under_fields(child, fields));
  return joined(ExprKind::any_of, std::move(alternatives));
}

// References to other fields are renamed too; one that has several names becomes several.
Expr with_references(const Expr& item, const Naming& naming, const FieldChoice& chosen, bool& changed) {
  Expr copy = item;
  for (Expr& child : copy.children) child = with_references(child, naming, chosen, changed);
  if (copy.kind != ExprKind::leaf) return copy;
  const auto* reference = std::get_if<FieldRefTest>(&copy.leaf->test);
  if (reference == nullptr || !chosen(reference->field)) return copy;
  const auto names = naming(reference->field);
  if (!names || names->empty()) return copy;
  changed = true;
  std::vector<Expr> alternatives;
  for (const std::string& name : *names) {
    FieldRefTest renamed = *reference;
    renamed.field = name;
    alternatives.push_back(leaf_like(*copy.leaf, std::move(renamed)));
  }
  return joined(ExprKind::any_of, std::move(alternatives));
}

Change change_of_names(Naming naming) {
  return {
      .rule = nullptr,
      .item = [naming = std::move(naming)](PipelineRun&, const Expr& item, const FieldChoice& chosen) -> ChangedItem {
        bool changed = false;
        Expr copy = with_references(item, naming, chosen, changed);
        copy.is_item = true;
        const Expr* leaf = &item;
        while (leaf->kind != ExprKind::leaf && !leaf->children.empty()) leaf = &leaf->children.front();
        if (leaf->kind == ExprKind::leaf && !leaf->leaf->field.empty() && chosen(leaf->leaf->field)) {
          if (const auto names = naming(leaf->leaf->field); names && !names->empty()) {
            return under_fields(copy, *names);
          }
        }
        return changed ? ChangedItem(std::move(copy)) : std::nullopt;
      }};
}

// From names to one or several others.
using Mapping = std::map<std::string, std::vector<std::string>>;

Mapping read_mapping(const Parameters& parameters) {
  Mapping mapping;
  const yaml::Node* node = parameters.required_map("mapping");
  if (node == nullptr) return mapping;
  for (const yaml::Node::Entry& entry : node->entries()) {
    mapping[entry.key] = texts_of(entry.value);
    if (mapping[entry.key].empty()) {
      parameters.error(entry.value, fmt::format("'{}' is mapped to nothing", shortened(entry.key)),
                       "give one name or a list of names");
    }
  }
  return mapping;
}

Change read_name_mapping(const Parameters& parameters) {
  return change_of_names(
      [mapping = read_mapping(parameters)](const std::string& field) -> std::optional<std::vector<std::string>> {
        const auto it = mapping.find(field);
        return it == mapping.end() ? std::nullopt : std::optional(it->second);
      });
}

Change read_prefix_mapping(const Parameters& parameters) {
  return change_of_names(
      [mapping = read_mapping(parameters)](const std::string& field) -> std::optional<std::vector<std::string>> {
        // The longest prefix speaks, so that the order of the map does not matter.
        const std::pair<const std::string, std::vector<std::string>>* longest = nullptr;
        for (const auto& entry : mapping) {
          if (field.starts_with(entry.first)) longest = &entry;  // Sorted: a longer prefix comes later.
        }
        if (longest == nullptr) return std::nullopt;
        std::vector<std::string> names;
        for (const std::string& prefix : longest->second) names.push_back(prefix + field.substr(longest->first.size()));
        return names;
      });
}

Change read_prefix(const Parameters& parameters) {
  return change_of_names([text = parameters.required_text("prefix")](const std::string& field) {
    return std::optional(std::vector{text + field});
  });
}

Change read_suffix(const Parameters& parameters) {
  return change_of_names([text = parameters.required_text("suffix")](const std::string& field) {
    return std::optional(std::vector{field + text});
  });
}

Change read_drop(const Parameters&) {
  return {.rule = nullptr, .item = nullptr, .drops_items = true};
}

}  // namespace

std::span<const ChangeType> field_changes() {
  static constexpr std::array<ChangeType, 5> kTypes = {{
      {"field_name_mapping", {"mapping"}, read_name_mapping},
      {"field_name_prefix_mapping", {"mapping"}, read_prefix_mapping},
      {"field_name_prefix", {"prefix"}, read_prefix},
      {"field_name_suffix", {"suffix"}, read_suffix},
      {"drop_detection_item", {}, read_drop},
  }};
  return kTypes;
}

}  // namespace weir::sigma
