#pragma once

// The product's engine as the comparison takes it: rule text to documents, pipelines for placeholders, a plan, and a
// matcher that sees one event after the other.

#include "oracle/generate.h"

namespace weir::oracle {

struct ProductOptions {
  bool remember = true;  // Matcher::Options.
};

// The verdict on each event; an error if any document of the text is refused.
Verdicts evaluate_with_product(std::string_view rule_text, const Placeholders& placeholders,
                               const std::vector<Event>& events, ProductOptions options = {});

}  // namespace weir::oracle
