#pragma once

// One thread's way from events to the rules that fire. Holds what was learnt from earlier events: verdicts of values,
// routes of event kinds and what is seldom seen on them, results of whole combinations
// of verdicts. Nothing learnt changes a result, and all of it is
// bounded. Verdicts and results need not be remembered (Options::remember), which tests and benchmarks use.
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
    // A route is studied once this many of its events have gone by, and for this many; tests choose few.
    std::uint32_t events_before_study = 64;
    std::uint32_t events_studied = 256;
  };

  Matcher(std::shared_ptr<const Plan> plan, Options options);

  // The rules (Variant::rule) that fire on the row, ascending, each once; valid until the next call. A row of unknown
  // logsource fires none, unless any_logsource.
  std::span<const std::uint32_t> match(event::Batch& batch, const event::Row& row);

  // Bytes that the verdicts of all fields hold, nearly; once kVerdictBytesMax are passed, all are soon forgotten.
  std::size_t verdict_bytes() const;
  static constexpr std::size_t kVerdictBytesMax = 32 << 20;

  // To be called when rows come from another parser than before: logsources are known by their address, which the next
  // parser may use again.
  void parser_changed() {
    groups_by_address_.clear();
    last_source_ = nullptr;
  }

 private:
  static constexpr std::size_t kRoutesMax = 4096;
  static constexpr std::uint32_t kNoRoute = ~std::uint32_t{0};
  static constexpr std::size_t kResultsMax = 1 << 15;

  // Open rules and awaited atoms of all routes of a group, some 50 bytes each. Events of further kinds share a route on
  // which nothing is known.
  static constexpr std::size_t kRouteSizesMax = 1 << 20;
  // Rules that this few can be tried at once, with nothing remembered but verdicts.
  static constexpr std::size_t kFewRules = 16;
  static constexpr std::uint32_t kAskedBeforeReview = 512;
  static constexpr std::uint32_t kEventsBetweenMemoryChecks = 256;
  static constexpr std::uint32_t kReviewAfterMin = 1 << 12;
  static constexpr std::uint32_t kReviewAfterMax = 1 << 20;
  static constexpr std::size_t kStudiesMax = 64;

  struct GroupState {
    RuleGroup group;
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> routes;  // Hash of key → candidates in routes_.
    std::uint32_t last_route = kNoRoute;                                   // Of the group's last event.
    std::size_t route_sizes = 0;
  };
  struct KeyedRoute {
    const GroupState* group;
    std::vector<VerdictId> key;  // Of the group's pinned fields; empty for the route on which nothing is known.
    Route route;
    // While a route is studied: what its events show. Then it is made again, to wait for what is seldom seen.
    std::unique_ptr<Sightings> sightings;
    std::uint32_t events_left;                     // Until the next review.
    std::uint32_t review_after = kReviewAfterMin;  // Events between the study to come and its review.
    std::uint64_t tries = 0;                       // Of rules, since the last review.
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
  // What is known of a field in the event at hand. Each part counts only if it is of this event's number.
  struct FieldState {
    std::uint32_t present_in = 0;
    std::uint32_t first_cell = 0;
    std::uint32_t judged_in = 0;
    VerdictId verdict = 0;
    std::uint32_t marked_in = 0;
  };

  GroupState* group_of(const event::Logsource* source);
  GroupState* find_group(const event::Logsource* source);
  std::uint32_t route_of(GroupState& group);
  bool find_route(GroupState& group) const;
  Route route_with(const KeyedRoute& keyed, const Sightings* sightings);
  void begin_event(std::span<event::Cell> cells);
  std::vector<Truth> known_truths(const KeyedRoute& keyed);

  void study(KeyedRoute& keyed);
  void abandon_studies();
  void review(KeyedRoute& keyed);

  void find_candidates(KeyedRoute& keyed);
  void add_candidate(const Route& route, std::uint32_t open);
  bool passes_over(Route::Watch& watch);
  bool passes_over_values(const match::LiteralScreen& screen, std::uint32_t first_cell);
  VerdictId verdict_of(std::uint32_t field, const RuleGroup& group);
  VerdictId field_verdict(std::uint32_t field);
  VerdictId value_verdict(FieldVerdicts& verdicts, const event::Cell& cell);
  bool may_hold_keyword(const RuleGroup& group);
  VerdictId any_value_verdict(const RuleGroup& group);
  FieldVerdicts& verdicts(std::uint32_t field);

  void try_candidates(const KeyedRoute& keyed);
  const Outcome& outcome_of(std::uint32_t route_index);
  void decide(const KeyedRoute& keyed);
  void collect(const KeyedRoute& keyed, const Outcome& outcome);
  void mark(std::uint32_t field, const RuleGroup& group);
  void mark_all(const KeyedRoute& keyed);
  void unmark();
  bool resolve(std::uint32_t node);
  bool resolve_atom(AtomId atom);
  void start_over();

  std::shared_ptr<const Plan> plan_;
  const Options options_;

  std::vector<std::unique_ptr<FieldVerdicts>> verdicts_;  // By field; made on first use.
  std::unordered_map<const event::Logsource*, GroupState*> groups_by_address_;
  const event::Logsource* last_source_ = nullptr;  // Of the last event, and its group.
  GroupState* last_group_ = nullptr;
  std::vector<std::pair<event::Logsource, std::unique_ptr<GroupState>>> groups_;
  std::vector<std::unique_ptr<KeyedRoute>> routes_;
  std::size_t studies_ = 0;  // Routes that have sightings.
  // Open addressing over twice as many slots as there may be outcomes; 0 is free, else an index into outcomes_ plus 1.
  std::vector<std::uint32_t> outcome_slots_;
  std::vector<KeyedOutcome> outcomes_;
  bool table_full_ = false;

  // The event at hand.
  event::Batch* batch_ = nullptr;
  const event::Row* row_ = nullptr;
  std::span<event::Cell> cells_;
  std::uint32_t event_ = 0;
  std::vector<FieldState> fields_;         // By field.
  std::vector<std::uint32_t> next_cell_;   // The next cell of the same field, or kNoCell.
  std::vector<std::uint32_t> tried_;       // By rule: the event in which it became a candidate.
  std::vector<std::uint32_t> candidates_;  // Of Route::open: all others are false.
  std::vector<VerdictId> pinned_key_;
  std::vector<VerdictId> key_;
  std::vector<Truth> truths_;  // By atom; all "no" between events.
  std::vector<AtomId> marked_;
  Outcome scratch_;
  match::LiteralScreen::Scratch screen_scratch_;
  std::string joined_values_;
  std::vector<std::uint32_t> fired_;
};

}  // namespace weir::sigma
