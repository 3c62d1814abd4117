#include "sigma/plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/check.h"
#include "match/fold.h"

namespace weir::sigma {
namespace {

using match::Anchor;
using match::Pattern;

// How a pattern is looked for: by one literal, which says everything (`exact`) or only where looking is worthwhile.
struct Lookup {
  enum class Kind : std::uint8_t { literal, any_value, no_literal };
  Kind kind = Kind::no_literal;
  bool exact = false;
  Anchor anchor = Anchor::contains;
  std::string_view text;
};

Lookup lookup_of(const Pattern& pattern) {
  const auto& parts = pattern.parts();
  if (parts.empty()) return {Lookup::Kind::literal, true, Anchor::equals, {}};
  if (parts.size() == 1 && parts[0].kind == Pattern::PartKind::any_run)
    return {Lookup::Kind::any_value, true, Anchor::contains, {}};
  std::size_t longest = parts.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].kind != Pattern::PartKind::literal) continue;
    if (longest == parts.size() || parts[i].text.size() > parts[longest].text.size()) longest = i;
  }
  if (longest == parts.size()) return {};
  const bool at_front = longest == 0;
  const bool at_back = longest + 1 == parts.size();
  const bool run_before = at_front || parts[longest - 1].kind == Pattern::PartKind::any_run;
  const bool run_behind = at_back || parts[longest + 1].kind == Pattern::PartKind::any_run;
  const std::size_t expected = 1 + (at_front ? 0 : 1) + (at_back ? 0 : 1);
  Lookup lookup{Lookup::Kind::literal, parts.size() == expected && run_before && run_behind, Anchor::contains,
                parts[longest].text};
  if (at_front && at_back) {
    lookup.anchor = Anchor::equals;
  } else if (at_front) {
    lookup.anchor = Anchor::starts;
  } else if (at_back) {
    lookup.anchor = Anchor::ends;
  }
  return lookup;
}

// A guess at the share of values in which a literal is seen; only the order matters.
double literal_cost(Anchor anchor, std::size_t size) {
  const double length = static_cast<double>(size);
  switch (anchor) {
    case Anchor::equals: return 0.02 / (1 + length);
    case Anchor::starts:
    case Anchor::ends: return 0.3 / (1 + length * length);
    case Anchor::contains: return 1.0 / (1 + length * length);
  }
  return 1;
}

// Each part's kind, and a literal's size, so that no text can be taken for another's.
std::string pattern_key(const PatternTest& test) {
  std::string key = test.cased ? "c" : "i";
  for (const Pattern::Part& part : test.pattern.parts()) {
    key += static_cast<char>('0' + static_cast<int>(part.kind));
    if (part.kind != Pattern::PartKind::literal) continue;
    const auto size = static_cast<std::uint32_t>(part.text.size());
    key.append(reinterpret_cast<const char*>(&size), sizeof size).append(part.text);
  }
  return key;
}

// Leaves of one field that are joined by "or", in a form that two equal groups share.
std::string group_key(std::uint32_t field, std::span<const std::shared_ptr<const FieldTest>> leaves) {
  std::vector<std::string> texts;
  for (const auto& leaf : leaves) {
    const auto* pattern = std::get_if<PatternTest>(&leaf->test);
    // Everything but patterns is distinguished by its object: rare, and a missed sharing costs little.
    texts.push_back(pattern ? pattern_key(*pattern) : fmt::format("@{}", static_cast<const void*>(leaf.get())));
  }
  std::ranges::sort(texts);
  std::string key(reinterpret_cast<const char*>(&field), sizeof field);
  for (const std::string& text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    key.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
  }
  return key;
}

}  // namespace

class PlanBuilder {
 public:
  explicit PlanBuilder(Plan& plan) : plan_(plan) { plan_.fields_.resize(1); }

  void add(const Variant& variant) {
    plan_.rules_.push_back({variant.rule, variant.logsource, add_node(variant.condition)});
  }

  void finish() {
    for (FieldPlan& field : plan_.fields_) {
      std::ranges::sort(field.atoms);
      field.folded.build();
      field.cased.build();
    }
  }

 private:
  struct FieldDraft {
    std::map<std::pair<Anchor, std::string>, std::uint32_t, std::less<>> folded;
    std::map<std::pair<Anchor, std::string>, std::uint32_t, std::less<>> cased;
  };

