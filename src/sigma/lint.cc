#include "sigma/lint.h"

namespace weir::sigma {

std::vector<Diagnostic> lint(const std::vector<Rule>& rules) {
  std::vector<Diagnostic> found;
  for (const Rule& rule : rules) {
    find_contradictions(rule, found);
    find_unknown_fields(rule, found);
    find_costly_patterns(rule, found);
  }
  return found;
}

}  // namespace weir::sigma
