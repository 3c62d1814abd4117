#include "sigma/route.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/sorted.h"
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
  for (const std::uint32_t child : formula.children()) {
    collect_fields(plan, child, known, fields);
  }
}

// What atoms cost as witnesses: how often they are seen, and what looking at their field takes.
class WitnessCosts {
 public:
  WitnessCosts(const Plan& plan, const Sightings* sightings) : plan_(plan), sightings_(sightings) {}

  double of(AtomId atom) const {
    const Atom& planned = plan_.atoms()[atom];
    return seen_share(atom) + look_cost(planned);
  }

  // The share of events in which the atom is seen. Where none was, the guess of the plan tells atoms apart.
  double seen_share(AtomId atom) const {
    const double guess = std::min(plan_.atoms()[atom].cost, 1.0);
    if (sightings_ == nullptr) return guess;
    const auto events = static_cast<double>(sightings_->events);
    const auto it = sightings_->atoms.find(atom);
    return (static_cast<double>(it == sightings_->atoms.end() ? 0 : it->second) + guess) / (events + 1);
  }

  // Rules that wait for atoms of a field share its looks.
  void share(std::uint32_t field) { ++rules_waiting_[field]; }

 private:
  // A look at a value, measured in tries of a rule.
  static constexpr double kLook = 0.05;

  double look_cost(const Atom& atom) const {
    const auto waiting = rules_waiting_.find(atom.field);
    const double sharing = 1 + (waiting == rules_waiting_.end() ? 0.0 : static_cast<double>(waiting->second));
    if (sightings_ == nullptr) return 0;
    const auto it = sightings_->fields.find(atom.field);
    const double present = it == sightings_->fields.end() ? 0.0 : static_cast<double>(it->second);
    return kLook * present / static_cast<double>(sightings_->events) / sharing;
  }

  const Plan& plan_;
  const Sightings* sightings_;
  std::unordered_map<std::uint32_t, std::uint32_t> rules_waiting_;
};

// Chooses what the open rules of a route wait for.
class WaitingPlanner {
 public:
  WaitingPlanner(const Plan& plan, std::span<const Truth> known, const Sightings* sightings)
      : plan_(plan),
        known_(known),
        is_studied_(sightings != nullptr),
        costs_(plan, sightings),
        cost_([this](AtomId atom) { return std::optional(costs_.of(atom)); }) {}

  void plan(Route& route) {
    // The first round finds fields that many rules can wait for, so that in the second few fields do.
    for (const Route::OpenRule& open : route.open) {
      const auto witness = find_witness(plan_, plan_.rules()[open.rule].root, known_, cost_);
      if (witness && !witness->atoms.empty()) costs_.share(plan_.atoms()[witness->atoms.front()].field);
    }
    std::vector<std::pair<AtomId, std::uint32_t>> waiting;
    for (std::uint32_t index = 0; index < route.open.size(); ++index) {
      const auto witness = find_witness(plan_, plan_.rules()[route.open[index].rule].root, known_, cost_);
      if (!witness || seen_share(*witness) >= kNearlyAlways) {
        route.always.push_back(index);
        continue;
      }
      for (const AtomId atom : witness->atoms) waiting.emplace_back(atom, index);
    }
    route.waiting = Waiting(std::move(waiting), plan_.atoms().size());
    add_watches(route);
  }

 private:
  static constexpr double kNearlyAlways = 0.9;

  double seen_share(const Witness& witness) const {
    double share = 0;
    for (const AtomId atom : witness.atoms) share += costs_.seen_share(atom);
    return share;
  }

  void add_watches(Route& route) const {
    std::map<std::uint32_t, std::vector<AtomId>> awaited;
    for (const auto& [atom, rule] : route.waiting.all()) awaited[plan_.atoms()[atom].field].push_back(atom);
    for (auto& [field, atoms] : awaited) {
      sort_unique(atoms);
      // A route that few events take is not worth the time and memory of screens.
      const bool is_screened = is_studied_ && field != kAnyField;
      route.watches.push_back({field, is_screened ? screen_atoms(plan_, atoms) : std::nullopt});
    }
  }

  const Plan& plan_;
  std::span<const Truth> known_;
  const bool is_studied_;
  WitnessCosts costs_;
  WitnessCost cost_;
};

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
  for (const std::uint32_t child : formula.children()) {
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

Waiting::Waiting(std::vector<std::pair<AtomId, std::uint32_t>> pairs, std::size_t atom_count)
    : pairs_(std::move(pairs)), awaited_(atom_count / 64 + 1) {
  sort_unique(pairs_);
  for (const auto& [atom, rule] : pairs_) awaited_[atom / 64] |= std::uint64_t{1} << (atom % 64);
}

std::span<const std::pair<AtomId, std::uint32_t>> Waiting::rules(AtomId atom) const {
  const auto found = std::ranges::equal_range(pairs_, atom, {}, &std::pair<AtomId, std::uint32_t>::first);
  return {found.begin(), found.end()};
}

Route make_route(const Plan& plan, const RuleGroup& group, std::span<const std::uint32_t> pinned,
                 std::span<const Truth> known, const Sightings* sightings) {
  Route route;
  for (const std::uint32_t rule : group.rules) {
    const std::uint32_t root = plan.rules()[rule].root;
    const Truth truth = evaluate(plan, root, known);
    if (truth == Truth::no) continue;
    if (truth == Truth::yes) {
      route.certain.push_back(rule);
      continue;
    }
    Route::OpenRule& open = route.open.emplace_back(rule);
    collect_fields(plan, root, known, open.fields);
    sort_unique(open.fields);
    std::erase_if(open.fields, [&](std::uint32_t field) { return std::ranges::find(pinned, field) != pinned.end(); });
    route.fields.insert(route.fields.end(), open.fields.begin(), open.fields.end());
  }
  sort_unique(route.fields);
  WaitingPlanner(plan, known, sightings).plan(route);
  return route;
}

}  // namespace weir::sigma
