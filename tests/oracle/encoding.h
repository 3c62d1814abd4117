#pragma once

// The transforming modifiers (appendix "Modifiers": "Encoding" and `windash`). Pure.

#include <string>
#include <string_view>
#include <vector>

#include "oracle/text.h"

namespace weir::oracle {

std::string base64(std::string_view bytes);

// For each of the three places in which `bytes` may begin within a group of three, the characters of the encoding that
// depend on `bytes` alone; places for which no such character exists are left out.
std::vector<std::string> base64_at_offsets(std::string_view bytes);

std::string utf16(std::string_view utf8, bool big_endian);

// Every combination of the five dashes at the places where an option may begin.
std::vector<SigmaText> windash(const SigmaText& text);

// So many places are taken; a text with more is refused (5^5 texts).
inline constexpr std::size_t kWindashPlacesMax = 5;
std::size_t windash_places(const SigmaText& text);

}  // namespace weir::oracle
