#pragma once

// A filter document (Sigma filters specification 2.1.0, and 2.2.0 draft for `rules: any`). Mistakes go to the reporter.

#include <string_view>

#include "sigma/reporter.h"
#include "sigma/rule.h"
#include "yaml/node.h"

namespace weir::sigma {

// `document` is a map that has `filter`.
Filter read_filter(const yaml::Node& document, std::string_view path, Reporter& reporter);

}  // namespace weir::sigma
