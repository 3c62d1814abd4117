#pragma once

// A tree in one line, for tests: `all(A is 'x', not(B contains 'y'))`. Names of selections stand before their part with
// a colon, keywords without field stand as `*`.

#include <string>

#include "sigma/rule.h"

namespace weir::sigma {

inline std::string tree_text(const Expr& expr) {
  std::string out = expr.label.empty() ? std::string() : expr.label + ": ";
  if (expr.kind == ExprKind::leaf) {
    return out + (expr.leaf->field.empty() ? std::string("*") : expr.leaf->field) + " " + expr.leaf->text;
  }
  out += expr.kind == ExprKind::all_of ? "all(" : expr.kind == ExprKind::any_of ? "any(" : "not(";
  for (const Expr& child : expr.children) {
    if (&child != &expr.children.front()) out += ", ";
    out += tree_text(child);
  }
  return out + ")";
}

}  // namespace weir::sigma
