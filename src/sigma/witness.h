#pragma once

// What must be seen for a formula to hold: a set of atoms of which at least one is not "no". A rule is tried only when
// one of its witness's atoms is seen. Pure.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sigma/plan.h"

namespace weir::sigma {

// The truth of a formula, given the truth of each atom.
Truth evaluate(const Plan& plan, std::uint32_t node, std::span<const Truth> truths);

struct Witness {
  double cost = 0;
  std::vector<AtomId> atoms;
};

// What an atom costs as a witness; nothing if it may not be one.
using WitnessCost = std::function<std::optional<double>(AtomId)>;

// The cheapest witness of a formula under what is known of each atom. Nothing if it may hold though every atom that may
// be a witness is "no", as negations do.
std::optional<Witness> find_witness(const Plan& plan, std::uint32_t node, std::span<const Truth> known,
                                    const WitnessCost& cost);

}  // namespace weir::sigma
