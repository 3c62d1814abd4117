#include "sigma/route.h"

#include <algorithm>
#include <map>
#include <optional>

namespace weir::sigma {
namespace {

Truth negated(Truth truth) {
  if (truth == Truth::maybe) return Truth::maybe;
  return truth == Truth::yes ? Truth::no : Truth::yes;
}

// A set of atoms of which at least one must not be "no" for a formula to hold.
struct Witness {
  double cost = 0;
  std::vector<AtomId> atoms;
};

// Chooses the cheapest witness of a formula under what is known.
class WitnessSearch {
 public:
  // `keywords_only`: other atoms, and keywords that no literals speak of, are witnesses of nothing.
  WitnessSearch(const Plan& plan, std::span<const Truth> known, bool keywords_only = false)
      : plan_(plan), known_(known), keywords_only_(keywords_only) {}

  // Nothing: the formula may hold though every atom is "no" (a negation).
  std::optional<Witness> of(std::uint32_t node, bool negative = false) const {
    const FormulaNode& formula = plan_.nodes()[node];
    if (formula.kind == ExprKind::leaf) {
      if (negative) return std::nullopt;
      const Truth truth = known_[formula.first];
      // A known atom is seen nowhere else: no witness, and none is needed where it is false (the caller drops those).
      if (truth == Truth::yes) return std::nullopt;
      const Atom& atom = plan_.atoms()[formula.first];
      if (keywords_only_ && (atom.field != kAnyField || !atom.literals)) return std::nullopt;
      return Witness{plan_.atoms()[formula.first].cost, {formula.first}};
    }
    if (formula.kind == ExprKind::negation) return of(formula.first, !negative);
    const bool any_will_do = (formula.kind == ExprKind::all_of) != negative;
    return any_will_do ? cheapest(formula, negative) : united(formula, negative);
  }

 private:
  std::optional<Witness> cheapest(const FormulaNode& formula, bool negative) const {
    std::optional<Witness> best;
    for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
      auto witness = of(child, negative);
      if (witness && (!best || witness->cost < best->cost)) best = std::move(witness);
    }
    return best;
  }

  std::optional<Witness> united(const FormulaNode& formula, bool negative) const {
    Witness all;
    for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
      const Truth truth = evaluate(plan_, child, known_);
      if (truth == (negative ? Truth::yes : Truth::no)) continue;  // This branch cannot make it hold.
      const auto witness = of(child, negative);
      if (!witness) return std::nullopt;
      all.cost += witness->cost;
      all.atoms.insert(all.atoms.end(), witness->atoms.begin(), witness->atoms.end());
    }
    return all;
  }

  const Plan& plan_;
  std::span<const Truth> known_;
  const bool keywords_only_;
};

// Adds the fields of all atoms that the formula's truth still hangs on.
void collect_fields(const Plan& plan, std::uint32_t node, std::span<const Truth> known,
                    std::vector<std::uint32_t>& fields) {
  const FormulaNode& formula = plan.nodes()[node];
  if (evaluate(plan, node, known) != Truth::maybe) return;
  if (formula.kind == ExprKind::leaf) {
    fields.push_back(plan.atoms()[formula.first].field);
    return;
  }
  for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
    collect_fields(plan, child, known, fields);
  }
}

void sort_unique(std::vector<std::uint32_t>& numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
}

// Counts, for each field, the rules that demand one of few exact values of it at the top of their condition.
void count_demands(const Plan& plan, std::uint32_t node, std::map<std::uint32_t, std::size_t>& demands) {
  const FormulaNode& formula = plan.nodes()[node];
  if (formula.kind == ExprKind::leaf) {
    const Atom& atom = plan.atoms()[formula.first];
    if (atom.field != kAnyField && atom.lazy.empty() && atom.cost < 0.2) ++demands[atom.field];
    return;
  }
  const bool single = formula.count == 1 && formula.kind != ExprKind::negation;
  if (formula.kind != ExprKind::all_of && !single) return;
  for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
    count_demands(plan, child, demands);
  }
}

bool has_keywords(const Plan& plan, std::uint32_t node) {
  const FormulaNode& formula = plan.nodes()[node];
  if (formula.kind == ExprKind::leaf) return plan.atoms()[formula.first].field == kAnyField;
  for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
    if (has_keywords(plan, child)) return true;
  }
  return false;
}

// Chooses literals such that, where none of them occurs, taking all keywords for unseen does not change a formula.
class KeywordScreening {
 public:
  explicit KeywordScreening(const Plan& plan) : plan_(plan), known_(plan.atoms().size(), Truth::maybe) {}

