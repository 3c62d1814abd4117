#include "sigma/route.h"

#include <algorithm>
#include <map>
#include <optional>

#include "sigma/screening.h"
#include "sigma/witness.h"

namespace weir::sigma {
namespace {

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

}  // namespace

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
  // A known atom is seen nowhere else, so it is no witness.
  const WitnessCost cost = [&](AtomId atom) { return std::optional(plan.atoms()[atom].cost); };
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
    const auto witness = find_witness(plan, root, known, cost);
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
