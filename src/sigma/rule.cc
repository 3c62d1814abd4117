#include "sigma/rule.h"

#include <array>

namespace weir::sigma {

namespace {

constexpr std::array<std::string_view, 5> kLevels = {"informational", "low", "medium", "high", "critical"};

}  // namespace

std::string_view to_string(Level level) {
  return kLevels[static_cast<std::size_t>(level)];
}

bool parse_level(std::string_view text, Level& level) {
  for (std::size_t i = 0; i < kLevels.size(); ++i) {
    if (kLevels[i] != text) continue;
    level = static_cast<Level>(i);
    return true;
  }
  return false;
}

}  // namespace weir::sigma
