#pragma once

// Local time of the offices. The rules of daylight saving are those in force in the EU and the USA since 2007, written
// out here, so that traffic does not depend on a machine's time zone database. All functions are pure.

#include <chrono>
#include <cstdint>

#include "event/time.h"

namespace weir::traffic {

using event::EventTime;

enum class Daylight : std::uint8_t { none, european, american };

struct Zone {
  std::chrono::minutes standard{0};  // East of UTC.
  Daylight daylight = Daylight::none;
};

struct LocalTime {
  std::int64_t day = 0;  // Days since 1970-01-01, local.
  int minute = 0;        // 0–1439.
  int weekday = 0;       // 0 = Monday.
};

std::chrono::minutes offset_at(const Zone& zone, EventTime time);
LocalTime local_time(const Zone& zone, EventTime time);
// The moment of `minute` (which may lie outside 0–1439) of the local day.
EventTime moment(const Zone& zone, std::int64_t day, int minute);

}  // namespace weir::traffic