  // False if there are no such literals.
  bool add(std::uint32_t node) {
    if (!has_keywords(plan_, node)) return true;
    if (const auto witness = WitnessSearch(plan_, known_, true).of(node)) {
      // Without them the formula is false, whatever its other keywords say.
      for (const AtomId atom : witness->atoms) {
        const auto& needed = plan_.atoms()[atom].literals;
        literals_.insert(literals_.end(), needed->begin(), needed->end());
      }
      return true;
    }
    const FormulaNode& formula = plan_.nodes()[node];
    if (formula.kind == ExprKind::leaf) return false;
    for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
      if (!add(child)) return false;
    }
    return true;
  }

  std::optional<match::LiteralScreen> make() {
    if (literals_.empty()) return std::nullopt;
    std::ranges::sort(literals_);
    const auto repeated = std::ranges::unique(literals_);
    literals_.erase(repeated.begin(), repeated.end());
    return match::LiteralScreen::make(literals_);
  }

 private:
  const Plan& plan_;
  std::vector<Truth> known_;
  std::vector<std::string> literals_;
};

std::optional<match::LiteralScreen> screen_keywords(const Plan& plan, std::span<const std::uint32_t> rules) {
  KeywordScreening screening(plan);
  for (const std::uint32_t rule : rules) {
    if (!screening.add(plan.rules()[rule].root)) return std::nullopt;
  }
  return screening.make();
}

}  // namespace

Truth evaluate(const Plan& plan, std::uint32_t node, std::span<const Truth> truths) {
  const FormulaNode& formula = plan.nodes()[node];
  switch (formula.kind) {
    case ExprKind::leaf: return truths[formula.first];
    case ExprKind::negation: return negated(evaluate(plan, formula.first, truths));
    case ExprKind::all_of: {
      Truth result = Truth::yes;
      for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
        result = std::min(result, evaluate(plan, child, truths));
        if (result == Truth::no) break;
      }
      return result;
    }
    case ExprKind::any_of: {
      Truth result = Truth::no;
      for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) {
        result = std::max(result, evaluate(plan, child, truths));
        if (result == Truth::yes) break;
      }
      return result;
    }
  }
  return Truth::no;
}

RuleGroup make_group(const Plan& plan, const event::Logsource& source, bool any) {
  // Names of fields that hold few different values and tell kinds of events apart; only such a field may be pinned, or
  // routes would multiply with its values.
  static constexpr std::string_view kTelling[] = {"EventID",     "Channel",       "Provider_Name", "eventName",
                                                  "eventSource", "operationName", "action",        "EventType"};
  RuleGroup group;
  std::map<std::uint32_t, std::size_t> demands;
  for (std::uint32_t rule = 0; rule < plan.rules().size(); ++rule) {
    if (!any && !plan.rules()[rule].logsource.selects(source)) continue;
    group.rules.push_back(rule);
    count_demands(plan, plan.rules()[rule].root, demands);
  }
  for (const std::string_view name : kTelling) {
    const event::Field* field = plan.field_table().find(name);
    if (field == nullptr || group.pinned.size() == kPinnedMax) continue;
    if (demands[field->id.value] * 20 >= group.rules.size() && demands[field->id.value] > 0) {
      group.pinned.push_back(field->id.value);
    }
  }
  group.keywords = screen_keywords(plan, group.rules);
  return group;
}

Route make_route(const Plan& plan, const RuleGroup& group, std::span<const Truth> known) {
  Route route;
  const WitnessSearch search(plan, known);
  for (const std::uint32_t rule : group.rules) {
    const std::uint32_t root = plan.rules()[rule].root;
    const Truth truth = evaluate(plan, root, known);
    if (truth == Truth::no) continue;
    if (truth == Truth::yes) {
      route.certain.push_back(rule);
      continue;
    }
    const auto index = static_cast<std::uint32_t>(route.open.size());
    route.open.push_back(rule);
    collect_fields(plan, root, known, route.fields);
    const auto witness = search.of(root);
    if (!witness) {
      route.unguarded.push_back(index);
      continue;
    }
    for (const AtomId atom : witness->atoms) route.waiting[atom].push_back(index);
  }
  sort_unique(route.fields);
  if (!route.fields.empty() && route.fields.front() == kAnyField) {
    route.looks_at_all_values = true;
    route.fields.erase(route.fields.begin());
  }
  std::erase_if(route.fields,
                [&](std::uint32_t field) { return std::ranges::find(group.pinned, field) != group.pinned.end(); });
  return route;
}

}  // namespace weir::sigma
