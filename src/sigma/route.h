#pragma once

// What is left of all rules once an event's logsource and the verdicts of a few telling fields (EventID, Channel,
// eventName) are known: the rules that can still fire, the fields worth looking at, and for each rule the atoms of
// which one must hold. Belongs to one thread's Matcher, which makes routes on demand and keeps them.

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "match/literal_screen.h"
#include "sigma/plan.h"

namespace weir::sigma {

// The rules whose logsource selects one event logsource, and the fields that split them best.
struct RuleGroup {
  std::vector<std::uint32_t> rules;   // Of Plan::rules().
  std::vector<std::uint32_t> pinned;  // Of Plan::fields(), at most kPinnedMax.
  // Of all keywords in these rules: an event whose bytes it passes over holds none of them. Nothing if there are no
  // keywords, or some that it cannot speak of.
  std::optional<match::LiteralScreen> keywords;
};

inline constexpr std::size_t kPinnedMax = 4;

// `any`: all rules, whatever their logsource.
RuleGroup make_group(const Plan& plan, const event::Logsource& source, bool any);

// In how many of some events on a route an atom was seen and a field was there.
struct Sightings {
  std::uint32_t events = 0;
  std::unordered_map<AtomId, std::uint32_t> atoms;
  std::unordered_map<std::uint32_t, std::uint32_t> fields;
};

// Which rules wait for an atom. Immutable.
class Waiting {
 public:
  Waiting() = default;
  // Pairs of an atom and the index of a rule.
  Waiting(std::vector<std::pair<AtomId, std::uint32_t>> pairs, std::size_t atom_count);

  bool awaits(AtomId atom) const { return awaited_[atom / 64] >> (atom % 64) & 1; }
  // Empty if none does.
  std::span<const std::pair<AtomId, std::uint32_t>> rules(AtomId atom) const;
  std::span<const std::pair<AtomId, std::uint32_t>> all() const { return pairs_; }

 private:
  std::vector<std::pair<AtomId, std::uint32_t>> pairs_;  // Ascending.
  std::vector<std::uint64_t> awaited_;                   // A bit for each atom of the plan.
};

struct Route {
  // A rule that may fire, and the fields that this hangs on, pinned ones left out; ascending.
  struct OpenRule {
    std::uint32_t rule;
    std::vector<std::uint32_t> fields;
  };
  // A field with awaited atoms.
  struct Watch {
    std::uint32_t field;
    // Passes over values in which no awaited atom can hold; nothing if literals don't tell, or let most values through,
    // or nothing was studied.
    std::optional<match::LiteralScreen> screen;
    // How often the screen was asked of late, and how often it passed over.
    std::uint32_t asked = 0;
    std::uint32_t passed = 0;
  };

  std::vector<std::uint32_t> certain;  // Rules that fire whatever else the event says.
  std::vector<OpenRule> open;
  std::vector<std::uint32_t> fields;  // That any of `open` hangs on; ascending.
  std::vector<std::uint32_t>
      always;       // Of `open`: tried on every event, as no atom must hold, or one nearly always does.
  Waiting waiting;  // The others of `open`.
  std::vector<Watch> watches;
};

// `known` gives the truth of atoms of the fields `pinned`; the others are maybe. `sightings` tells which atoms are
// seldom seen, so that rules wait for those; null if nothing is known. It changes what a route costs, never a result.
Route make_route(const Plan& plan, const RuleGroup& group, std::span<const std::uint32_t> pinned,
                 std::span<const Truth> known, const Sightings* sightings);

}  // namespace weir::sigma
