#include "match/literal_screen.h"

#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "match/fold.h"

namespace weir::match {
namespace {

bool may_occur(const LiteralScreen& screen, std::string_view text) {
  LiteralScreen::Scratch scratch;
  const bool result = screen.may_occur(text, scratch);
  EXPECT_EQ(result, screen.may_occur_plain(text, scratch)) << text;
  return result;
}

LiteralScreen screen_of(const std::vector<std::string>& folded) {
  auto screen = LiteralScreen::make(folded);
  EXPECT_TRUE(screen);
  return std::move(*screen);
}

TEST(LiteralScreen, SeesLiteralsInAnyCase) {
  const LiteralScreen screen = screen_of({"mimikatz", "sekurlsa::"});
  EXPECT_TRUE(may_occur(screen, R"({"CommandLine":"C:\\tools\\MimiKatz.exe privilege::debug exit"})"));
  EXPECT_TRUE(may_occur(screen, "SEKURLSA::logonpasswords"));
  EXPECT_FALSE(may_occur(screen, R"({"CommandLine":"C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule"})"));
  EXPECT_FALSE(may_occur(screen, ""));
}

TEST(LiteralScreen, SeesWhatEscapesMayHide) {
  const LiteralScreen screen = screen_of({"kerberos::"});
  EXPECT_TRUE(may_occur(screen, R"({"a":"k\u0065rberos::list"})"));
  EXPECT_TRUE(may_occur(screen, "{\"a\":\"\u212Aerberos::list\"}"));
  EXPECT_TRUE(may_occur(screen, "{\"a\":\"kerbero\u017F::list\"}"));
  EXPECT_TRUE(may_occur(screen, R"({"a":"\u212Aerbero\u017f::list"})"));
  // A backslash before "u", in a path, is no escape, and neither are escapes of what no literal is told by.
  EXPECT_FALSE(may_occur(screen, R"({"a":"C:\\users\\ubuntu\\u0065.txt and so on, to fill a block of bytes"})"));
  EXPECT_FALSE(may_occur(screen, R"({"a":"\u003chtml\u003e \u0000 \u00e4 and so on, to fill a block of bytes"})"));
}

TEST(LiteralScreen, SeesBracketsThatAreEscapedForHtml) {
  const LiteralScreen screen = screen_of({"=<%="});
  EXPECT_TRUE(may_occur(screen, R"({"a":"x=<%=y"})"));
  EXPECT_TRUE(may_occur(screen, R"({"a":"x\u003d\u003c%=y"})"));
  EXPECT_FALSE(may_occur(screen, R"({"a":"x\u0000\u00e4 and so on, to fill a block of bytes and some more"})"));
}

TEST(LiteralScreen, RefusesLiteralsThatEscapesMayCut) {
  for (const char* literal : {"", "a", "ab", "a/b/c", R"(a\b\c)", "\"a\"", "éa", "日本語"}) {
    EXPECT_FALSE(LiteralScreen::make(std::vector<std::string>{literal})) << literal;
  }
  EXPECT_TRUE(LiteralScreen::make(std::vector<std::string>{R"(\abc)"}));
}

// Text with literals, escapes and disguises hidden in it: whatever a search in the resolved, folded text finds must be
// let through, and both scans must say the same.
void expect_no_miss(std::size_t literals_more) {
  std::vector<std::string> literals = {"abcd", "bcd::e", "kss", "x-y", "sekurlsa", "a b c", "c(d)e"};
  for (std::size_t i = 0; i < literals_more; ++i) literals.push_back(fmt::format("never{}here", i));
  const LiteralScreen screen = screen_of(literals);
  const std::vector<std::string> pieces = {"a",         "b",
                                           "c",         "ABC",
                                           "bcd::",     "E",
                                           "k",         "s",
                                           "\u212A",    "\u017F",
                                           "x-",        "y",
                                           "Y",         "sekurl",
                                           "sa",        " ",
                                           "(",         ")",
                                           "d",         "\\\\",
                                           "u",         "\\u0061",
                                           "\\u017f",   "\\u212a",
                                           "\\\\u0061", "filler filler filler"};
  const auto resolve = [](std::string text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        out += text[i];
      } else if (text[i + 1] == '\\') {
        out += text[++i];
      } else {
        const std::string code = text.substr(i + 2, 4);
        out += code == "0061" ? "a" : code == "017f" ? "\u017F" : "\u212A";
        i += 5;
      }
    }
    return out;
  };
  std::size_t occurring = 0;
  std::size_t passed_over = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (unsigned i = random() % 24; i > 0; --i) text += pieces[random() % pieces.size()];
    std::string buffer;
    const std::string resolved = resolve(text);
    const std::string_view folded_text = folded(resolved, buffer);
    bool occurs = false;
    for (const std::string& literal : literals) occurs |= folded_text.find(literal) != std::string_view::npos;
    const bool perhaps = may_occur(screen, text);
    EXPECT_TRUE(perhaps || !occurs) << "seed " << seed << ": " << text;
    occurring += occurs;
    passed_over += !perhaps;
  }
  EXPECT_GT(occurring, 1'000u);
  EXPECT_GT(passed_over, 1'000u);
}

TEST(LiteralScreen, NeverMissesFewLiteralsOnGeneratedText) {
  expect_no_miss(0);
}
TEST(LiteralScreen, NeverMissesOneOfManyLiteralsOnGeneratedText) {
  expect_no_miss(100);
}

}  // namespace
}  // namespace weir::match
