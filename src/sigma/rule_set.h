#pragma once

// All parsed files together: references between documents resolved, filters applied. The result is plain data that
// pipelines and the plan are made from.

#include <vector>

#include "sigma/document.h"

namespace weir::sigma {

struct RuleSet {
  std::vector<Rule> rules;  // In the order of the files.
  std::vector<Correlation> correlations;
  std::vector<Filter> filters;
  std::vector<Diagnostic> diagnostics;  // Of the files and of linking: unknown references, duplicate ids, …
  std::size_t rules_failed = 0;         // Documents that were meant as rules and cannot be used.
};

// Duplicate ids: the first stays, the others are errors. A filter goes to each rule that it names by id or name (or to
// all, `rules: any`) and whose logsource its own selects: what it selects is suppressed, however its condition is
// written (docs/decisions/0007-filters.md). One that fits no rule is a warning. Correlations with unknown references or
// cycles are errors and left out.
RuleSet link(std::vector<ParsedFile> files);

}  // namespace weir::sigma
