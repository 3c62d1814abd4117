#define XXH_INLINE_ALL
#include "sigma/matcher.h"

#include <algorithm>

#include <xxhash.h>

#include "sigma/single_test.h"
#include "sigma/witness.h"

namespace weir::sigma {
namespace {

constexpr std::uint32_t kNoCell = ~std::uint32_t{0};

std::uint64_t hash_of(std::span<const VerdictId> key, std::uint64_t seed) {
  return XXH3_64bits_withSeed(key.data(), key.size_bytes(), seed);
}

}  // namespace

Matcher::Matcher(std::shared_ptr<const Plan> plan, Options options)
    : plan_(std::move(plan)),
      options_(options),
      verdicts_(plan_->fields().size()),
      slots_(plan_->fields().size()),
      truths_(plan_->atoms().size(), Truth::no),
      tried_(plan_->rules().size(), 0) {}

std::span<const std::uint32_t> Matcher::match(event::Batch& batch, const event::Row& row) {
  fired_.clear();
  if (table_full_) start_over();
  GroupState* group = group_of(row.logsource);
  if (group == nullptr || group->group.rules.empty()) return fired_;
  batch_ = &batch;
  row_ = &row;
  cells_ = batch.cells(row);
  index_cells(cells_);

  const std::uint32_t route_index = route_of(*group);
  const Route& route = routes_[route_index]->route;
  for (const std::uint32_t rule : route.certain) fired_.push_back(plan_->rules()[rule].rule);
  if (!route.open.empty()) {
    key_.clear();
    for (const std::uint32_t field : route.fields) key_.push_back(field_verdict(field));
    if (route.looks_at_all_values) key_.push_back(any_value_verdict(group->group));
    collect(route_index, outcome_of(route_index));
  }
  std::ranges::sort(fired_);
  fired_.erase(std::ranges::unique(fired_).begin(), fired_.end());
  return fired_;
}

Matcher::GroupState* Matcher::group_of(const event::Logsource* source) {
  static const event::Logsource kUnknown;
  if (source == nullptr) {
    if (!options_.any_logsource) return nullptr;
    source = &kUnknown;
  }
  if (const auto it = groups_by_address_.find(source); it != groups_by_address_.end()) return it->second;
  GroupState* state = nullptr;
  for (const auto& [known, known_state] : groups_) {
    if (known == *source) state = known_state.get();
  }
  if (state == nullptr) {
    groups_.emplace_back(*source, std::make_unique<GroupState>());
    state = groups_.back().second.get();
    state->group = make_group(*plan_, *source, options_.any_logsource);
  }
  groups_by_address_.emplace(source, state);
  return state;
}

void Matcher::index_cells(std::span<event::Cell> cells) {
  if (++event_ == 0) {  // After 2^32 events the numbers begin anew, and 0 marks slots that were never used.
    std::ranges::fill(slots_, Slot{});
    event_ = 1;
  }
  if (next_cell_.size() < cells.size()) next_cell_.resize(cells.size());
  // From the back, so that a field's chain runs in the order of the cells.
  for (std::size_t i = cells.size(); i-- > 0;) {
    const std::uint32_t field = cells[i].field->id.value;
    if (field == event::kUnread.value) continue;
    Slot& slot = slots_[field];
    next_cell_[i] = slot.event == event_ ? slot.first : kNoCell;
    slot = {event_, static_cast<std::uint32_t>(i)};
  }
}

FieldVerdicts& Matcher::verdicts(std::uint32_t field) {
  auto& table = verdicts_[field];
  if (table == nullptr) table = std::make_unique<FieldVerdicts>(plan_->fields()[field], options_.remember);
  return *table;
}

VerdictId Matcher::value_verdict(FieldVerdicts& table, const event::Cell& cell) {
  if (cell.kind == event::ValueKind::null) return FieldVerdicts::kNull;
  const VerdictId id = table.of_value({cell.data, cell.size}, cell.escaped);
  table_full_ |= table.full();
  return id;
}

VerdictId Matcher::field_verdict(std::uint32_t field) {
  const Slot& slot = slots_[field];
  if (slot.event != event_) return FieldVerdicts::kAbsent;
  FieldVerdicts& table = verdicts(field);
  VerdictId id = value_verdict(table, cells_[slot.first]);
  for (std::uint32_t cell = next_cell_[slot.first]; cell != kNoCell; cell = next_cell_[cell]) {
    id = table.joined(id, value_verdict(table, cells_[cell]));
  }
  return id;
}

// Whether a keyword of the group may be in a value. The bytes of a row that is not verbatim are its values, put
// together with line ends between them, which no keyword's piece holds.
bool Matcher::may_hold_keyword(const RuleGroup& group) {
  if (!group.keywords) return true;
  if (row_->verbatim) return group.keywords->may_occur(row_->raw, screen_scratch_);
  joined_values_.clear();
  for (const event::Cell& cell : cells_) {
    if (cell.kind != event::ValueKind::null) joined_values_.append(cell.data, cell.size).push_back('\n');
  }
  return group.keywords->may_occur(joined_values_, screen_scratch_);
}

VerdictId Matcher::any_value_verdict(const RuleGroup& group) {
  FieldVerdicts& table = verdicts(kAnyField);
  if (!may_hold_keyword(group)) {
    const auto is_null = [](const event::Cell& cell) { return cell.kind == event::ValueKind::null; };
    return std::ranges::all_of(cells_, is_null) ? FieldVerdicts::kAbsent : FieldVerdicts::kNoLiteral;
  }
  VerdictId id = FieldVerdicts::kAbsent;
  bool first = true;
  for (const event::Cell& cell : cells_) {
    if (cell.kind == event::ValueKind::null) continue;
    const VerdictId value = value_verdict(table, cell);
    id = first ? value : table.joined(id, value);
    first = false;
  }
  return id;
}

std::uint32_t Matcher::route_of(GroupState& group) {
  pinned_key_.clear();
  for (const std::uint32_t field : group.group.pinned) pinned_key_.push_back(field_verdict(field));
  std::vector<std::uint32_t>& candidates = group.routes[hash_of(pinned_key_, 0)];
  for (const std::uint32_t candidate : candidates) {
    if (routes_[candidate]->key == pinned_key_) return candidate;
  }
  const auto index = static_cast<std::uint32_t>(routes_.size());
  table_full_ |= routes_.size() >= kRoutesMax;
  std::vector<Truth> known(plan_->atoms().size(), Truth::maybe);
  for (std::size_t i = 0; i < pinned_key_.size(); ++i) {
    const std::uint32_t field = group.group.pinned[i];
    for (const AtomId atom : plan_->fields()[field].atoms) known[atom] = Truth::no;
    const Verdict& verdict = verdicts(field)[pinned_key_[i]];
    for (const AtomId atom : verdict.yes) known[atom] = Truth::yes;
    for (const AtomId atom : verdict.maybe) known[atom] = Truth::maybe;
  }
  routes_.push_back(std::make_unique<KeyedRoute>(&group, pinned_key_, make_route(*plan_, group.group, known)));
  candidates.push_back(index);
  return index;
}

const Matcher::Outcome& Matcher::outcome_of(std::uint32_t route_index) {
  if (!options_.remember) {
    decide(route_index);
    return scratch_;
  }
  if (outcomes_.size() >= kResultsMax || outcome_slots_.empty()) {
    outcome_slots_.assign(2 * kResultsMax, 0);
    outcomes_.clear();
  }
  const std::uint64_t hash = hash_of(key_, route_index + 1);
  std::size_t place = hash % outcome_slots_.size();
  for (; outcome_slots_[place] != 0; place = (place + 1) % outcome_slots_.size()) {
    const KeyedOutcome& known = outcomes_[outcome_slots_[place] - 1];
    if (known.hash == hash && known.route == route_index && known.key == key_) return known.outcome;
  }
  decide(route_index);
  outcomes_.push_back({hash, route_index, key_, scratch_});
  outcome_slots_[place] = static_cast<std::uint32_t>(outcomes_.size());
  return outcomes_.back().outcome;
}

void Matcher::mark(std::uint32_t field, VerdictId id) {
  const Verdict& verdict = verdicts(field)[id];
  for (const AtomId atom : verdict.yes) truths_[atom] = Truth::yes;
  for (const AtomId atom : verdict.maybe) truths_[atom] = Truth::maybe;
  marked_.insert(marked_.end(), verdict.yes.begin(), verdict.yes.end());
  marked_.insert(marked_.end(), verdict.maybe.begin(), verdict.maybe.end());
}

void Matcher::mark_all(const GroupState& group, const Route& route) {
  for (std::size_t i = 0; i < group.group.pinned.size(); ++i) mark(group.group.pinned[i], pinned_key_[i]);
  for (std::size_t i = 0; i < route.fields.size(); ++i) mark(route.fields[i], key_[i]);
  if (route.looks_at_all_values) mark(kAnyField, key_.back());
}

void Matcher::unmark() {
  for (const AtomId atom : marked_) truths_[atom] = Truth::no;
  marked_.clear();
}

// Fills scratch_ with what the verdicts at hand lead to.
void Matcher::decide(std::uint32_t route_index) {
  const KeyedRoute& keyed = *routes_[route_index];
  const Route& route = keyed.route;
  scratch_.fired.clear();
  scratch_.hanging.clear();
  mark_all(*keyed.group, route);
  if (++decision_ == 0) {
    std::ranges::fill(tried_, 0);
    decision_ = 1;
  }
  const auto try_rule = [&](std::uint32_t open) {
    const std::uint32_t rule = route.open[open];
    if (tried_[rule] == decision_) return;
    tried_[rule] = decision_;
    const Truth truth = evaluate(*plan_, plan_->rules()[rule].root, truths_);
    if (truth == Truth::yes) scratch_.fired.push_back(rule);
    if (truth == Truth::maybe) scratch_.hanging.push_back(rule);
  };
  for (const std::uint32_t open : route.unguarded) try_rule(open);
  for (const AtomId atom : marked_) {
    const auto it = route.waiting.find(atom);
    if (it == route.waiting.end()) continue;
    for (const std::uint32_t open : it->second) try_rule(open);
  }
  unmark();
}

void Matcher::collect(std::uint32_t route_index, const Outcome& outcome) {
  for (const std::uint32_t rule : outcome.fired) fired_.push_back(plan_->rules()[rule].rule);
  if (outcome.hanging.empty()) return;
  mark_all(*routes_[route_index]->group, routes_[route_index]->route);
  for (const std::uint32_t rule : outcome.hanging) {
    if (resolve(rule)) fired_.push_back(plan_->rules()[rule].rule);
  }
  unmark();
}

// Decides a rule whose formula is "maybe": its open atoms are resolved one after the other until nothing hangs on them.
bool Matcher::resolve(std::uint32_t rule) {
  const std::uint32_t root = plan_->rules()[rule].root;
  std::vector<std::uint32_t> pending = {root};
  while (evaluate(*plan_, root, truths_) == Truth::maybe) {
    const std::uint32_t node = pending.back();
    pending.pop_back();
    const FormulaNode& formula = plan_->nodes()[node];
    if (evaluate(*plan_, node, truths_) != Truth::maybe) continue;
    if (formula.kind == ExprKind::leaf) {
      resolve_atom(formula.first);
      continue;
    }
    for (std::uint32_t child = formula.first; child < formula.first + formula.count; ++child) pending.push_back(child);
  }
  return evaluate(*plan_, root, truths_) == Truth::yes;
}

void Matcher::resolve_atom(AtomId atom) {
  const EventView view(plan_->field_table(), *batch_, *row_);
  const auto& lazy = plan_->atoms()[atom].lazy;
  const bool found = std::ranges::any_of(lazy, [&](const auto& leaf) { return holds(*leaf, view); });
  truths_[atom] = found ? Truth::yes : Truth::no;
}

void Matcher::start_over() {
  outcome_slots_.clear();
  outcomes_.clear();
  routes_.clear();
  groups_.clear();
  groups_by_address_.clear();
  for (auto& table : verdicts_) table.reset();
  table_full_ = false;
}

}  // namespace weir::sigma
