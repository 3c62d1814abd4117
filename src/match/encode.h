#pragma once

// Value transformations of Sigma (appendix "Modifiers", "Encoding" and `windash`). Pure; bytes in, bytes out.

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace weir::match {

std::string base64(std::string_view bytes);
// The parts of the encoded text that do not depend on what stands before and behind, for the three possible shifts.
// A part is empty where the bytes are too few to determine a character.
std::array<std::string, 3> base64_offsets(std::string_view bytes);

std::string utf16le(std::string_view utf8);
std::string utf16be(std::string_view utf8);
// With byte order mark FF FE, little endian.
std::string utf16(std::string_view utf8);

// All texts in which each dash-like character that begins an option (one of - / – — ―, at the start or after a
// character that is not a word character, and followed by a word character: an ASCII letter, a digit or `_`) is
// replaced by each of the five; at most `limit` texts, the given one first.
std::vector<std::string> windash(std::string_view text, std::size_t limit = 3125);

}  // namespace weir::match
