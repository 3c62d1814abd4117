#pragma once

// What both readers of this module agree on: which plain texts are null, and that a map's keys differ.

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "yaml/node.h"

namespace weir::yaml {

// YAML 1.2.2, section 10.3.2.
inline bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Pairs of entries with the same key, as (earlier, later) indices.
std::vector<std::pair<std::size_t, std::size_t>> duplicate_keys(const std::vector<Node::Entry>& entries);

inline bool has_duplicate_key(const std::vector<Node::Entry>& entries) {
  return !duplicate_keys(entries).empty();
}

}  // namespace weir::yaml
