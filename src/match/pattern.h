#pragma once

// A Sigma string: literal text with wildcards (Sigma rules specification, "String Wildcard" and "Escape Character").
// `*` stands for any run of characters, newlines included, `?` for exactly one character (code point). A pattern always
// speaks of the whole value: `contains` is `*text*`. Immutable once made; any thread may match with it.

#include <string>
#include <string_view>
#include <vector>

namespace weir::match {

class Pattern {
 public:
  enum class PartKind : unsigned char { literal, any_run, any_one };
  struct Part {
    PartKind kind;
    std::string text;  // Of a literal.
    bool operator==(const Part&) const = default;
  };

  Pattern() = default;

  // Text in which `*` and `?` are wildcards and `\` escapes `*`, `?` and `\` (a backslash before anything else, or at
  // the end, is itself).
  static Pattern parse(std::string_view sigma_text);
  // Text without wildcards.
  static Pattern literal(std::string_view text);

  // Puts `*` at the front or back (nothing if it is there).
  void open_front();
  void open_back();

  bool is_literal() const;  // No wildcard.
  const std::vector<Part>& parts() const { return parts_; }
  std::vector<Part>& parts() { return parts_; }
  // The plain text of a pattern without wildcards.
  std::string plain() const;
  // As a Sigma rule would write it, escapes included.
  std::string to_sigma() const;

  // Whether the whole `value` fits. `cased` false: both sides are folded (fold.h), which allocates; for many values
  // fold once with FoldedPattern. Time is at most value size times pattern size, in practice linear.
  bool fits(std::string_view value, bool cased) const;

  bool operator==(const Pattern&) const = default;

 private:
  void normalise();  // Joins neighbouring literals and runs of `*`.

  std::vector<Part> parts_;
};

// A pattern folded once, for values that their owner has folded already. Never allocates while matching.
class FoldedPattern {
 public:
  FoldedPattern() = default;
  explicit FoldedPattern(Pattern pattern);

  bool fits_folded(std::string_view folded_value) const;
  // With folded literals.
  const Pattern& pattern() const { return pattern_; }

 private:
  Pattern pattern_;
};

}  // namespace weir::match
