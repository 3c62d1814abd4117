#pragma once

// Event time: microseconds since 1970-01-01T00:00:00 UTC, proleptic Gregorian, no leap seconds. All functions are pure;
// readers of one format's own notation stand beside that format and end here.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::event {

using EventTime = std::chrono::sys_time<std::chrono::microseconds>;

// A calendar date and time of day as written, before any zone is applied.
struct CivilTime {
  int year = 1970;
  int month = 1;  // 1–12
  int day = 1;    // 1–31
  int hour = 0;
  int minute = 0;
  int second = 0;  // 60 (a leap second) counts as the next minute's 0.
  int microsecond = 0;
};

// Nothing if a part is out of its range (30 February too) or the year lies outside 1–9999.
std::optional<EventTime> to_event_time(const CivilTime& civil, std::chrono::seconds zone_offset = {});

// ISO 8601 / RFC 3339 as logs write it: date, 'T' or blank, time, optional fraction ('.' or ',', any digits; beyond
// microseconds cut), optional zone ("Z", "+02:00", "+0200", "+02"); without one, `zone_offset` applies.
// Nothing unless the whole text is such a time.
std::optional<EventTime> parse_iso_time(std::string_view text, std::chrono::seconds zone_offset = {});

// Seconds since 1970 with an optional fraction, or, by magnitude, milli-, micro- or nanoseconds.
std::optional<EventTime> parse_epoch_time(std::string_view text);

// What readers of a format's own notation take off the front of `text`: a number of one to `digits_max` digits (-1 if
// there is none), and the run of digits behind a decimal mark, as microseconds.
int take_number(std::string_view& text, std::size_t digits_max);
int take_fraction(std::string_view& text);

// "Z", "+02:00", "-0700", "+02" → offset east of UTC.
std::optional<std::chrono::seconds> parse_zone_offset(std::string_view text);

// 1–12 for "Jan" … "Dec" (any case), 0 otherwise.
int month_of_name(std::string_view name);

// "2026-01-02T03:04:05.678Z"; microseconds are shown when they are not whole milliseconds.
std::string format_time(EventTime time);

}  // namespace weir::event
