#pragma once

// One thread's way from events to the rules that fire. Holds what was learnt from earlier events: verdicts of values,
// routes of event kinds, results of whole combinations of verdicts. Nothing learnt changes a result; all of it is
// bounded and can be turned off (Options::remember), which the tests and the benchmarks do.
//
// docs/decisions/0006-matching.md follows one event through it.

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "event/batch.h"
#include "sigma/plan.h"
#include "sigma/route.h"
#include "sigma/verdict.h"

namespace weir::sigma {

class Matcher {
 public:
  struct Options {
    bool remember = true;
    bool any_logsource = false;  // Try every rule on every event.
  };

  Matcher(std::shared_ptr<const Plan> plan, Options options);

  // The rules (Variant::rule) that fire on the row, ascending, each once; valid until the next call. A row of unknown
  // logsource fires none, unless any_logsource.
  std::span<const std::uint32_t> match(event::Batch& batch, const event::Row& row);

  // To be called when rows come from another parser than before: logsources are known by their address, which the next
  // parser may use again.
  void parser_changed() { groups_by_address_.clear(); }

 private:
  static constexpr std::size_t kRoutesMax = 4096;
  static constexpr std::size_t kResultsMax = 1 << 15;

  struct GroupState {
    RuleGroup group;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> routes;  // Hash of key → candidates in routes_.
  };
  struct KeyedRoute {
    const GroupState* group;
    std::vector<VerdictId> key;
    Route route;
  };
  // What a combination of verdicts leads to.
  struct Outcome {
    std::vector<std::uint32_t> fired;    // Of Plan::rules().
    std::vector<std::uint32_t> hanging;  // Rules whose truth hangs on a "maybe" atom.
  };
  struct KeyedOutcome {
    std::uint64_t hash;
    std::uint32_t route;
    std::vector<VerdictId> key;
    Outcome outcome;
  };

  GroupState* group_of(const event::Logsource* source);
  std::uint32_t route_of(GroupState& group);
  const Outcome& outcome_of(std::uint32_t route_index);
  void index_cells(std::span<event::Cell> cells);
  VerdictId field_verdict(std::uint32_t field);
  VerdictId value_verdict(FieldVerdicts& verdicts, const event::Cell& cell);
  bool may_hold_keyword(const RuleGroup& group);
  VerdictId any_value_verdict(const RuleGroup& group);
  FieldVerdicts& verdicts(std::uint32_t field);
  void collect(std::uint32_t route_index, const Outcome& outcome);
  void decide(std::uint32_t route_index);
  void mark(std::uint32_t field, VerdictId id);
  void mark_all(const GroupState& group, const Route& route);
  void unmark();
  bool resolve(std::uint32_t rule);
  void resolve_atom(AtomId atom);
  void start_over();

  std::shared_ptr<const Plan> plan_;
  const Options options_;

  std::vector<std::unique_ptr<FieldVerdicts>> verdicts_;  // By field; made on first use.
  std::unordered_map<const event::Logsource*, GroupState*> groups_by_address_;
  std::vector<std::pair<event::Logsource, std::unique_ptr<GroupState>>> groups_;
  std::vector<std::unique_ptr<KeyedRoute>> routes_;
  // Open addressing over twice as many slots as there may be outcomes; 0 is free, else an index into outcomes_ plus 1.
  std::vector<std::uint32_t> outcome_slots_;
  std::vector<KeyedOutcome> outcomes_;
  bool table_full_ = false;

  // The event at hand.
  event::Batch* batch_ = nullptr;
  const event::Row* row_ = nullptr;
  std::span<event::Cell> cells_;
  struct Slot {
    std::uint32_t event = 0;  // The slot is of this event only.
    std::uint32_t first = 0;  // Cell.
  };
  std::vector<Slot> slots_;               // By field.
  std::vector<std::uint32_t> next_cell_;  // The next cell of the same field, or kNoCell.
  std::uint32_t event_ = 0;
  std::vector<VerdictId> pinned_key_;
  std::vector<VerdictId> key_;
  std::vector<Truth> truths_;  // By atom; all "no" between events.
  std::vector<AtomId> marked_;
  std::vector<std::uint32_t> tried_;  // By rule: the decision it was tried in.
  std::uint32_t decision_ = 0;
  Outcome scratch_;
  match::LiteralScreen::Scratch screen_scratch_;
  std::string joined_values_;
  std::vector<std::uint32_t> fired_;
};

}  // namespace weir::sigma
