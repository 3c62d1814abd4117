#pragma once

// What a broker's error code means for the one who asked. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/error_code.h"

namespace weir::kafka {

// That asking again, perhaps another broker, may succeed without anyone doing anything.
bool is_passing(wire::ErrorCode code);

// "cannot delete topic 'a': UNKNOWN_TOPIC_OR_PARTITION: This server … ; remedy". `doing` is "delete topic 'a'".
// ErrorKind::user where the request was wrong or not allowed, external where the cluster could not do it.
Error server_error(std::string_view doing, wire::ErrorCode code, const std::optional<std::string>& message = {});

}  // namespace weir::kafka
