#pragma once

// Vectors as sorted sets, and the rows of a count in order. Pure.

#include <algorithm>
#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace weir {

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
}

// The highest count first; equal ones in the order of their names.
template <typename Name, typename Count>
std::vector<std::pair<Name, Count>> by_count(const std::map<Name, Count>& counts) {
  std::vector<std::pair<Name, Count>> rows(counts.begin(), counts.end());
  std::ranges::stable_sort(rows, std::greater{}, &std::pair<Name, Count>::second);
  return rows;
}

}  // namespace weir
