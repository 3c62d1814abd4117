#pragma once

// Literals that are looked for in the bytes of an event before any of its values: where none of them occurs, keywords
// need not be looked for. Pure.

#include <optional>
#include <span>

#include "match/literal_screen.h"
#include "sigma/plan.h"

namespace weir::sigma {

// Where it finds nothing in any value of an event, taking all keywords for unseen changes no rule of these. Nothing if
// they have no keywords, or some that literals do not speak of. `rules`: of Plan::rules().
std::optional<match::LiteralScreen> screen_keywords(const Plan& plan, std::span<const std::uint32_t> rules);

// Where it passes over a value, none of these atoms of one field holds or may hold. Nothing if literals don't tell, or
// are too many to be looked for quickly.
std::optional<match::LiteralScreen> screen_atoms(const Plan& plan, std::span<const AtomId> atoms);

}  // namespace weir::sigma
