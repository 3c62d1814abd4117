#pragma once

// One `field|modifier|…: value(s)` of a selection, or one keyword, to a tree of tests (rules specification, "Value
// Modifiers"; appendix "Modifiers").

#include <memory>
#include <string_view>

#include "base/result.h"
#include "oracle/rule.h"
#include "yaml/node.h"

namespace weir::oracle {

using NodePtr = std::shared_ptr<const Node>;

NodePtr join(Node::Kind kind, std::vector<NodePtr> children);

Result<NodePtr> read_item(std::string_view key, const yaml::Node& value, const Placeholders& placeholders);
Result<NodePtr> read_keyword(const yaml::Node& value, const Placeholders& placeholders);

}  // namespace weir::oracle
