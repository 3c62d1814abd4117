#include "sigma/scalar.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::sigma {
namespace {

std::string read(std::string_view text) {
  const yaml::Documents documents = yaml::parse(std::string("k: ") + std::string(text));
  const Scalar scalar = read_scalar(documents.roots.front().entries().front().value);
  const char* const kinds[] = {"text ", "number ", "boolean "};
  return kinds[static_cast<int>(scalar.kind)] + scalar.text;
}

TEST(Scalar, IntegersKeepTheirDigits) {
  EXPECT_EQ(read("0"), "number 0");
  EXPECT_EQ(read("4688"), "number 4688");
  EXPECT_EQ(read("+7"), "number 7");
  EXPECT_EQ(read("-7"), "number -7");
  EXPECT_EQ(read("-0"), "number -0");
  EXPECT_EQ(read("007"), "number 007");
  EXPECT_EQ(read("0x1f"), "number 31");
  EXPECT_EQ(read("0o17"), "number 15");
  EXPECT_EQ(read("123456789012345678901234567890"), "number 123456789012345678901234567890");
}

TEST(Scalar, FractionsKeepTheirDigits) {
  EXPECT_EQ(read("1.0"), "number 1.0");
  EXPECT_EQ(read("-1.50"), "number -1.50");
  EXPECT_EQ(read("0.5"), "number 0.5");
  EXPECT_EQ(read(".5"), "number 0.5");
  EXPECT_EQ(read("5."), "number 5");
  EXPECT_EQ(read("+1.5"), "number 1.5");
  EXPECT_EQ(read("1e3"), "number 1000");
  EXPECT_EQ(read("1.5E-2"), "number 0.015");
  EXPECT_EQ(read("9007199254740993e0"), "number 9007199254740993");
  EXPECT_EQ(read("1e999"), "number 1e+999");
}

TEST(Scalar, OnlyTheCoreSchemasWordsAreBooleans) {
  EXPECT_EQ(read("true"), "boolean true");
  EXPECT_EQ(read("FALSE"), "boolean false");
  EXPECT_EQ(read("yes"), "text yes");
  EXPECT_EQ(read("tRue"), "text tRue");
}

TEST(Scalar, AnythingElseIsText) {
  EXPECT_EQ(read("'5'"), "text 5");
  EXPECT_EQ(read("1.2.3"), "text 1.2.3");
  EXPECT_EQ(read("10.0.0.1"), "text 10.0.0.1");
  EXPECT_EQ(read("2024-01-02"), "text 2024-01-02");
  EXPECT_EQ(read("1_000"), "text 1_000");
  EXPECT_EQ(read("0xZZ"), "text 0xZZ");
  EXPECT_EQ(read("0x"), "text 0x");
  EXPECT_EQ(read("+"), "text +");
  EXPECT_EQ(read("."), "text .");
  EXPECT_EQ(read("1e"), "text 1e");
  EXPECT_EQ(read(".inf"), "text .inf");
}

}  // namespace
}  // namespace weir::sigma
