#include "sigma/decimal.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace weir::sigma {

namespace {

// Far from what overflows when positions within a text are added.
constexpr std::int64_t kExponentMax = 1'000'000'000'000'000;

// A number as its text holds it.
struct Reading {
  bool negative = false;
  std::string_view digits;     // From the first that is not 0 to the last that is not 0; a point may stand between.
  std::int64_t magnitude = 0;  // The first digit's power of ten.

  int sign() const { return digits.empty() ? 0 : negative ? -1 : 1; }
};

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

bool is_sign(std::string_view text, std::size_t at) {
  return at < text.size() && (text[at] == '-' || text[at] == '+');
}

// "e+12" to 12. `text` begins with the letter.
std::optional<std::int64_t> read_exponent(std::string_view text) {
  const std::size_t begin = is_sign(text, 1) ? 2 : 1;
  if (begin == text.size() || skip_digits(text, begin) != text.size()) return std::nullopt;
  std::int64_t exponent = 0;
  for (const char c : text.substr(begin)) exponent = std::min(kExponentMax, exponent * 10 + (c - '0'));
  return text[1] == '-' ? -exponent : exponent;
}

std::optional<Reading> read(std::string_view text) {
  Reading reading;
  if (is_sign(text, 0)) {
    reading.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t point = skip_digits(text, 0);
  std::size_t end = point;
  std::size_t count = point;
  if (end < text.size() && text[end] == '.') {
    end = skip_digits(text, point + 1);
    count += end - point - 1;
  }
  if (count == 0) return std::nullopt;
  if (end < text.size()) {
    if (text[end] != 'e' && text[end] != 'E') return std::nullopt;
    const std::optional<std::int64_t> exponent = read_exponent(text.substr(end));
    if (!exponent) return std::nullopt;
    reading.magnitude = *exponent;
  }
  const std::string_view mantissa = text.substr(0, end);
  const std::size_t first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) return Reading{};
  reading.digits = mantissa.substr(first, mantissa.find_last_not_of("0.") - first + 1);
  reading.magnitude += static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) - (first < point ? 1 : 0);
  return reading;
}

// Digit by digit. Neither ends with 0, so of two that begin alike the longer one is larger.
std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (true) {
    if (i < a.size() && a[i] == '.') ++i;
    if (j < b.size() && b[j] == '.') ++j;
    if (i == a.size() || j == b.size()) return (i < a.size()) <=> (j < b.size());
    if (a[i] != b[j]) return a[i] <=> b[j];
    ++i;
    ++j;
  }
}

std::strong_ordering compare(const Reading& a, const Reading& b) {
  if (a.sign() != b.sign() || a.sign() == 0) return a.sign() <=> b.sign();
  std::strong_ordering order = a.magnitude <=> b.magnitude;
  if (order == std::strong_ordering::equal) order = compare_digits(a.digits, b.digits);
  return a.negative ? 0 <=> order : order;
}

}  // namespace

Decimal::Decimal(std::int64_t number) : Decimal(*parse(fmt::format("{}", number))) {}

std::optional<Decimal> Decimal::parse(std::string_view text) {
  const std::optional<Reading> reading = read(text);
  if (!reading) return std::nullopt;
  Decimal decimal;
  decimal.negative_ = reading->negative;
  decimal.digits_ = reading->digits;
  std::erase(decimal.digits_, '.');
  decimal.magnitude_ = reading->magnitude;
  return decimal;
}

std::optional<std::strong_ordering> Decimal::order_of(std::string_view text) const {
  const std::optional<Reading> reading = read(text);
  if (!reading) return std::nullopt;
  return compare(*reading, {negative_, digits_, magnitude_});
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  return compare({a.negative_, a.digits_, a.magnitude_}, {b.negative_, b.digits_, b.magnitude_});
}

std::optional<std::int64_t> Decimal::whole() const {
  constexpr std::int64_t kMagnitudeMax = 17;
  const auto size = static_cast<std::int64_t>(digits_.size());
  if (magnitude_ > kMagnitudeMax || size > magnitude_ + 1) {
    return digits_.empty() ? std::optional<std::int64_t>(0) : std::nullopt;
  }
  return parse_int(text());
}

std::string Decimal::text() const {
  constexpr std::int64_t kMagnitudePlainMin = -6;
  constexpr std::int64_t kMagnitudePlainMax = 20;
  if (digits_.empty()) return "0";
  const std::string_view sign = negative_ ? "-" : "";
  const auto size = static_cast<std::int64_t>(digits_.size());
  if (magnitude_ < kMagnitudePlainMin || magnitude_ > kMagnitudePlainMax) {
    const bool one_digit = size == 1;
    return fmt::format("{}{}{}{}e{:+d}", sign, digits_.front(), one_digit ? "" : ".", digits_.substr(1), magnitude_);
  }
  if (magnitude_ < 0)
    return fmt::format("{}0.{}{}", sign, std::string(static_cast<std::size_t>(-magnitude_ - 1), '0'), digits_);
  const auto front = static_cast<std::size_t>(magnitude_ + 1);
  if (size <= magnitude_ + 1) return fmt::format("{}{}{}", sign, digits_, std::string(front - digits_.size(), '0'));
  return fmt::format("{}{}.{}", sign, digits_.substr(0, front), digits_.substr(front));
}

}  // namespace weir::sigma
