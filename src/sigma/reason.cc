#include "sigma/reason.h"

#include <algorithm>

namespace weir::sigma {
namespace {

std::string shortened(std::string_view value) {
  if (value.size() <= kReasonValueMax) return std::string(value);
  std::size_t end = kReasonValueMax;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return std::string(value.substr(0, end)) + "…";
}

void collect(const Expr& expr, const EventView& event, std::vector<event::AlertReason>& found) {
  if (found.size() >= kReasonsMax) return;
  switch (expr.kind) {
    case ExprKind::negation: return;
    case ExprKind::all_of:
      for (const Expr& child : expr.children) collect(child, event, found);
      return;
    case ExprKind::any_of: {
      const auto it = std::ranges::find_if(expr.children, [&](const Expr& child) { return holds(child, event); });
      if (it != expr.children.end()) collect(*it, event, found);
      return;
    }
    case ExprKind::leaf: {
      event::Cell* deciding = nullptr;
      if (!holds(*expr.leaf, event, &deciding)) return;
      const bool has_text = deciding != nullptr && deciding->kind != event::ValueKind::null;
      event::AlertReason reason{expr.leaf->field, has_text ? shortened(event.text(*deciding)) : "", expr.leaf->text};
      const auto same = [&](const event::AlertReason& known) {
        return known.field == reason.field && known.matched == reason.matched;
      };
      if (std::ranges::none_of(found, same)) found.push_back(std::move(reason));
      return;
    }
  }
}

}  // namespace

std::vector<event::AlertReason> reasons(const Expr& condition, const EventView& event) {
  std::vector<event::AlertReason> found;
  collect(condition, event, found);
  return found;
}

}  // namespace weir::sigma
