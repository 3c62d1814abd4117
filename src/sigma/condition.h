#pragma once

// A detection's condition to a tree (Sigma rules specification, "Condition"): own recursive descent with a limit on
// depth. Precedence: or < and < not < `1 of`, `any of`, `all of` < parentheses. Words of the grammar may be written in
// any case. Pure: problems come back with their place in the text.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule.h"
#include "sigma/selection.h"

namespace weir::sigma {

struct ConditionProblem {
  std::size_t offset = 0;  // Bytes of the condition's text.
  std::size_t size = 1;
  std::string code;
  std::string message;
  std::string hint;
};

struct ParsedCondition {
  Expr expr;  // Only to be used if there are no problems.
  std::vector<ConditionProblem> problems;
  std::size_t nodes = 0;  // Of the tree, with all selections put in.
};

// `1 of them` written often multiplies large selections: a rule's conditions have no more nodes than this.
inline constexpr std::size_t kConditionNodesMax = 500'000;

// `selections` are named by the text; those that are get `used`.
ParsedCondition parse_condition(std::string_view text, std::span<Selection> selections);

}  // namespace weir::sigma
