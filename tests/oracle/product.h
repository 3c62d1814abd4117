#pragma once

// The product's engine as the comparison takes it: rule text to documents, pipelines for placeholders, a plan, and a
// matcher that sees one event after the other.

#include <span>
#include <string_view>
#include <vector>

#include "oracle/generate.h"

namespace weir::oracle {

struct ProductOptions {
  bool remember = true;  // Matcher::Options.
};

struct RuleSource {
  std::string_view text;  // A rule, and filters for it.
  const Placeholders* placeholders;
};

// All rules in one plan: the verdict on each event, by rule; an error if any document of a text is refused.
Result<std::vector<std::vector<bool>>> evaluate_together(std::span<const RuleSource> sources,
                                                         const std::vector<Event>& events, ProductOptions options = {});

// The same for one rule.
Verdicts evaluate_with_product(std::string_view rule_text, const Placeholders& placeholders,
                               const std::vector<Event>& events, ProductOptions options = {});

}  // namespace weir::oracle
