#pragma once

// Texts as Sigma compares them: code points, wildcards, and case that does not count. All functions are pure.

#include <string>
#include <string_view>
#include <vector>

namespace weir::oracle {

// Code points of UTF-8. A byte that belongs to no well-formed sequence becomes kMalformed + the byte, so that it equals
// itself only.
inline constexpr char32_t kMalformed = 0x110000;
std::u32string decode(std::string_view utf8);

// Unicode simple case folding (CaseFolding.txt, statuses C and S), by way of the C library's tables.
std::u32string fold(std::u32string_view text);

// A Sigma string (rules specification, "String Wildcard" and "Escape Character"): pieces of bytes between wildcards.
struct Piece {
  enum class Kind { bytes, any_run, any_one };
  Kind kind = Kind::bytes;
  std::string bytes;
};

struct SigmaText {
  std::vector<Piece> pieces;

  bool has_wildcard() const;
  // All bytes; of use where there are no wildcards.
  std::string plain() const;
  void open_front();
  void open_back();
};

SigmaText parse_sigma_text(std::string_view written);

// The form that `fits` reads: code points, with two numbers beyond Unicode for the wildcards.
inline constexpr char32_t kAnyRun = 0x120000;
inline constexpr char32_t kAnyOne = 0x120001;
std::u32string to_pattern(const SigmaText& text, bool cased);

// Whether the whole value fits the pattern.
bool fits(std::u32string_view pattern, std::u32string_view value);

}  // namespace weir::oracle
