#pragma once

// Sigma YAML to rules. Parsing one file never fails as a whole: what cannot be used becomes a diagnostic. Pure.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/diagnostic.h"
#include "sigma/rule.h"

namespace weir::sigma {

struct ParsedFile {
  std::vector<Rule> rules;
  std::vector<Correlation> correlations;
  std::vector<Filter> filters;
  std::vector<Diagnostic> diagnostics;
  std::size_t failed = 0;  // Documents with errors: they are in none of the lists above.
};

// Reads all documents of one file: detections, correlations, filters, and the `action: global` form of old.
ParsedFile parse_file(std::string_view path, std::string_view text);

}  // namespace weir::sigma
