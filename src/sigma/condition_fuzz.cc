// Any text as a condition over a few selections: a tree of bounded size, or problems that lie in the text.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "sigma/condition.h"

namespace {

std::size_t depth_of(const weir::sigma::Expr& expr) {
  std::size_t depth = 0;
  for (const weir::sigma::Expr& child : expr.children) depth = std::max(depth, depth_of(child));
  return depth + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::sigma;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Selection> selections;
  for (const char* name : {"a", "b", "sel_1", "sel_2", "_x", "not", "of", "all"}) {
    Expr leaf;
    leaf.kind = ExprKind::leaf;
    leaf.label = name;
    selections.push_back({name, leaf, false});
  }
  const ParsedCondition parsed = parse_condition(text, selections);
  for (const ConditionProblem& problem : parsed.problems) {
    CHECK_LE(problem.offset, text.size());
    CHECK(!problem.message.empty());
  }
  if (parsed.problems.empty()) CHECK_LE(depth_of(parsed.expr), 400u);
  return 0;
}
