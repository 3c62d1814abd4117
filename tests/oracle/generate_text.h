#pragma once

// Random texts: of rules, and of events that fit or nearly fit a rule's value.

#include <string>

#include "oracle/generate.h"
#include "oracle/random.h"

namespace weir::oracle {

std::string random_text(Random& random, std::size_t length_max);

// A Sigma text with wildcards and escapes now and then; with `plain`, without wildcards.
std::string random_sigma_text(Random& random, bool plain);

// A regular expression and a text in which it is found (unless case or anchors forbid it).
struct RegexSample {
  std::string pattern;
  std::string text;
};
RegexSample random_regex(Random& random, int depth);

std::string random_number(Random& random);
std::string random_date(Random& random);
std::string random_address(Random& random);
std::string random_network(Random& random);

// A text that fits the value under these modifiers, as far as that is easily made; else something near.
std::string fitting_text(Random& random, const RuleItem& item, const RuleValue& value,
                         const Placeholders& placeholders);

// One character changed, dropped or added, or the case of some.
std::string nearly(Random& random, const std::string& text);

}  // namespace weir::oracle
