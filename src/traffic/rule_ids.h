#pragma once

// The rules of our own pack (folder rules/) that find the hidden single-event attacks.

#include <span>
#include <string_view>

namespace weir::traffic {

struct OwnRule {
  std::string_view path;  // Below rules/, without ".yml".
  std::string_view id;
};

std::span<const OwnRule> own_rules();
std::string_view rule_id(std::string_view path);

}  // namespace weir::traffic
