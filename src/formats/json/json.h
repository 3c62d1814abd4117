#pragma once

// JSON inputs of every layout and origin; docs/formats.md says which, and what is taken from each.

#include "formats/format.h"

namespace weir::formats::json {

Format format();

}  // namespace weir::formats::json
