#pragma once

// A leaf in words, as alerts show what matched: "contains 'sekurlsa'", "is in 10.0.0.0/8". Pure.

#include <string>

#include "sigma/rule.h"

namespace weir::sigma {

std::string describe(const ValueTest& test);

}  // namespace weir::sigma
