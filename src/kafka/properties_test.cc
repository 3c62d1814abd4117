#include "kafka/properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::kafka {
namespace {

using testing::ElementsAre;

TEST(Properties, AreReadAsJavaReadsThem) {
  const auto read = parse_properties(
      "# comment\n"
      "! comment, too\n"
      "\n"
      "a=1\r\n"
      "  b : 2 \n"
      "c 3\n"
      "d\n"
      "e=one,\\\n   two\n"
      "f\\=g=h=i\n"
      "u=\\u00e4\\uD83D\\uDE00\\t.\\q\n"
      "last=no end");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(*read, ElementsAre(Property{"a", "1", 4}, Property{"b", "2 ", 5}, Property{"c", "3", 6},
                                 Property{"d", "", 7}, Property{"e", "one,two", 8}, Property{"f=g", "h=i", 10},
                                 Property{"u", "ä😀\t.q", 11}, Property{"last", "no end", 12}));
}

TEST(Properties, AHalfEscapeIsAnErrorAtItsLine) {
  const auto read = parse_properties("a=1\nb=\\u12x4\n");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "2: \\u takes four hexadecimal digits");
}

TEST(Properties, ABackslashAtTheEndContinuesNothing) {
  const auto read = parse_properties("a=1\\");
  ASSERT_TRUE(read);
  EXPECT_THAT(*read, ElementsAre(Property{"a", "1", 1}));
}

}  // namespace
}  // namespace weir::kafka
