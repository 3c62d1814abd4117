// Patterns that cannot be looked for by a fixed text.

#include "sigma/lint.h"

namespace weir::sigma {

namespace {

void look_at(const Rule& rule, const Expr& expr, std::vector<Diagnostic>& found) {
  for (const Expr& child : expr.children) look_at(rule, child, found);
  if (expr.kind != ExprKind::leaf) return;
  const auto* regex = std::get_if<RegexTest>(&expr.leaf->test);
  if (regex == nullptr || !regex->regex->required_literals().empty()) return;
  found.push_back({Severity::warning, "costly-pattern", rule.info->path, expr.leaf->mark, 1,
                   "no text is certain to be in what this regular expression finds, so it is tried on every value",
                   "add a condition on a fixed text beside it"});
}

}  // namespace

void find_costly_patterns(const Rule& rule, std::vector<Diagnostic>& found) {
  look_at(rule, rule.condition, found);
}

}  // namespace weir::sigma
