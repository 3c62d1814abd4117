#pragma once

// For generated messages alone.

#include <string_view>

#include "base/result.h"
#include "wire/frame.h"

namespace weir::wire {

inline Status check_version(std::string_view message, VersionRange versions, int version) {
  if (versions.contains(version)) return {};
  return fail(ErrorKind::corrupt, "{} v{}: only versions {} to {} are understood", message, version, versions.min,
              versions.max);
}

}  // namespace weir::wire
