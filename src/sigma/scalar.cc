#include "sigma/scalar.h"

#include <charconv>
#include <cmath>
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

std::string decimal_text(std::string_view text) {
  const std::string_view digits = without_sign(text);
  const std::size_t leading = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  const std::string_view rest = digits.substr(leading);
  return text.starts_with('-') && rest != "0" ? fmt::format("-{}", rest) : std::string(rest);
}

// 0o17 and 0x1F.
std::optional<Scalar> read_based_integer(std::string_view text) {
  const bool octal = text.starts_with("0o");
  if (!octal && !text.starts_with("0x")) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + 2, end, value, octal ? 8 : 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return Scalar{ScalarKind::number, fmt::format("{}", value), static_cast<double>(value), false};
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = without_sign(text);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos && !is_digits(without_sign(text.substr(exponent + 1)))) return false;
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t point = mantissa.find('.');
  if (point == std::string_view::npos) return is_digits(mantissa);
  const std::string_view front = mantissa.substr(0, point);
  const std::string_view back = mantissa.substr(point + 1);
  if (front.empty()) return is_digits(back);
  return is_digits(front) && (back.empty() || is_digits(back));
}

std::string float_text(std::string_view text, double number) {
  const bool as_written = is_digit(text.back()) && text.find_first_of("eE+") == std::string_view::npos &&
                          is_digit(without_sign(text).front()) &&
                          (!without_sign(text).starts_with('0') || without_sign(text).starts_with("0."));
  return as_written ? std::string(text) : number_text(number);
}

}  // namespace

std::string number_text(double number) {
  if (std::abs(number) < 1e15 && number == std::floor(number)) {
    return fmt::format("{}", static_cast<std::int64_t>(number));
  }
  return fmt::format("{}", number);
}

Scalar read_scalar(const yaml::Node& node) {
  const std::string& text = node.text();
  if (node.quoted() || text.empty()) return {ScalarKind::text, text, 0, false};
  if (text == "true" || text == "True" || text == "TRUE") return {ScalarKind::boolean, "true", 0, true};
  if (text == "false" || text == "False" || text == "FALSE") return {ScalarKind::boolean, "false", 0, false};
  const char first = text.front();
  if (!is_digit(first) && first != '-' && first != '+' && first != '.') return {ScalarKind::text, text, 0, false};
  if (std::optional<Scalar> based = read_based_integer(text)) return *std::move(based);
  if (!is_float(text)) return {ScalarKind::text, text, 0, false};
  const std::optional<double> number = parse_double(first == '+' ? std::string_view(text).substr(1) : text);
  if (!number || !std::isfinite(*number)) return {ScalarKind::text, text, 0, false};
  const bool integer = is_digits(without_sign(text));
  return {ScalarKind::number, integer ? decimal_text(text) : float_text(text, *number), *number, false};
}

std::optional<bool> read_boolean(const yaml::Node& node) {
  if (!node.is_scalar() || node.quoted()) return std::nullopt;
  const std::string text = lower(node.text());
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

}  // namespace weir::sigma
