#pragma once

// Times as options take them: "2026-01-02T03:04:05Z" (UTC where it names no zone), seconds or milliseconds since 1970,
// or a duration before now: "90s", "10m", "2h", "7d". Pure.

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace weir::app {

// Milliseconds since 1970; `now` likewise. ErrorKind::user names the option.
Result<std::int64_t> parse_time_option(std::string_view option, std::string_view text, std::int64_t now);

}  // namespace weir::app
