#pragma once

// Regular expressions of Sigma's `re` (appendix "Modifiers", "Regular Expression") on PCRE2, an engine that shares
// nothing with the product's. A search, not a whole match. Immutable once compiled; one thread at a time.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::oracle {

struct RegexFlags {
  bool ignore_case = false;
  bool multi_line = false;
  bool dot_all = false;
};

class Regex {
 public:
  // Refuses what the appendix calls unsupported: look-around, back-references, atomic and possessive forms.
  static Result<Regex> compile(std::string_view pattern, RegexFlags flags);

  bool found_in(std::string_view value) const;

 private:
  std::shared_ptr<void> code_;  // pcre2_code and the room for its match; kept out of this header.
};

}  // namespace weir::oracle
