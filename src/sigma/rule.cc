#include "sigma/rule.h"

#include <array>
#include <utility>

namespace weir::sigma {

namespace {

constexpr std::array<std::string_view, 5> kLevels = {"informational", "low", "medium", "high", "critical"};

}  // namespace

std::span<const std::string_view> level_names() {
  return kLevels;
}

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

Expr leaf_of(FieldTest test) {
  Expr expr;
  expr.kind = ExprKind::leaf;
  expr.leaf = std::make_shared<const FieldTest>(std::move(test));
  return expr;
}

Expr joined(ExprKind kind, std::vector<Expr> children) {
  if (children.size() == 1) return std::move(children.front());
  Expr expr;
  expr.kind = kind;
  expr.children = std::move(children);
  return expr;
}

Expr negated(Expr child) {
  Expr expr;
  expr.kind = ExprKind::negation;
  expr.children.push_back(std::move(child));
  return expr;
}

}  // namespace weir::sigma
