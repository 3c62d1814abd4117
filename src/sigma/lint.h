#pragma once

// What is allowed but probably not meant: rules that can never match, fields that the logsource does not have, patterns
// that cost much. Pure.

#include <vector>

#include "sigma/diagnostic.h"
#include "sigma/rule.h"

namespace weir::sigma {

std::vector<Diagnostic> lint(const std::vector<Rule>& rules);

}  // namespace weir::sigma
