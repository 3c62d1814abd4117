#pragma once

// Why a rule fired: the values that made its condition true. Pure; for rules that did fire.

#include <vector>

#include "event/alert.h"
#include "sigma/evaluation.h"
#include "sigma/rule.h"

namespace weir::sigma {

// The leaves that hold, in the order of the condition: all of an "and", the first that holds of an "or", none of a
// negation. At most kReasonsMax, each value cut at kReasonValueMax bytes (at a character's end, "…" behind).
inline constexpr std::size_t kReasonsMax = 8;
inline constexpr std::size_t kReasonValueMax = 512;
std::vector<event::AlertReason> reasons(const Expr& condition, const EventView& event);

}  // namespace weir::sigma
