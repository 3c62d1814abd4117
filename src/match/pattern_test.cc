#include "match/pattern.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/utf8.h"

namespace weir::match {
namespace {

// Literals in brackets, wildcards bare.
std::string parts_of(std::string_view sigma_text) {
  const Pattern pattern = Pattern::parse(sigma_text);
  std::string out;
  for (const Pattern::Part& part : pattern.parts()) {
    if (part.kind == Pattern::PartKind::any_run) out += "*";
    if (part.kind == Pattern::PartKind::any_one) out += "?";
    if (part.kind == Pattern::PartKind::literal) out += "[" + part.text + "]";
  }
  return out;
}

// Sigma rules specification, "Escape Character".
TEST(PatternParse, UnescapesAsTheSpecificationSays) {
  const struct {
    const char* text;
    const char* parts;
  } cases[] = {
      {R"()", R"()"},
      {R"(cmd.exe)", R"([cmd.exe])"},
      {R"(\cmd.exe)", R"([\cmd.exe])"},
      {R"(\\cmd.exe)", R"([\cmd.exe])"},
      {R"(C:\Windows\x)", R"([C:\Windows\x])"},
      {R"(\*)", R"([*])"},
      {R"(\?)", R"([?])"},
      {R"(\\*)", R"([\]*)"},
      {R"(\\\*)", R"([\*])"},
      {R"(\\\\*)", R"([\\]*)"},
      {R"(\\\server)", R"([\\server])"},
      {R"(\\\\server)", R"([\\server])"},
      {R"(\\\)", R"([\\])"},
      {R"(\)", R"([\])"},
      {R"(a\)", R"([a\])"},
      {R"(*a?b**c?*)", R"(*[a]?[b]*[c]?*)"},
      {R"(***)", R"(*)"},
      {R"(a\nb)", R"([a\nb])"},
  };
  for (const auto& c : cases) EXPECT_EQ(parts_of(c.text), c.parts) << c.text;
}

TEST(PatternToSigma, ReadsBackAsTheSamePattern) {
  EXPECT_EQ(Pattern::literal(R"(\\server\share)").to_sigma(), R"(\\\\server\share)");
  EXPECT_EQ(Pattern::literal(R"(a*b?c\)").to_sigma(), R"(a\*b\?c\)");
  EXPECT_EQ(Pattern::parse(R"(\\*)").to_sigma(), R"(\\*)");
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    for (std::size_t n = random() % 8; n > 0; --n) text += R"(\\\*?a)"[random() % 6];
    const Pattern parsed = Pattern::parse(text);
    ASSERT_EQ(Pattern::parse(parsed.to_sigma()), parsed) << text;
    const Pattern literal = Pattern::literal(text);
    ASSERT_EQ(Pattern::parse(literal.to_sigma()), literal) << text;
  }
}

TEST(Pattern, OpensAtBothEnds) {
  Pattern pattern = Pattern::literal("a*");
  EXPECT_TRUE(pattern.is_literal());
  EXPECT_EQ(pattern.plain(), "a*");
  pattern.open_front();
  pattern.open_front();
  pattern.open_back();
  EXPECT_EQ(pattern, Pattern::parse(R"(*a\**)"));
  EXPECT_FALSE(pattern.is_literal());
  Pattern empty;
  empty.open_front();
  empty.open_back();
  EXPECT_EQ(empty, Pattern::parse("*"));
}

TEST(PatternFits, SpeaksOfTheWholeValue) {
  const struct {
    const char* pattern;
    const char* value;
    bool fits;
  } cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "a\nb", true},
      {"?", "", false},
      {"?", "é", true},
      {"??", "é", false},
      {"?", "\n", true},
      {"*??", "é", false},
      {"*???*", "😀", false},
      {"*?", "é", true},
      {"?*?", "éa", true},
      {"abc", "ABC", true},
      {"abc", "abcd", false},
      {"*\\\\cmd.exe", "C:\\Windows\\CMD.EXE", true},
      {"*.exe", "a.exe.txt", false},
      {"a*a", "a", false},
      {"ab*ba", "aba", false},
      {"*ab*ab*", "abab", true},
      {"*ab*ab*", "aab", false},
      {"a*?b", "ab", false},
      {"a*?b", "axxb", true},
      {"*a?c*", "abdabc", true},
      {"*b?*?d", "abcd", false},
      {"straße*", "STRAẞE 5", true},
      {"*ΣΑΣ", "σας", true},
      {"\u212A*", "kelvin", true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Pattern::parse(c.pattern).fits(c.value, false), c.fits) << c.pattern << " on " << c.value;
  }
}

