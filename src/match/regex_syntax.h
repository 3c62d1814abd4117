#pragma once

// What we must know of a regular expression before RE2 sees it: pieces of PCRE that RE2 lacks, the few that are only
// written differently, and how short a fitting text can be. One pass, no recursion; whatever is malformed is left to
// RE2, which says so. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::match {

struct RegexSyntax {
  std::string for_re2;          // The same expression in RE2's spelling.
  std::size_t size_min = 0;     // No text of fewer bytes fits.
  bool has_soft_end = false;    // `$` or `\Z`: also fits before a final newline.
  bool has_strict_end = false;  // `\z`.
  // The whole expression is `.{n}` or the like: any run of n characters fits, and needs no automaton of n states.
  std::optional<std::size_t> dot_run;
};

Result<RegexSyntax> read_regex_syntax(std::string_view pattern);

}  // namespace weir::match
