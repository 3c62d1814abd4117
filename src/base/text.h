#pragma once

// Small questions about ASCII text that every module asks. All functions are pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// 0–15, or -1 if `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes what is wanted off the front of `text`; false, and nothing taken, if it is not there.
constexpr bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}
constexpr bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
std::string upper(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::vector<std::string_view> split(std::string_view text, char separator);

// Decimal, whole text, no sign for unsigned; nothing on overflow or a stray character.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);

// Whether `text` fits `pattern`, in which `*` stands for any run of characters and `?` for one byte.
bool fits_glob(std::string_view text, std::string_view pattern);

// The candidate nearest to `word` (edit distance with transpositions, at most a third of the word's length and never
// more than 3), for "did you mean"; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// Bytes for people: "812 B", "3.4 MB" (powers of ten).
std::string human_bytes(double bytes);
// Counts for people: "1,234,567".
std::string human_count(std::uint64_t count);

}  // namespace weir
