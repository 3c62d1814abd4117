#pragma once

// What is allowed but probably not meant: rules that can never match, fields that the logsource does not have, patterns
// that cost much. Warnings only; each family of them has a source of its own. Pure.

#include <vector>

#include "sigma/diagnostic.h"
#include "sigma/rule.h"

namespace weir::sigma {

std::vector<Diagnostic> lint(const std::vector<Rule>& rules);

// Parts of the condition that exclude each other: "never-matches".
void find_contradictions(const Rule& rule, std::vector<Diagnostic>& found);
// Fields that events of the rule's logsource do not have: "unknown-field".
void find_unknown_fields(const Rule& rule, std::vector<Diagnostic>& found);
// Patterns that must be tried on every value: "costly-pattern".
void find_costly_patterns(const Rule& rule, std::vector<Diagnostic>& found);

}  // namespace weir::sigma
