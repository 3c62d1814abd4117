#pragma once

// When a JSON event happened, from its cells. The fields that may say so are asked in a fixed order, from the most
// exact to the most general (docs/formats.md); the first that can be read counts. Notations: ISO 8601, seconds (or
// milli-, micro-, nanoseconds) since 1970, Windows' 100 nanoseconds since 1601, PowerShell's "/Date(…)/", and the
// United States' "8/5/2020, 7:48:17 AM" that Azure's portal writes. One thread at a time.

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/field.h"
#include "event/time.h"

namespace weir::formats::json {

std::optional<event::EventTime> parse_json_time(std::string_view text, std::chrono::seconds zone_offset);

class TimeFields {
 public:
  explicit TimeFields(std::chrono::seconds zone_offset) : zone_offset_(zone_offset) {}

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) const;

 private:
  const std::chrono::seconds zone_offset_;
};

}  // namespace weir::formats::json
