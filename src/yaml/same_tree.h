#pragma once

// Whether two trees are the same, places included; for tests of the two readers against each other.

#include <algorithm>

#include "yaml/node.h"

namespace weir::yaml {

inline bool is_same(Mark a, Mark b) {
  return a.line == b.line && a.column == b.column;
}

inline bool is_same(const Node& a, const Node& b) {
  const auto same_entry = [](const Node::Entry& x, const Node::Entry& y) {
    return x.key == y.key && is_same(x.key_mark, y.key_mark) && is_same(x.value, y.value);
  };
  const auto same_item = [](const Node& x, const Node& y) { return is_same(x, y); };
  return a.kind() == b.kind() && is_same(a.mark(), b.mark()) && a.quoted() == b.quoted() && a.text() == b.text() &&
         std::ranges::equal(a.items(), b.items(), same_item) &&
         std::ranges::equal(a.entries(), b.entries(), same_entry);
}

}  // namespace weir::yaml
