#pragma once

// The notations of time that text logs use beside ISO 8601. All functions are pure and return nothing unless the whole
// text is such a time.

#include <array>
#include <optional>
#include <string_view>

#include "event/batch.h"
#include "event/field.h"
#include "formats/format.h"

namespace weir::formats {

// "17/May/2015:10:05:03 +0000" (Apache, nginx), perhaps with a fraction, perhaps without zone; ISO 8601 too.
std::optional<event::EventTime> parse_access_time(std::string_view text, std::chrono::seconds zone_offset);

// "Jun 14 15:16:01" (RFC 3164, section 4.1.2), perhaps with a fraction; "Jun 14 2024 15:16:01" with the year. Without
// one, `options` place the time: in Options::year, else in the latest year that does not lie more than a day after
// Options::newest.
std::optional<event::EventTime> parse_syslog_time(std::string_view text, const Options& options);

// Any notation this module knows: ISO 8601, seconds or milliseconds since 1970, access log, syslog, and "01/31/2024
// 10:00:00" (month first, unless that cannot be).
std::optional<event::EventTime> parse_any_time(std::string_view text, const Options& options);

// The event time of rows whose columns nobody fixed: the first of some usual names (timestamp, @timestamp, time, ts,
// UtcTime …) that the row has and that can be read; "date" and "time" are read together.
class TimeFields {
 public:
  explicit TimeFields(event::FieldNames& names);

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row, const Options& options) const;

 private:
  static constexpr std::size_t kCount = 26;

  std::array<const event::Field*, kCount> fields_;
  const event::Field* date_;
  const event::Field* time_;
};

}  // namespace weir::formats
