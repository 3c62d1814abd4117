#pragma once

// What is left of all rules once an event's logsource and the verdicts of a few telling fields (EventID, Channel,
// eventName) are known: the rules that can still fire, the fields worth looking at, and for each rule the atoms of
// which one must hold. Immutable; belongs to one thread's Matcher, which makes routes on demand and keeps them.

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

struct Route {
  std::vector<std::uint32_t> certain;    // Rules that fire whatever else the event says.
  std::vector<std::uint32_t> open;       // Rules that may.
  std::vector<std::uint32_t> fields;     // Fields that `open` hangs on, pinned ones left out; ascending.
  bool looks_at_all_values = false;      // Some rule has keywords.
  std::vector<std::uint32_t> unguarded;  // Of `open`: no atom must hold, so they are always tried.
  std::unordered_map<AtomId, std::vector<std::uint32_t>> waiting;  // Atom → rules of `open` to try if it is seen.
};

// `known(atom)` gives the truth of atoms of pinned fields; the others are maybe.
Route make_route(const Plan& plan, const RuleGroup& group, std::span<const Truth> known);

}  // namespace weir::sigma
