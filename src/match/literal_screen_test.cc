#include "match/literal_screen.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "match/fold.h"
#include "match/test_literals.h"

namespace weir::match {
namespace {

using Written = LiteralScreen::Written;

bool may_occur(const LiteralScreen& screen, std::string_view text, Written written = Written::as_json) {
  LiteralScreen::Scratch scratch;
  const bool result = screen.may_occur(text, written, scratch);
  EXPECT_EQ(result, screen.may_occur_plain(text, written, scratch)) << text;
  return result;
}

LiteralScreen screen_of(const std::vector<std::string>& folded) {
  auto screen = LiteralScreen::for_records(folded);
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
    EXPECT_FALSE(LiteralScreen::for_records(std::vector<std::string>{literal})) << literal;
  }
  EXPECT_TRUE(LiteralScreen::for_records(std::vector<std::string>{R"(\abc)"}));
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

bool passes_over(std::vector<LiteralScreen::Wanted> literals, std::string_view value,
                 Written written = Written::plainly, std::size_t size_from = std::string::npos) {
  const auto screen = LiteralScreen::for_values(literals, size_from);
  EXPECT_TRUE(screen);
  return screen && !may_occur(*screen, value, written);
}

TEST(LiteralScreen, TellsSmallValuesByTheirSize) {
  using enum Anchor;
  EXPECT_FALSE(passes_over({{equals, "exe"}}, "EXE"));
  EXPECT_FALSE(passes_over({{equals, ""}}, ""));
  EXPECT_TRUE(passes_over({{equals, ""}}, "a"));
  EXPECT_FALSE(passes_over({{equals, "ks"}}, "\u212A\u017F"));
  EXPECT_FALSE(passes_over({{equals, "ks"}}, R"(\u212A\u017F)", Written::as_json));
  EXPECT_TRUE(passes_over({{equals, "exe"}}, "a long name.exe"));
  EXPECT_FALSE(passes_over({{contains, "abcd"}}, std::string(64, 'x'), Written::plainly, 64));
  EXPECT_TRUE(passes_over({{contains, "abcd"}}, std::string(63, 'x'), Written::plainly, 64));
}

TEST(LiteralScreen, TellsShortEndsByOneByte) {
  using enum Anchor;
  EXPECT_FALSE(passes_over({{ends, "="}}, "a value that ends with ="));
  EXPECT_TRUE(passes_over({{ends, "="}}, "a value with = inside"));
  EXPECT_FALSE(passes_over({{ends, "="}}, R"(escaped in JSON \u003d)", Written::as_json));
  EXPECT_FALSE(passes_over({{starts, "\\"}}, R"(\\\\host)", Written::as_json));
  EXPECT_TRUE(passes_over({{starts, "\\"}}, R"(C:\\host)", Written::as_json));
  EXPECT_FALSE(passes_over({{starts, "k"}}, "\u212Aelvin"));
  EXPECT_FALSE(passes_over({{ends, "s"}}, "lon\u017F"));
}

TEST(LiteralScreen, LooksForQuotesBackslashesAndSlashesInValues) {
  using enum Anchor;
  EXPECT_FALSE(passes_over({{contains, "/../.."}}, "x/../../y"));
  EXPECT_FALSE(passes_over({{contains, "/../.."}}, R"(x\/..\/..\/y)", Written::as_json));
  EXPECT_TRUE(passes_over({{contains, "/../.."}}, "x/y/.././z"));
  EXPECT_FALSE(passes_over({{contains, "~1\\"}}, R"(C:\PROGRA~1\x)"));
  EXPECT_FALSE(passes_over({{contains, "~1\\"}}, R"(C:\\PROGRA~1\\x)", Written::as_json));
  EXPECT_FALSE(passes_over({{contains, "~1\\"}}, R"(C:\u005cPROGRA~1\u005cx)", Written::as_json));
  EXPECT_FALSE(passes_over({{contains, R"(/c "\w)"}}, R"(cmd /c \"\windows\")", Written::as_json));
  EXPECT_FALSE(passes_over({{contains, R"(-k\m)"}}, R"(x -k\m)", Written::as_json));
  EXPECT_FALSE(passes_over({{contains, R"(-k\m)"}}, R"(x -k\\m)", Written::as_json));
  EXPECT_TRUE(passes_over({{contains, "~1\\"}}, R"(C:\\Program Files\\x)", Written::as_json));
}

// A run of backslashes is traced back once, not from each of its bytes: this takes a moment or an hour.
TEST(LiteralScreen, LongRunsOfBackslashesTakeNoLonger) {
  using enum Anchor;
  EXPECT_TRUE(passes_over({{contains, "lll"}, {contains, "ppp"}}, std::string(8 << 20, '\\'), Written::as_json));
}

TEST(LiteralScreen, LiteralsBeyondAsciiAreToldByAnySuchByte) {
  using enum Anchor;
  EXPECT_FALSE(passes_over({{contains, "\u202e"}}, "a\u202eb"));
  EXPECT_FALSE(passes_over({{contains, "\u202e"}}, "\u00e4"));
  EXPECT_FALSE(passes_over({{contains, "\u202e"}}, R"(a\u202eb)", Written::as_json));
  EXPECT_TRUE(passes_over({{contains, "\u202e"}}, "all of this is ASCII"));
}

TEST(LiteralScreen, RefusesWhatItCannotTell) {
  using enum Anchor;
  const std::vector<std::vector<LiteralScreen::Wanted>> refused = {{{contains, ""}},         {{starts, ""}},
                                                                   {{contains, "a"}},        {{contains, "\t"}},
                                                                   {{contains, R"("\a\")"}}, {{contains, R"(\k\m)"}}};
  for (const auto& literals : refused) {
    EXPECT_FALSE(LiteralScreen::for_values(literals, std::string::npos)) << literals[0].text;
  }
}

std::string as_json(std::string_view text, std::mt19937& random) {
  std::string written;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    const bool escape = byte >= 0 && random() % 8 == 0;
    if (escape && byte == '/') {
      written += "\\/";
    } else if (byte == '\\' && i + 1 < text.size() && text[i + 1] == 'k' && random() % 2 == 0) {
      written += text.substr(i++, 2);  // No escape: readers leave it as it is.
    } else if (escape) {
      written += fmt::format("\\u{:04x}", static_cast<int>(byte));
    } else {
      if (byte == '"' || byte == '\\') written += '\\';
      written += byte;
    }
  }
  return written;
}

// Random literals and random values of the same few characters, written plainly and as JSON.
TEST(LiteralScreen, NeverMissesALiteralOfAValue) {
  const std::vector<std::string> characters = {"a", "b", "s", "k",      "/",      "\\",     "\"",
                                               "=", "<", " ", "\u017F", "\u212A", "\u00e4", "x1"};
  std::size_t fitting = 0;
  std::size_t passed_over = 0;
  for (unsigned seed = 0; seed < 40'000; ++seed) {
    std::mt19937 random(seed);
    const auto text = [&](std::size_t size) {
      std::string made;
      for (; size > 0; --size) made += characters[random() % characters.size()];
      return made;
    };
    std::vector<LiteralScreen::Wanted> literals;
    for (unsigned i = 1 + random() % 3; i > 0; --i) {
      std::string buffer;
      const std::string literal = text(random() % 7);
      literals.push_back({static_cast<Anchor>(random() % 4), std::string(folded(literal, buffer))});
    }
    const auto screen = LiteralScreen::for_values(literals, std::string::npos);
    if (!screen) continue;
    for (int i = 0; i < 4; ++i) {
      std::string value = text(random() % 5);
      if (random() % 2 == 0) value += literals[0].text + text(random() % 2 == 0 ? 0 : random() % 40);
      std::string buffer;
      const std::string_view folded_value = folded(value, buffer);
      const bool fits_one =
          std::ranges::any_of(literals, [&](const auto& l) { return fits(l.anchor, l.text, folded_value); });
      const bool plain = may_occur(*screen, value, Written::plainly);
      const std::string json = as_json(value, random);
      EXPECT_TRUE(plain || !fits_one) << "seed " << seed << ": " << value;
      EXPECT_TRUE(may_occur(*screen, json, Written::as_json) || !fits_one) << "seed " << seed << ": " << json;
      fitting += fits_one;
      passed_over += !plain;
    }
  }
  EXPECT_GT(fitting, 10'000u);
  EXPECT_GT(passed_over, 10'000u);
}

}  // namespace
}  // namespace weir::match