  std::uint32_t add_node(const Expr& expr) {
    const auto id = static_cast<std::uint32_t>(plan_.nodes_.size());
    plan_.nodes_.emplace_back();
    fill_node(id, expr);
    return id;
  }

  void fill_node(std::uint32_t id, const Expr& expr) {
    if (expr.kind == ExprKind::leaf) {
      plan_.nodes_[id] = {ExprKind::leaf, atom_of(std::span(&expr.leaf, 1)), 0};
      return;
    }
    std::vector<const Expr*> rest;
    std::vector<AtomId> atoms;
    if (expr.kind == ExprKind::any_of) {
      group_leaves(expr, atoms, rest);
    } else {
      for (const Expr& child : expr.children) rest.push_back(&child);
    }
    const auto first = static_cast<std::uint32_t>(plan_.nodes_.size());
    const auto count = static_cast<std::uint32_t>(atoms.size() + rest.size());
    plan_.nodes_[id] = {expr.kind, first, count};
    plan_.nodes_.resize(first + count);
    for (std::size_t i = 0; i < atoms.size(); ++i) plan_.nodes_[first + i] = {ExprKind::leaf, atoms[i], 0};
    for (std::size_t i = 0; i < rest.size(); ++i) {
      fill_node(first + static_cast<std::uint32_t>(atoms.size() + i), *rest[i]);
    }
  }

  // The leaves directly below an "or", one atom per field; the other children go to `rest`.
  void group_leaves(const Expr& expr, std::vector<AtomId>& atoms, std::vector<const Expr*>& rest) {
    std::map<std::string_view, std::vector<std::shared_ptr<const FieldTest>>> by_field;
    collect_alternatives(expr, by_field, rest);
    for (const auto& [field, leaves] : by_field) atoms.push_back(atom_of(leaves));
  }

  static void collect_alternatives(const Expr& expr,
                                   std::map<std::string_view, std::vector<std::shared_ptr<const FieldTest>>>& by_field,
                                   std::vector<const Expr*>& rest) {
    for (const Expr& child : expr.children) {
      const bool only_child = child.kind == ExprKind::all_of && child.children.size() == 1;
      const Expr& inner = only_child ? child.children.front() : child;
      if (inner.kind == ExprKind::leaf) {
        by_field[inner.leaf->field].push_back(inner.leaf);
      } else if (inner.kind == ExprKind::any_of) {
        collect_alternatives(inner, by_field, rest);
      } else {
        rest.push_back(&inner);
      }
    }
  }

  std::uint32_t field_index(std::string_view name) {
    if (name.empty()) return kAnyField;
    const std::uint32_t index = plan_.table_.intern(name).value;
    if (index >= plan_.fields_.size()) plan_.fields_.resize(index + 1);
    return index;
  }

  AtomId atom_of(std::span<const std::shared_ptr<const FieldTest>> leaves) {
    const std::uint32_t field = field_index(leaves.front()->field);
    const auto [it, fresh] = atom_ids_.try_emplace(group_key(field, leaves), static_cast<AtomId>(plan_.atoms_.size()));
    if (!fresh) return it->second;
    const AtomId atom = it->second;
    plan_.atoms_.push_back({field, 0, {}, {leaves.begin(), leaves.end()}});
    plan_.fields_[field].atoms.push_back(atom);
    drafts_.resize(plan_.fields_.size());
    for (const auto& leaf : leaves) plan_.atoms_[atom].cost += add_leaf(atom, field, leaf);
    return atom;
  }

  static ValueCheck make_check(AtomId atom, const std::shared_ptr<const FieldTest>& leaf) {
    ValueCheck check{atom, leaf, std::nullopt};
    const auto* pattern = std::get_if<PatternTest>(&leaf->test);
    if (pattern != nullptr && !pattern->cased) check.folded.emplace(pattern->pattern);
    return check;
  }

