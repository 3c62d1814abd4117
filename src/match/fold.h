#pragma once

// Case folding: Unicode simple case folding (CaseFolding.txt, statuses C and S), so that "matching is case-insensitive"
// (Sigma) means the same for every script. Malformed bytes fold to themselves. Pure.

#include <string>
#include <string_view>

namespace weir::match {

char32_t fold(char32_t code_point);

// The folded text. `buffer` is used only if something changes; folding may change the byte length. The result lies in
// `text` or in `buffer`. ASCII is handled 16 or 32 bytes at a time.
std::string_view folded(std::string_view text, std::string& buffer);

}  // namespace weir::match
