#pragma once

// The machine's clocks.

#include <chrono>
#include <cstdint>

namespace weir::io {

// Milliseconds since 1970, as the machine believes; may jump.
inline std::int64_t wall_milliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// Never goes back.
inline std::chrono::steady_clock::time_point steady_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace weir::io
