#pragma once

// Small pieces of text, appended to a record. All functions are pure but for the string they append to, and none of
// them asks the locale or the machine's time zone.

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "event/time.h"

namespace weir::traffic {

using event::EventTime;

inline void append(std::string& out, std::string_view text) {
  out.append(text);
}

inline void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<std::size_t>(result.ptr - digits));
}

// Filled up on the left to `width`.
void append_padded(std::string& out, std::uint64_t value, std::size_t width, char fill);
void append_hex(std::string& out, std::uint64_t value, std::size_t width);

// "2026-03-02T08:15:04.123Z"
void append_iso_time(std::string& out, EventTime time);
// "2026-03-02T08:15:04Z"
void append_iso_seconds(std::string& out, EventTime time);
// "2026-03-02 08:15:04.123", as Sysmon's UtcTime.
void append_blank_time(std::string& out, EventTime time);
// "Mar  2 08:15:04" (RFC 3164, section 4.1.2)
void append_syslog_time(std::string& out, EventTime time);
// "02/Mar/2026:08:15:04 +0000"
void append_web_time(std::string& out, EventTime time);
// "1772439304.123"
void append_epoch_millis(std::string& out, EventTime time);

// The inside of a JSON string: our own texts are ASCII, so only quotes, backslashes and control characters matter.
void append_json_inside(std::string& out, std::string_view text);
// Closes the string before, then `","name":"value`: the next member of an object, whose string stays open.
void append_json_member(std::string& out, std::string_view name, std::string_view value);

}  // namespace weir::traffic
