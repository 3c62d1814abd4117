#pragma once

// UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF. All functions are pure.

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

constexpr char32_t kReplacement = 0xFFFD;

bool is_utf8(std::string_view bytes);

// Takes one code point off the front of `text` (not empty); a malformed byte yields kReplacement and takes one byte.
char32_t take_code_point(std::string_view& text);

// Writes `code_point` at `out` (room for 4 bytes) and returns the number of bytes written.
std::size_t encode_utf8(char32_t code_point, char* out);
void append_utf8(std::string& out, char32_t code_point);

// The same text with every malformed byte replaced by U+FFFD.
std::string repaired_utf8(std::string_view bytes);

// UTF-16 code units (little endian, as bytes) to UTF-8; a lone surrogate becomes U+FFFD, a trailing odd byte too.
void append_utf16le(std::string& out, std::string_view bytes);

}  // namespace weir
