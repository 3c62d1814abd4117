#include "base/utf8.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Utf8, RefusesOverlongSurrogatesAndTruncation) {
  EXPECT_TRUE(is_utf8("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80, \xEF\xBF\xBD"));
  EXPECT_FALSE(is_utf8("\xC0\xAF"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(is_utf8("\xE2\x82"));
  EXPECT_FALSE(is_utf8("\x80"));
}

TEST(Utf8, RepairReplacesEachBadByte) {
  EXPECT_EQ(repaired_utf8("a\xFF\xE9z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(repaired_utf8("\xE2\x82\xAC"), "\xE2\x82\xAC");
}

TEST(Utf8, Utf16PairsAndLoneSurrogates) {
  std::string out;
  append_utf16le(out, std::string_view("a\0\x3D\xD8\x00\xDE", 6));
  EXPECT_EQ(out, "a\xF0\x9F\x98\x80");
  out.clear();
  append_utf16le(out, std::string_view("\x3D\xD8"
                                       "b\0c",
                                       5));
  EXPECT_EQ(out,
            "\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

}  // namespace
}  // namespace weir