  // Adds one test of an atom to its field's plan; returns its cost.
  double add_leaf(AtomId atom, std::uint32_t field, const std::shared_ptr<const FieldTest>& leaf) {
    const ValueTest& test = leaf->test;
    FieldPlan& plan = plan_.fields_[field];
    if (const auto* pattern = std::get_if<PatternTest>(&test)) return add_pattern(atom, field, leaf, *pattern);
    if (std::holds_alternative<RegexTest>(test)) return add_regex(atom, field, leaf);
    if (const auto* ref = std::get_if<FieldRefTest>(&test)) {
      field_index(ref->field);
      plan_.fields_[field].maybe_any.emplace_back(atom, 0);
      plan_.atoms_[atom].lazy.push_back(leaf);
      return 1;
    }
    if (const auto* exists = std::get_if<ExistsTest>(&test)) {
      if (exists->expected) {
        plan.when_null.push_back(atom);
        plan.when_value.push_back(atom);
      } else {
        plan.when_absent.push_back(atom);
      }
      return 1;
    }
    if (std::holds_alternative<NullTest>(test)) {
      plan.when_absent.push_back(atom);
      plan.when_null.push_back(atom);
      return 1;
    }
    CHECK(!std::holds_alternative<PlaceholderTest>(test));
    plan.unguarded.push_back(make_check(atom, leaf));
    return std::holds_alternative<CidrTest>(test) ? 0.05 : 0.3;
  }

  double add_pattern(AtomId atom, std::uint32_t field, const std::shared_ptr<const FieldTest>& leaf,
                     const PatternTest& test) {
    FieldPlan& plan = plan_.fields_[field];
    const Lookup lookup = lookup_of(test.pattern);
    if (lookup.kind == Lookup::Kind::any_value) {
      plan.when_value.push_back(atom);
      return 1;
    }
    if (lookup.kind == Lookup::Kind::no_literal) {
      plan.unguarded.push_back(make_check(atom, leaf));
      return 0.3;
    }
    Consequence consequence{Consequence::Kind::holds, atom};
    if (!lookup.exact) {
      consequence = {Consequence::Kind::check, static_cast<std::uint32_t>(plan.checks.size())};
      plan.checks.push_back(make_check(atom, leaf));
    }
    add_literal(field, lookup.anchor, lookup.text, test.cased, consequence);
    return literal_cost(lookup.anchor, lookup.text.size());
  }

  double add_regex(AtomId atom, std::uint32_t field, const std::shared_ptr<const FieldTest>& leaf) {
    const match::Regex& regex = *std::get<RegexTest>(leaf->test).regex;
    plan_.atoms_[atom].lazy.push_back(leaf);
    const std::vector<std::string>& literals = regex.required_literals();
    if (literals.empty()) {
      plan_.fields_[field].maybe_any.emplace_back(atom, regex.size_min());
      return 1;
    }
    double cost = 0;
    for (const std::string& literal : literals) {
      add_literal(field, Anchor::contains, literal, false, {Consequence::Kind::maybe, atom});
      cost += literal_cost(Anchor::contains, literal.size());
    }
    return cost;
  }

  void add_literal(std::uint32_t field, Anchor anchor, std::string_view text, bool cased, Consequence consequence) {
    FieldPlan& plan = plan_.fields_[field];
    std::string buffer;
    const std::string_view spelled = cased ? text : match::folded(text, buffer);
    auto& known = cased ? drafts_[field].cased : drafts_[field].folded;
    const auto [it, fresh] = known.try_emplace(std::pair(anchor, std::string(spelled)),
                                               static_cast<std::uint32_t>(plan.consequences.size()));
    if (fresh) {
      (cased ? plan.cased : plan.folded).add(anchor, spelled, it->second);
      plan.consequences.emplace_back();
    }
    plan.consequences[it->second].push_back(consequence);
  }

  Plan& plan_;
  std::vector<FieldDraft> drafts_;
  std::unordered_map<std::string, AtomId> atom_ids_;
};

std::optional<RequiredLiterals> required_literals(const Atom& atom) {
  RequiredLiterals all;
  for (const auto& leaf : atom.leaves) {
    if (const auto* regex = std::get_if<RegexTest>(&leaf->test)) {
      const std::vector<std::string>& literals = regex->regex->required_literals();
      for (const std::string& literal : literals) all.literals.push_back({Anchor::contains, literal});
      if (literals.empty()) all.size_from = std::min(all.size_from, regex->regex->size_min());
      continue;
    }
    const auto* pattern = std::get_if<PatternTest>(&leaf->test);
    const Lookup lookup = pattern == nullptr ? Lookup{} : lookup_of(pattern->pattern);
    if (lookup.kind != Lookup::Kind::literal) return std::nullopt;
    std::string buffer;
    all.literals.push_back({lookup.anchor, std::string(match::folded(lookup.text, buffer))});
  }
  return all;
}

Plan::Plan(std::span<const Variant> variants) {
  PlanBuilder builder(*this);
  for (const Variant& variant : variants) builder.add(variant);
  builder.finish();
}

}  // namespace weir::sigma