TEST(PatternFits, DistinguishesCaseIfCased) {
  EXPECT_FALSE(Pattern::parse("abc*").fits("ABCD", true));
  EXPECT_TRUE(Pattern::parse("ABC*").fits("ABCD", true));
}

TEST(FoldedPattern, TakesFoldedValues) {
  const FoldedPattern pattern(Pattern::parse("*\\\\CMD.exe*Ä?"));
  EXPECT_TRUE(pattern.fits_folded("c:\\windows\\cmd.exe /c äÄ"));
  EXPECT_FALSE(pattern.fits_folded("c:\\windows\\CMD.exe /c ää"));
}

TEST(PatternFits, StaysFastWhereBacktrackingWouldExplode) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "*a?";
  const Pattern pattern = Pattern::parse(text + "b");
  EXPECT_FALSE(pattern.fits(std::string(20000, 'a'), true));
}

// The obvious twin: `*` tries every length. Positions of `?` are characters of the whole value.
bool slow_fits(const std::vector<Pattern::Part>& parts, std::size_t part, std::string_view value,
               const std::vector<std::size_t>& sizes, std::size_t at) {
  if (part == parts.size()) return at == value.size();
  switch (parts[part].kind) {
    case Pattern::PartKind::literal:
      return value.substr(at).starts_with(parts[part].text) &&
             slow_fits(parts, part + 1, value, sizes, at + parts[part].text.size());
    case Pattern::PartKind::any_one:
      return at < value.size() && sizes[at] > 0 && slow_fits(parts, part + 1, value, sizes, at + sizes[at]);
    case Pattern::PartKind::any_run:
      for (; at <= value.size(); ++at) {
        if (slow_fits(parts, part + 1, value, sizes, at)) return true;
      }
  }
  return false;
}

TEST(PatternFits, AgreesWithTheObviousTwinOnGeneratedText) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string_view pieces[] = {"a", "b", "ab", "é", "\xC3", "\xA9", "😀", "\xF0\x9F", "A"};
  const auto text_of = [&](std::size_t size, int wildcard_share) {
    std::string text;
    for (; size > 0; --size) {
      const bool wild = static_cast<int>(random() % 10) < wildcard_share;
      text += wild ? (random() % 2 ? "*" : "?") : pieces[random() % std::size(pieces)];
    }
    return text;
  };
  int fitting = 0;
  for (int round = 0; round < 200000; ++round) {
    const Pattern pattern = Pattern::parse(text_of(random() % 7, 5));
    const std::string value = text_of(random() % 7, 0);
    std::vector<std::size_t> sizes(value.size() + 1, 0);
    for (std::string_view rest = value; !rest.empty();) {
      const std::size_t at = value.size() - rest.size();
      take_code_point(rest);
      sizes[at] = value.size() - rest.size() - at;
    }
    const bool expected = slow_fits(pattern.parts(), 0, value, sizes, 0);
    fitting += expected;
    ASSERT_EQ(pattern.fits(value, true), expected) << pattern.to_sigma() << " on " << testing::PrintToString(value);
  }
  EXPECT_GT(fitting, 10000);
}

}  // namespace
}  // namespace weir::match
