#pragma once

// A map of selections with its condition, as rules (`detection`) and filters (`filter`) have it, to one tree.

#include <span>
#include <string_view>

#include "sigma/reporter.h"
#include "sigma/rule.h"
#include "yaml/node.h"

namespace weir::sigma {

// `map` is the node under `detection` or `filter` (`owner`); `other_keys` are keys of it that are no selections.
Expr read_detection(const yaml::Node& map, std::string_view owner, std::span<const std::string_view> other_keys,
                    Reporter& reporter);

}  // namespace weir::sigma
