#include "base/json_text.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/utf8.h"

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

// Byte by byte, after RFC 8259, section 7; what is no UTF-8 is replaced.
std::string slowly_written(std::string_view text) {
  std::string out = "\"";
  for (const char c : repaired_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      (out += '\\') += c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

TEST(JsonText, StringsAreWrittenAsTheSlowWayWritesThem) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    const std::size_t size = i < 200 ? static_cast<std::size_t>(i) : random() % 3000;
    const unsigned plain_percent = random() % 101;
    while (text.size() < size) {
      if (random() % 100 < plain_percent) {
        text.append(1 + random() % 40, static_cast<char>('a' + random() % 26));
      } else if (random() % 8 == 0) {
        append_utf8(text, static_cast<char32_t>(random() % 0xD800));
      } else {
        text += static_cast<char>(random());
      }
    }
    std::string written = "before";
    append_json_string(written, text);
    ASSERT_EQ(written, "before" + slowly_written(text)) << "text " << i;
  }
}

TEST(JsonText, StringsAreAlwaysValidUtf8) {
  std::string out;
  append_json_string(out, "a\xFF\x01\x7F");
  EXPECT_EQ(out, "\"a\xEF\xBF\xBD\\u0001\\u007f\"");
}

}  // namespace
}  // namespace weir
