#pragma once

// Documents that wrap their events: one object whose single large array holds them, such as CloudTrail's
// {"Records": […]}, Microsoft Graph's {"@odata.context": …, "value": […]} or Elasticsearch's {"hits": {"hits": […]}}.
// Such a document is told by its first keys: a known name for the array, before it none but names that are known to
// stand beside one, and an object in the array. So an event that has a field "events" among others stays one event.
//
// Pure functions.

#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::formats::json {

bool is_wrapper_key(std::string_view key);
bool is_companion_key(std::string_view key);

// How much of a document's start is searched for the array.
inline constexpr std::size_t kWrapperPreambleMax = 64 * 1024;

enum class Wrapped { no, yes, unknown };  // Unknown: more bytes are needed to tell.

struct WrappedArray {
  Wrapped found = Wrapped::no;
  std::size_t bracket = 0;  // Offset of the array's '['.
};

// `text` begins with '{'. Reads at most kWrapperPreambleMax bytes.
WrappedArray find_wrapped_array(std::string_view text);

}  // namespace weir::formats::json
