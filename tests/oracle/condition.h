#pragma once

// The condition's grammar (rules specification, "Condition").

#include <map>
#include <string>
#include <string_view>

#include "oracle/item.h"

namespace weir::oracle {

using Selections = std::map<std::string, NodePtr, std::less<>>;

Result<NodePtr> read_condition(std::string_view text, const Selections& selections);

}  // namespace weir::oracle
