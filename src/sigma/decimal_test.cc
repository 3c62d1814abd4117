#include "sigma/decimal.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::sigma {
namespace {

std::string read(std::string_view text) {
  const std::optional<Decimal> decimal = Decimal::parse(text);
  return decimal ? decimal->text() : "none";
}

// "<", "=" or ">", found in every way there is; "!" if they differ.
std::string compare(std::string_view a, std::string_view b) {
  const Decimal left = *Decimal::parse(a);
  const Decimal right = *Decimal::parse(b);
  const auto order = left <=> right;
  const bool agree =
      *right.order_of(a) == order && (0 <=> *left.order_of(b)) == order && (left == right) == (order == 0);
  return !agree ? "!" : order < 0 ? "<" : order > 0 ? ">" : "=";
}

TEST(Decimal, ReadsSignDigitsFractionAndExponent) {
  EXPECT_EQ(read("0"), "0");
  EXPECT_EQ(read("-0.00e5"), "0");
  EXPECT_EQ(read("4688"), "4688");
  EXPECT_EQ(read("+007"), "7");
  EXPECT_EQ(read("-1.50"), "-1.5");
  EXPECT_EQ(read(".5"), "0.5");
  EXPECT_EQ(read("5."), "5");
  EXPECT_EQ(read("1e3"), "1000");
  EXPECT_EQ(read("1.5E-2"), "0.015");
  EXPECT_EQ(read("12.34e1"), "123.4");
  EXPECT_EQ(read("1200"), "1200");
  EXPECT_EQ(read("123456789012345678901"), "123456789012345678901");
  EXPECT_EQ(read("1234567890123456789012"), "1.234567890123456789012e+21");
  EXPECT_EQ(read("1e999"), "1e+999");
  EXPECT_EQ(read("-25e-12"), "-2.5e-11");
  EXPECT_EQ(read("0.000001"), "0.000001");
}

TEST(Decimal, AnythingElseIsNoNumber) {
  for (const char* text : {"",      "-",  "+",  ".",    "-.",  "e5",  "5e",  "5e+",   "+-5",  "--5", "1,000",
                           "5.5.5", " 5", "5 ", "0x10", "inf", "nan", "1_0", "5e1.5", "five", "1e5e"}) {
    EXPECT_EQ(read(text), "none") << text;
    EXPECT_EQ(Decimal().order_of(text), std::nullopt) << text;
  }
}

TEST(Decimal, OrderIsThatOfTheNumbers) {
  const std::vector<std::string_view> ascending = {"-1e999",
                                                   "-18446744073709551617",
                                                   "-10",
                                                   "-9.5",
                                                   "-9",
                                                   "-0.1",
                                                   "-0.01",
                                                   "-1e-999",
                                                   "0",
                                                   "1e-999",
                                                   "0.0999",
                                                   "0.1",
                                                   "0.10000000000000000001",
                                                   "1",
                                                   "1.05",
                                                   "9",
                                                   "9.99999999999999999999999",
                                                   "10",
                                                   "100",
                                                   "9007199254740992",
                                                   "9007199254740993",
                                                   "18446744073709551615",
                                                   "18446744073709551616",
                                                   "1e999",
                                                   "1e1000"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(compare(ascending[i], ascending[j]), i < j   ? "<"
                                                     : i > j ? ">"
                                                             : "=")
          << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(Decimal, EqualNumbersAreEqualHoweverTheyAreWritten) {
  for (const char* five : {"5", "5.0", "+5", "05", "5e0", "0.5e1", "50e-1", "5.", "0005.000", "0.00005E+5"}) {
    EXPECT_EQ(compare(five, "5"), "=") << five;
  }
  for (const char* zero : {"0", "-0", "0e9", "00", ".0", "-0.0e-5"}) EXPECT_EQ(compare(zero, "0"), "=") << zero;
  EXPECT_EQ(compare("1.2", "12e-1"), "=");
  EXPECT_EQ(compare("1e99999999999999999999999", "1e999999999999999999999999"), "=");
}

TEST(Decimal, WholeNumbersHaveNoFraction) {
  const auto whole = [](std::string_view text) { return Decimal::parse(text)->whole(); };
  EXPECT_EQ(whole("0"), 0);
  EXPECT_EQ(whole("-5.0"), -5);
  EXPECT_EQ(whole("1e3"), 1000);
  EXPECT_EQ(whole("999999999999999999"), 999'999'999'999'999'999);
  EXPECT_EQ(whole("1e18"), std::nullopt);
  EXPECT_EQ(whole("0.5"), std::nullopt);
  EXPECT_EQ(whole("1.5"), std::nullopt);
  EXPECT_EQ(whole("1e-1"), std::nullopt);
}

}  // namespace
}  // namespace weir::sigma
