#include "sigma/change.h"

#include <utility>

#include "sigma/describe.h"

namespace weir::sigma {

namespace {

using ValueChange = std::function<std::optional<Expr>(PipelineRun&, const FieldTest&)>;

bool change_values(PipelineRun& run, Expr& expr, const ValueChange& change) {
  bool changed = false;
  if (expr.kind != ExprKind::leaf) {
    for (Expr& child : expr.children) changed = change_values(run, child, change) || changed;
    return changed;
  }
  std::optional<Expr> instead = change(run, *expr.leaf);
  if (!instead) return false;
  expr = std::move(*instead);
  return true;
}

}  // namespace

Change change_of_values(ValueChange change) {
  return {.rule = nullptr,
          .item = [change = std::move(change)](PipelineRun& run, const Expr& item, const FieldChoice&) -> ChangedItem {
            Expr copy = item;
            if (!change_values(run, copy, change)) return std::nullopt;
            copy.is_item = true;
            return copy;
          }};
}

Expr leaf_like(const FieldTest& like, ValueTest test) {
  FieldTest leaf;
  leaf.field = like.field;
  leaf.mark = like.mark;
  leaf.key_mark = like.key_mark;
  leaf.text = describe(test);
  leaf.test = std::move(test);
  return leaf_of(std::move(leaf));
}

}  // namespace weir::sigma
