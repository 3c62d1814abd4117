#pragma once

// A decimal number of any size, exactly: what `lt`, `lte`, `gt` and `gte` compare. Binary numbers would round counters,
// handles and identifiers beyond 2^53. Immutable; threads may share it.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sigma {

class Decimal {
 public:
  Decimal() = default;  // Zero.
  explicit Decimal(std::int64_t number);

  // Sign, digits, fraction, exponent and nothing else, as the float of YAML's core schema is written (1.2.2, section
  // 10.3.2): "-1", "+5", ".5", "5.", "1e999"; not "inf", "0x10" or " 5". Exponents beyond 10^15 count as that.
  static std::optional<Decimal> parse(std::string_view text);

  // How the number that `text` holds compares to this one; nothing if `text` is no number. Copies nothing.
  std::optional<std::strong_ordering> order_of(std::string_view text) const;

  // The number if it is whole and has less than 19 digits.
  std::optional<std::int64_t> whole() const;

  // The shortest text: "1000", "-0.015"; with an exponent from 10^21 on and below 10^-6, as JSON writers do:
  // "1.5e+300".
  std::string text() const;

  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
  friend bool operator==(const Decimal& a, const Decimal& b) = default;

 private:
  bool negative_ = false;
  std::string digits_;          // From the first that is not 0 to the last; none: zero.
  std::int64_t magnitude_ = 0;  // The first digit's power of ten.
};

}  // namespace weir::sigma
