#pragma once

// Regular expressions as Sigma's `re` has them: a search (not a whole match), case-sensitive unless flagged, on RE2, so
// that no pattern can take more than linear time. Immutable; any thread may search.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::match {

struct RegexFlags {
  bool ignore_case = false;  // i
  bool multi_line = false;   // m: ^ and $ at line ends.
  bool dot_all = false;      // s: . fits newline.
  bool operator==(const RegexFlags&) const = default;
};

class Regex {
 public:
  // Memory for one compiled pattern is bounded. Errors name what RE2 does not support (look-around, back-references,
  // possessive quantifiers) and the offending piece.
  static Result<Regex> compile(std::string_view pattern, RegexFlags flags);

  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  bool found_in(std::string_view value) const;
  // `text` with every match replaced; `\\1` … `\\9` in `replacement` stand for groups.
  std::string replaced(std::string_view text, std::string_view replacement) const;

  const std::string& pattern() const;
  RegexFlags flags() const;

  // A text that fits contains at least one of these (folded, fold.h); empty if nothing is known. Lets callers try the
  // regex only on values in which one of them was seen.
  const std::vector<std::string>& required_literals() const;
  // No text shorter than this many bytes fits.
  std::size_t size_min() const;

 private:
  struct State;
  explicit Regex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::match
