#include "base/text.h"

#include <array>

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Text, ParsesWholeNumbersOnly) {
  EXPECT_EQ(parse_int("42"), 42);
  EXPECT_EQ(parse_int("-7"), -7);
  EXPECT_EQ(parse_int("42 "), std::nullopt);
  EXPECT_EQ(parse_int(""), std::nullopt);
  EXPECT_EQ(parse_int("99999999999999999999"), std::nullopt);
  EXPECT_EQ(parse_double("2.5"), 2.5);
  EXPECT_EQ(parse_double("2.5x"), std::nullopt);
}

TEST(Text, TakesWhatIsWantedOrNothing) {
  std::string_view text = "a bc";
  EXPECT_FALSE(take(text, 'b'));
  EXPECT_TRUE(take(text, 'a'));
  EXPECT_FALSE(take(text, " bd"));
  EXPECT_TRUE(take(text, " b"));
  EXPECT_EQ(text, "c");
  EXPECT_FALSE(take(text, "cd"));
}

TEST(Text, GlobBacktracksOverStars) {
  EXPECT_TRUE(fits_glob("selection_main", "selection*"));
  EXPECT_TRUE(fits_glob("a_b_a_b_c", "*a_b_c"));
  EXPECT_TRUE(fits_glob("", "*"));
  EXPECT_TRUE(fits_glob("abc", "a?c"));
  EXPECT_FALSE(fits_glob("abc", "a?"));
  EXPECT_FALSE(fits_glob("filter", "selection*"));
}

TEST(Text, NearestFindsATypoButNotAnotherWord) {
  const std::array<std::string_view, 4> words = {"startswith", "endswith", "contains", "re"};
  EXPECT_EQ(nearest("startwith", words), "startswith");
  EXPECT_EQ(nearest("contians", words), "contains");
  EXPECT_EQ(nearest("frobnicate", words), "");
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(1234567), "1,234,567");
  EXPECT_EQ(human_bytes(812), "812 B");
  EXPECT_EQ(human_bytes(3400000), "3.4 MB");
}

}  // namespace
}  // namespace weir
