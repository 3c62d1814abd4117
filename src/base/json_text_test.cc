#include "base/json_text.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

std::string unescaped(std::string_view text) {
  std::string out(text.size(), '\0');
  out.resize(unescape_json(text, out.data()));
  return out;
}

TEST(JsonText, UnescapesPairsAndLoneSurrogates) {
  EXPECT_EQ(unescaped(R"(a\\b\"c\/\n\t)"), "a\\b\"c/\n\t");
  EXPECT_EQ(unescaped(R"(\u00e9)"), "\xC3\xA9");
  EXPECT_EQ(unescaped(R"(\ud83d\ude00)"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(unescaped(R"(\ud83dx)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(unescaped(R"(\u12)"), R"(\u12)");
  EXPECT_EQ(unescaped(R"(C:\Windows\x)"), R"(C:\Windows\x)");
}

TEST(JsonText, WriterPlacesCommas) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("a").number(std::int64_t{1}).key("b").begin_array().string("x\n").null().end_array();
  json.key("c").begin_object().end_object().key("d").boolean(true).end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x\n",null],"c":{},"d":true})");
}

TEST(JsonText, StringsAreAlwaysValidUtf8) {
  std::string out;
  append_json_string(out, "a\xFF\x01\x7F");
  EXPECT_EQ(out, "\"a\xEF\xBF\xBD\\u0001\\u007f\"");
}

}  // namespace
}  // namespace weir
