#pragma once

// How much traffic a company makes by itself over a period, and by how much its habits must be multiplied to reach the
// rate that was asked for. Measured by letting each stream play a few arrivals in a sample of the period's steps, so no
// constant has to be kept true by hand.

#include <cstdint>

#include "traffic/generate.h"
#include "traffic/stream.h"

namespace weir::traffic {

// A factor for intensities, as a fraction of whole numbers.
struct Scale {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;

  // Nanoseconds between arrivals of this intensity, times the factor; 0 if nothing arrives.
  std::uint64_t mean_gap(Intensity intensity) const;
};

// The beginning of the quarter of an hour in which the period begins.
EventTime first_step(Period period);

std::uint32_t choose_users(const Settings& settings);
Scale choose_scale(const Settings& settings, const Company& company);

}  // namespace weir::traffic
