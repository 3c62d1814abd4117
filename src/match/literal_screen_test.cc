#include "match/literal_screen.h"

#include <random>

#include <gtest/gtest.h>

#include "match/fold.h"

namespace weir::match {
namespace {

LiteralScreen screen_of(const std::vector<std::string>& folded) {
  auto screen = LiteralScreen::make(folded);
  EXPECT_TRUE(screen);
  return std::move(*screen);
}

TEST(LiteralScreen, SeesLiteralsInAnyCase) {
  const LiteralScreen screen = screen_of({"mimikatz", "sekurlsa::"});
  EXPECT_TRUE(screen.may_occur(R"({"CommandLine":"C:\\tools\\MimiKatz.exe privilege::debug exit"})"));
  EXPECT_TRUE(screen.may_occur("SEKURLSA::logonpasswords"));
  EXPECT_FALSE(screen.may_occur(R"({"CommandLine":"C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule"})"));
  EXPECT_FALSE(screen.may_occur(""));
}

TEST(LiteralScreen, SeesWhatEscapesMayHide) {
  const LiteralScreen screen = screen_of({"kerberos::"});
  EXPECT_TRUE(screen.may_occur(R"({"a":"k\u0065rberos::list"})"));
  EXPECT_TRUE(screen.may_occur("{\"a\":\"\u212Aerberos::list\"}"));
  EXPECT_TRUE(screen.may_occur("{\"a\":\"kerbero\u017F::list\"}"));
  EXPECT_TRUE(screen.may_occur(R"({"a":"\u212Aerbero\u017f::list"})"));
  // A backslash before "u", in a path, is no escape, and neither are escapes of what no literal is told by.
  EXPECT_FALSE(screen.may_occur(R"({"a":"C:\\users\\ubuntu\\u0065.txt and so on, to fill a block of bytes"})"));
  EXPECT_FALSE(screen.may_occur(R"({"a":"\u003chtml\u003e \u0000 \u00e4 and so on, to fill a block of bytes"})"));
}

TEST(LiteralScreen, SeesBracketsThatAreEscapedForHtml) {
  const LiteralScreen screen = screen_of({"=<%="});
  EXPECT_TRUE(screen.may_occur(R"({"a":"x=<%=y"})"));
  EXPECT_TRUE(screen.may_occur(R"({"a":"x\u003d\u003c%=y"})"));
  EXPECT_FALSE(screen.may_occur(R"({"a":"x\u0000\u00e4 and so on, to fill a block of bytes and some more"})"));
}

TEST(LiteralScreen, RefusesLiteralsThatEscapesMayCut) {
  for (const char* literal : {"", "a", "ab", "a/b/c", R"(a\b\c)", "\"a\"", "éa", "日本語"}) {
    EXPECT_FALSE(LiteralScreen::make(std::vector<std::string>{literal})) << literal;
  }
  EXPECT_TRUE(LiteralScreen::make(std::vector<std::string>{R"(\abc)"}));
}

// Text with literals, escapes and disguises hidden in it: whatever a search in the resolved, folded text finds must be
// let through, and both scans must say the same.
TEST(LiteralScreen, NeverMissesOnGeneratedText) {
  const std::vector<std::string> literals = {"abc", "bcd::e", "kss", "x-y", "sekurlsa", "a b c", "c(d)e"};
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
    const bool may_occur = screen.may_occur(text);
    EXPECT_TRUE(may_occur || !occurs) << "seed " << seed << ": " << text;
    EXPECT_EQ(may_occur, screen.may_occur_plain(text)) << "seed " << seed << ": " << text;
    occurring += occurs;
    passed_over += !may_occur;
  }
  EXPECT_GT(occurring, 1'000u);
  EXPECT_GT(passed_over, 1'000u);
}

}  // namespace
}  // namespace weir::match
