#define XXH_INLINE_ALL
#include "sigma/matcher.h"

#include <algorithm>

#include <xxhash.h>

#include "base/sorted.h"
#include "sigma/evaluation.h"
#include "sigma/witness.h"

namespace weir::sigma {
namespace {

using Written = match::LiteralScreen::Written;

constexpr std::uint32_t kNoCell = ~std::uint32_t{0};

std::uint64_t hash_of(std::span<const VerdictId> key, std::uint64_t seed) {
  return XXH3_64bits_withSeed(key.data(), key.size_bytes(), seed);
}

// Keywords look at values, not at whole objects, whose text would hold field names too.
bool is_searched(const event::Cell& cell) {
  return cell.kind != event::ValueKind::null && cell.kind != event::ValueKind::json;
}

}  // namespace

Matcher::Matcher(std::shared_ptr<const Plan> plan, Options options)
    : plan_(std::move(plan)),
      options_(options),
      verdicts_(plan_->fields().size()),
      fields_(plan_->fields().size()),
      tried_(plan_->rules().size(), 0),
      truths_(plan_->atoms().size(), Truth::no) {}

std::span<const std::uint32_t> Matcher::match(event::Batch& batch, const event::Row& row) {
  fired_.clear();
  if (table_full_) start_over();
  GroupState* group = group_of(row.logsource);
  if (group == nullptr || group->group.rules.empty()) return fired_;
  batch_ = &batch;
  row_ = &row;
  begin_event(batch.cells(row));

  const std::uint32_t route_index = route_of(*group);
  KeyedRoute& keyed = *routes_[route_index];
  for (const std::uint32_t rule : keyed.route.certain) fired_.push_back(plan_->rules()[rule].rule);
  if (!keyed.route.open.empty()) {
    find_candidates(keyed);
    if (candidates_.size() > kFewRules && options_.remember) {
      collect(keyed, outcome_of(route_index));
    } else if (!candidates_.empty()) {
      try_candidates(keyed);
    }
    keyed.sightings ? study(keyed) : review(keyed);
    unmark();
  }
  sort_unique(fired_);
  return fired_;
}

Matcher::GroupState* Matcher::group_of(const event::Logsource* source) {
  static const event::Logsource kUnknown;
  if (source == nullptr) {
    if (!options_.any_logsource) return nullptr;
    source = &kUnknown;
  }
  if (source == last_source_) return last_group_;
  last_source_ = source;
  last_group_ = find_group(source);
  return last_group_;
}

Matcher::GroupState* Matcher::find_group(const event::Logsource* source) {
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

void Matcher::begin_event(std::span<event::Cell> cells) {
  cells_ = cells;
  if (++event_ == 0) {  // After 2^32 events the numbers begin anew, and 0 marks what was never used.
    std::ranges::fill(fields_, FieldState{});
    std::ranges::fill(tried_, 0);
    event_ = 1;
  }
  if (event_ % kEventsBetweenMemoryChecks == 0) table_full_ |= verdict_bytes() > kVerdictBytesMax;
  if (next_cell_.size() < cells.size()) next_cell_.resize(cells.size());
  // From the back, so that a field's chain runs in the order of the cells.
  for (std::size_t i = cells.size(); i-- > 0;) {
    const std::uint32_t field = cells[i].field->id.value;
    if (field == event::kUnread.value) continue;
    FieldState& state = fields_[field];
    next_cell_[i] = state.present_in == event_ ? state.first_cell : kNoCell;
    state.present_in = event_;
    state.first_cell = static_cast<std::uint32_t>(i);
  }
}

FieldVerdicts& Matcher::verdicts(std::uint32_t field) {
  auto& table = verdicts_[field];
  if (table == nullptr) table = std::make_unique<FieldVerdicts>(plan_->fields()[field], options_.remember);
  return *table;
}

std::size_t Matcher::verdict_bytes() const {
  std::size_t bytes = 0;
  for (const auto& table : verdicts_) bytes += table == nullptr ? 0 : table->memory();
  return bytes;
}

VerdictId Matcher::value_verdict(FieldVerdicts& table, const event::Cell& cell) {
  if (cell.kind == event::ValueKind::null) return FieldVerdicts::kNull;
  const VerdictId id = table.of_value({cell.data, cell.size}, cell.escaped);
  table_full_ |= table.full();
  return id;
}

VerdictId Matcher::field_verdict(std::uint32_t field) {
  FieldState& state = fields_[field];
  if (state.present_in != event_) return FieldVerdicts::kAbsent;
  if (state.judged_in == event_) return state.verdict;
  FieldVerdicts& table = verdicts(field);
  VerdictId id = value_verdict(table, cells_[state.first_cell]);
  for (std::uint32_t cell = next_cell_[state.first_cell]; cell != kNoCell; cell = next_cell_[cell]) {
    id = table.joined(id, value_verdict(table, cells_[cell]));
  }
  state.judged_in = event_;
  state.verdict = id;
  return id;
}

// Of a field, or of all values together.
VerdictId Matcher::verdict_of(std::uint32_t field, const RuleGroup& group) {
  return field == kAnyField ? any_value_verdict(group) : field_verdict(field);
}

// Whether a keyword of the group may be in a value. The bytes of a row that is not verbatim are its values, put
// together with line ends between them, which no keyword's piece holds.
bool Matcher::may_hold_keyword(const RuleGroup& group) {
  if (!group.keywords) return true;
  if (row_->verbatim) return group.keywords->may_occur(row_->raw, Written::as_json, screen_scratch_);
  joined_values_.clear();
  for (const event::Cell& cell : cells_) {
    if (is_searched(cell)) joined_values_.append(cell.data, cell.size).push_back('\n');
  }
  return group.keywords->may_occur(joined_values_, Written::as_json, screen_scratch_);
}

VerdictId Matcher::any_value_verdict(const RuleGroup& group) {
  FieldState& state = fields_[kAnyField];
  if (state.judged_in == event_) return state.verdict;
  FieldVerdicts& table = verdicts(kAnyField);
  state.judged_in = event_;
  if (!may_hold_keyword(group)) {
    const bool nothing = std::ranges::none_of(cells_, is_searched);
    return state.verdict = nothing ? FieldVerdicts::kAbsent : FieldVerdicts::kNoLiteral;
  }
  VerdictId id = FieldVerdicts::kAbsent;
  bool first = true;
  for (const event::Cell& cell : cells_) {
    if (!is_searched(cell)) continue;
    const VerdictId value = value_verdict(table, cell);
    id = first ? value : table.joined(id, value);
    first = false;
  }
  return state.verdict = id;
}

std::uint32_t Matcher::route_of(GroupState& group) {
  pinned_key_.clear();
  for (const std::uint32_t field : group.group.pinned) pinned_key_.push_back(field_verdict(field));
  if (find_route(group)) return group.last_route;
  if (group.route_sizes >= kRouteSizesMax) {
    pinned_key_.clear();
    if (find_route(group)) return group.last_route;
  }
  const auto index = static_cast<std::uint32_t>(routes_.size());
  table_full_ |= routes_.size() >= kRoutesMax;
  KeyedRoute& keyed = *routes_.emplace_back(std::make_unique<KeyedRoute>(&group, pinned_key_));
  keyed.events_left = options_.events_before_study;
  keyed.route = route_with(keyed, nullptr);
  group.routes[hash_of(pinned_key_, 0)].push_back(index);
  group.route_sizes += keyed.route.open.size() + keyed.route.waiting.all().size();
  group.last_route = index;
  return index;
}

// Sets the group's last route if there is one for the key at hand, which mostly is the one before.
bool Matcher::find_route(GroupState& group) const {
  if (group.last_route != kNoRoute && routes_[group.last_route]->key == pinned_key_) return true;
  const auto candidates = group.routes.find(hash_of(pinned_key_, 0));
  if (candidates == group.routes.end()) return false;
  for (const std::uint32_t candidate : candidates->second) {
    if (routes_[candidate]->key != pinned_key_) continue;
    group.last_route = candidate;
    return true;
  }
  return false;
}

Route Matcher::route_with(const KeyedRoute& keyed, const Sightings* sightings) {
  const RuleGroup& group = keyed.group->group;
  const std::span<const std::uint32_t> pinned = std::span(group.pinned).first(keyed.key.size());
  return make_route(*plan_, group, pinned, known_truths(keyed), sightings);
}

// What the route's key says of the atoms of pinned fields; all others are maybe.
std::vector<Truth> Matcher::known_truths(const KeyedRoute& keyed) {
  std::vector<Truth> known(plan_->atoms().size(), Truth::maybe);
  for (std::size_t i = 0; i < keyed.key.size(); ++i) {
    const std::uint32_t field = keyed.group->group.pinned[i];
    for (const AtomId atom : plan_->fields()[field].atoms) known[atom] = Truth::no;
    const Verdict& verdict = verdicts(field)[keyed.key[i]];
    for (const AtomId atom : verdict.yes) known[atom] = Truth::yes;
    for (const AtomId atom : verdict.maybe) known[atom] = Truth::maybe;
  }
  return known;
}

// Notes what the event shows; after enough events the route is made again.
void Matcher::study(KeyedRoute& keyed) {
  Sightings& sightings = *keyed.sightings;
  for (const std::uint32_t field : keyed.route.fields) {
    const Verdict& verdict = verdicts(field)[verdict_of(field, keyed.group->group)];
    for (const AtomId atom : verdict.yes) ++sightings.atoms[atom];
    for (const AtomId atom : verdict.maybe) ++sightings.atoms[atom];
    if (field == kAnyField || fields_[field].present_in == event_) ++sightings.fields[field];
  }
  if (++sightings.events < options_.events_studied) return;
  keyed.route = route_with(keyed, &sightings);
  keyed.sightings.reset();
  --studies_;
  keyed.events_left = keyed.review_after;
  keyed.review_after = std::min(4 * keyed.review_after, kReviewAfterMax);
  keyed.tries = 0;
}

// Routes whose events stopped coming must not keep others from being studied.
void Matcher::abandon_studies() {
  for (const auto& keyed : routes_) {
    if (keyed->sightings) keyed->events_left = options_.events_before_study;
    keyed->sightings.reset();
  }
  studies_ = 0;
}

// Every route is studied once its first events have gone by, and again if it tries many rules: then its events may have
// changed.
void Matcher::review(KeyedRoute& keyed) {
  keyed.tries += candidates_.size();
  if (--keyed.events_left > 0) return;
  const bool is_first = keyed.review_after == kReviewAfterMin;
  const bool tries_many = keyed.tries * 4 > keyed.review_after;
  if (!is_first && !tries_many) {
    keyed.events_left = keyed.review_after;
    keyed.tries = 0;
    return;
  }
  if (studies_ == kStudiesMax) abandon_studies();
  keyed.sightings = std::make_unique<Sightings>();
  ++studies_;
}

// Which rules may fire: those that are always tried, and those of which an awaited atom is seen.
void Matcher::find_candidates(KeyedRoute& keyed) {
  Route& route = keyed.route;
  candidates_.assign(route.always.begin(), route.always.end());
  for (Route::Watch& watch : route.watches) {
    if (passes_over(watch)) continue;
    const Verdict& verdict = verdicts(watch.field)[verdict_of(watch.field, keyed.group->group)];
    for (const std::vector<AtomId>* atoms : {&verdict.yes, &verdict.maybe}) {
      for (const AtomId atom : *atoms) {
        if (!route.waiting.awaits(atom)) continue;
        for (const auto& [awaited, open] : route.waiting.rules(atom)) add_candidate(route, open);
      }
    }
  }
}

void Matcher::add_candidate(const Route& route, std::uint32_t open) {
  std::uint32_t& tried = tried_[route.open[open].rule];
  if (tried == event_) return;
  tried = event_;
  candidates_.push_back(open);
}

bool Matcher::passes_over(Route::Watch& watch) {
  if (!watch.screen) return false;
  const FieldState& state = fields_[watch.field];
  if (state.present_in != event_) return true;
  const bool over = passes_over_values(*watch.screen, state.first_cell);
  watch.passed += over ? 1 : 0;
  if (++watch.asked == kAskedBeforeReview) {
    if (watch.passed < kAskedBeforeReview / 2) watch.screen.reset();
    watch.asked = watch.passed = 0;
  }
  return over;
}

bool Matcher::passes_over_values(const match::LiteralScreen& screen, std::uint32_t first_cell) {
  for (std::uint32_t at = first_cell; at != kNoCell; at = next_cell_[at]) {
    const event::Cell& cell = cells_[at];
    if (cell.kind == event::ValueKind::null) continue;
    const Written written = cell.escaped ? Written::as_json : Written::plainly;
    if (screen.may_occur({cell.data, cell.size}, written, screen_scratch_)) return false;
  }
  return true;
}

const Matcher::Outcome& Matcher::outcome_of(std::uint32_t route_index) {
  const KeyedRoute& keyed = *routes_[route_index];
  key_.clear();
  for (const std::uint32_t field : keyed.route.fields) key_.push_back(verdict_of(field, keyed.group->group));
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
  decide(keyed);
  outcomes_.push_back({hash, route_index, key_, scratch_});
  outcome_slots_[place] = static_cast<std::uint32_t>(outcomes_.size());
  return outcomes_.back().outcome;
}

void Matcher::mark(std::uint32_t field, const RuleGroup& group) {
  FieldState& state = fields_[field];
  if (state.marked_in == event_) return;
  state.marked_in = event_;
  const Verdict& verdict = verdicts(field)[verdict_of(field, group)];
  for (const AtomId atom : verdict.yes) truths_[atom] = Truth::yes;
  for (const AtomId atom : verdict.maybe) truths_[atom] = Truth::maybe;
  marked_.insert(marked_.end(), verdict.yes.begin(), verdict.yes.end());
  marked_.insert(marked_.end(), verdict.maybe.begin(), verdict.maybe.end());
}

void Matcher::mark_all(const KeyedRoute& keyed) {
  for (const std::uint32_t field : keyed.group->group.pinned) mark(field, keyed.group->group);
  for (const std::uint32_t field : keyed.route.fields) mark(field, keyed.group->group);
}

void Matcher::unmark() {
  for (const AtomId atom : marked_) truths_[atom] = Truth::no;
  marked_.clear();
}

// Tries the candidates, and looks at no fields but theirs.
void Matcher::try_candidates(const KeyedRoute& keyed) {
  const RuleGroup& group = keyed.group->group;
  for (const std::uint32_t field : group.pinned) mark(field, group);
  for (const std::uint32_t candidate : candidates_) {
    const Route::OpenRule& open = keyed.route.open[candidate];
    for (const std::uint32_t field : open.fields) mark(field, group);
    const PlannedRule& rule = plan_->rules()[open.rule];
    if (resolve(rule.root)) fired_.push_back(rule.rule);
  }
}

// Fills scratch_ with what the verdicts at hand lead to.
void Matcher::decide(const KeyedRoute& keyed) {
  scratch_.fired.clear();
  scratch_.hanging.clear();
  mark_all(keyed);
  for (const std::uint32_t candidate : candidates_) {
    const std::uint32_t rule = keyed.route.open[candidate].rule;
    const Truth truth = evaluate(*plan_, plan_->rules()[rule].root, truths_);
    if (truth == Truth::yes) scratch_.fired.push_back(rule);
    if (truth == Truth::maybe) scratch_.hanging.push_back(rule);
  }
}

void Matcher::collect(const KeyedRoute& keyed, const Outcome& outcome) {
  for (const std::uint32_t rule : outcome.fired) fired_.push_back(plan_->rules()[rule].rule);
  if (outcome.hanging.empty()) return;
  mark_all(keyed);
  for (const std::uint32_t rule : outcome.hanging) {
    if (resolve(plan_->rules()[rule].root)) fired_.push_back(plan_->rules()[rule].rule);
  }
}

// Decides a formula: where it is "maybe", its open atoms are resolved one after the other until nothing hangs on them.
bool Matcher::resolve(std::uint32_t node) {
  const Truth truth = evaluate(*plan_, node, truths_);
  if (truth != Truth::maybe) return truth == Truth::yes;
  const FormulaNode& formula = plan_->nodes()[node];
  switch (formula.kind) {
    case ExprKind::leaf: return resolve_atom(formula.first);
    case ExprKind::negation: return !resolve(formula.first);
    case ExprKind::all_of: return std::ranges::all_of(formula.children(), [&](auto child) { return resolve(child); });
    case ExprKind::any_of: return std::ranges::any_of(formula.children(), [&](auto child) { return resolve(child); });
  }
  return false;
}

bool Matcher::resolve_atom(AtomId atom) {
  const EventView view(plan_->field_table(), *batch_, *row_);
  const auto& lazy = plan_->atoms()[atom].lazy;
  const bool found = std::ranges::any_of(lazy, [&](const auto& leaf) { return holds(*leaf, view); });
  truths_[atom] = found ? Truth::yes : Truth::no;
  return found;
}

void Matcher::start_over() {
  outcome_slots_.clear();
  outcomes_.clear();
  routes_.clear();
  studies_ = 0;
  groups_.clear();
  parser_changed();
  for (auto& table : verdicts_) table.reset();
  table_full_ = false;
}

}  // namespace weir::sigma
