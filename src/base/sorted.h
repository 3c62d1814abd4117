#pragma once

// Vectors as sorted sets. Pure.

#include <algorithm>
#include <vector>

namespace weir {

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto repeated = std::ranges::unique(values);
  values.erase(repeated.begin(), repeated.end());
}

}  // namespace weir
