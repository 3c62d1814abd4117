#include "sigma/scalar.h"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace weir::sigma {

namespace {

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return text;
}

bool is_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}

// 0o17 and 0x1F.
std::optional<Scalar> read_based_integer(std::string_view text) {
  const bool octal = text.starts_with("0o");
  if (!octal && !text.starts_with("0x")) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 2, end, value, octal ? 8 : 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  const std::string digits = fmt::format("{}", value);
  return Scalar{ScalarKind::number, digits, *Decimal::parse(digits), false};
}

std::string float_text(std::string_view text, const Decimal& number) {
  const bool as_written = is_digit(text.back()) && text.find_first_of("eE+") == std::string_view::npos &&
                          is_digit(without_sign(text).front());
  return as_written ? std::string(text) : number.text();
}

}  // namespace

Scalar read_scalar(const yaml::Node& node) {
  const std::string& text = node.text();
  if (node.quoted() || text.empty()) return {ScalarKind::text, text, {}, false};
  if (text == "true" || text == "True" || text == "TRUE") return {ScalarKind::boolean, "true", {}, true};
  if (text == "false" || text == "False" || text == "FALSE") return {ScalarKind::boolean, "false", {}, false};
  const char first = text.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return {ScalarKind::text, text, {}, false};
  if (std::optional<Scalar> based = read_based_integer(text)) return *std::move(based);
  const std::optional<Decimal> number = Decimal::parse(text);
  if (!number) return {ScalarKind::text, text, {}, false};
  const bool integer = is_digits(without_sign(text));
  // Zeros in front stay: who writes 00000429 means a code that events show so.
  const std::string shown = integer ? text.substr(first == '+' ? 1 : 0) : float_text(text, *number);
  return {ScalarKind::number, shown, *number, false};
}

std::optional<bool> read_boolean(const yaml::Node& node) {
  if (!node.is_scalar() || node.quoted()) return std::nullopt;
  const std::string text = lower(node.text());
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

}  // namespace weir::sigma
