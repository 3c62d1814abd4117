#pragma once

// The time, as one turn of the broker's loop sees it. Deadlines use the steady clock, records the wall clock.

#include <chrono>

#include "log/partition.h"

namespace weir::broker {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Now {
  SteadyTime steady;
  log::Millis wall = 0;
};

}  // namespace weir::broker
