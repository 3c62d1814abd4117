#include "match/regex.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "base/text.h"
#include "match/fold.h"

namespace weir::match {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

Regex compiled(std::string_view pattern, RegexFlags flags = {}) {
  Result<Regex> regex = Regex::compile(pattern, flags);
  EXPECT_TRUE(regex) << pattern << ": " << regex.error().message;
  return std::move(*regex);
}

TEST(Regex, SearchesAnywhereAndDistinguishesCase) {
  const struct {
    const char* pattern;
    const char* value;
    bool found;
  } cases[] = {
      {"b+", "abc", true},
      {"B", "abc", false},
      {"^b", "abc", false},
      {"(?i)B", "abc", true},
      {"", "", true},
      {"a.c", "a\nc", false},
      {"a.c", "aéc", true},
      {R"(\/\-\"\'\ \_)", "/-\"' _", true},
      {R"((?<name>a)b)", "ab", true},
      {R"((?P<name>a)b)", "ab", true},
      {R"(a(?#remark)b)", "ab", true},
      {R"(\Qa.b\E+)", "a.bb", true},
      {R"(a{,2})", "a{,2}", true},
      {R"([]a]b)", "]b", true},
      {R"(\bcmd\b)", "x cmd.exe", true},
      {R"(\d{1,3}\.\d)", "10.0", true},
  };
  for (const auto& c : cases)
    EXPECT_EQ(compiled(c.pattern).found_in(c.value), c.found) << c.pattern << " in " << c.value;
}

TEST(Regex, HasTheFlagsOfSigma) {
  EXPECT_TRUE(compiled("AB", {.ignore_case = true}).found_in("xab"));
  EXPECT_TRUE(compiled("\u212A", {.ignore_case = true}).found_in("k"));
  EXPECT_FALSE(compiled("^b$").found_in("a\nb\nc"));
  EXPECT_TRUE(compiled("^b$", {.multi_line = true}).found_in("a\nb\nc"));
  EXPECT_FALSE(compiled("a.b").found_in("a\nb"));
  EXPECT_TRUE(compiled("a.b", {.dot_all = true}).found_in("a\nb"));
}

TEST(Regex, FindsRunsOfAnyCharacterInLongValuesWithoutAnAutomaton) {
  const std::string line(999, 'a');
  for (const char* pattern : {".{1000,}", ".{1000}", "(.){1000,}", "(?:.){1000}"}) {
    const Regex regex = compiled(pattern);
    EXPECT_FALSE(regex.found_in(line)) << pattern;
    EXPECT_FALSE(regex.found_in(line + "\n" + line)) << pattern;
    EXPECT_TRUE(regex.found_in(line + "\n" + line + "é")) << pattern;
    EXPECT_TRUE(compiled(pattern, {.dot_all = true}).found_in(line + "\n")) << pattern;
  }
  EXPECT_FALSE(compiled(".{3}").found_in("éa"));
  EXPECT_TRUE(compiled(".{0}").found_in(""));
  EXPECT_TRUE(compiled(".{2,3}").found_in("aa"));
  EXPECT_FALSE(Regex::compile(".{3,2}", {}));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(compiled(".{1000,}").found_in(line + "\n" + line + line));
}

// pcre2pattern, "Circumflex and dollar".
TEST(Regex, WordCharactersAreAsciiWithoutCaseToo) {
  const Regex word = *Regex::compile("\\w", {.ignore_case = true});
  EXPECT_TRUE(word.found_in("S"));
  EXPECT_FALSE(word.found_in("ſ"));
  EXPECT_FALSE(word.found_in("\u212A"));
  EXPECT_TRUE(Regex::compile("^\\W+$", {.ignore_case = true})->found_in("ſ\u212A"));
}

TEST(Regex, DollarFitsBeforeAFinalNewlineAsInPcre) {
  EXPECT_TRUE(compiled("exe$").found_in("a.exe"));
  EXPECT_TRUE(compiled("exe$").found_in("a.exe\n"));
  EXPECT_FALSE(compiled("exe$").found_in("a.exe\n\n"));
  EXPECT_FALSE(compiled("exe$").found_in("a.exe "));
  EXPECT_TRUE(compiled(R"(exe\Z)", {.multi_line = true}).found_in("a.exe\n"));
  EXPECT_FALSE(compiled(R"(exe\Z)", {.multi_line = true}).found_in("a.exe\nb"));
  EXPECT_TRUE(compiled(R"(exe\z)").found_in("a.exe"));
  EXPECT_FALSE(compiled(R"(exe\z)").found_in("a.exe\n"));
  EXPECT_TRUE(compiled("^$").found_in("\n"));
}

TEST(Regex, NamesWhatIsNotSupported) {
  const struct {
    const char* pattern;
    const char* named;
  } cases[] = {
      {"a(?=b)", "look-ahead '(?=' at character 2"},
      {"a(?!b)", "look-ahead '(?!'"},
      {"(?<=a)b", "look-behind '(?<='"},
      {"(?<!a)b", "look-behind '(?<!'"},
      {R"((a)\1)", R"(back-reference '\1' at character 4)"},
      {R"((?<x>a)\k<x>)", R"(back-reference '\k')"},
      {"(?P<x>a)(?P=x)", "back-reference '(?P=x)'"},
      {"a++", "possessive quantifier '++'"},
      {"a*+", "possessive quantifier '*+'"},
      {"a{2,3}+", "possessive quantifier '{2,3}+'"},
      {"(?>a)", "atomic group"},
      {"(?(1)a|b)", "conditional group"},
      {"(?R)", "recursion '(?R)'"},
      {"(?x)a", "flag 'x'"},
      {"(*ACCEPT)", "control verb '(*ACCEPT)'"},
      {R"(\K)", R"(\K)"},
      {"(a", "a '(' that is not closed"},
      {"[a", "a '[' that is not closed"},
      {"a)", "a ')' that closes nothing"},
      {"[b-a]", "the range 'b-a'"},
      {"*a", "'*' with nothing before it"},
      {"a{1001}", "a{1001}"},
      {"a**", "**"},
      {"\\", "\\"},
      {"\xFF", "UTF-8"},
  };
  for (const auto& c : cases) {
    const Result<Regex> regex = Regex::compile(c.pattern, {});
    ASSERT_FALSE(regex) << c.pattern;
    EXPECT_THAT(regex.error().message, HasSubstr(c.named));
    EXPECT_EQ(regex.error().kind, ErrorKind::user);
  }
}

TEST(Regex, RefusesPatternsThatNeedTooMuchMemory) {
  EXPECT_FALSE(Regex::compile(R"((\pL{1000}|\pN{1000}){1}.{1000}\pL{1000})", {}));
}

TEST(RegexSizeMin, IsALowerBoundInBytes) {
  const struct {
    const char* pattern;
    std::size_t size;
  } cases[] = {
      {"", 0},
      {"abc", 3},
      {"a|bcd", 1},
      {"(ab|c)d", 2},
      {".{1000,}", 1000},
      {"(.){200,}", 200},
      {"[^/]{100,}$", 100},
      {"a*b+c?", 1},
      {"(a{3}){4}", 12},
      {R"(\x{1F600}\x41\101\pL\p{Greek})", 5},
      {"(?i)abc", 3},
      {"(?i:ab)c", 3},
      {R"(\bab\z)", 2},
      {R"(\Qa*b\E+)", 3},
      {"[]a][^]b][[:alpha:]]", 3},
      {"a{,3}", 5},
      {"a{2,3}?", 2},
      {"(?:)|a", 0},
      {R"([\]a]b)", 2},
      {"é", 1},
      {"^$", 0},
      {"(a|b|)c", 1},
      {"a{0}b", 1},
      {R"(\n\n\n)", 3},
  };
  for (const auto& c : cases) EXPECT_EQ(compiled(c.pattern).size_min(), c.size) << c.pattern;
}

TEST(RegexRequiredLiterals, AreFewAndFolded) {
  const auto literals = [](std::string_view pattern) { return compiled(pattern).required_literals(); };
  EXPECT_THAT(literals("Net\\s+User"), UnorderedElementsAre("user"));
  EXPECT_THAT(literals("(cmd|powershell).+clip"), UnorderedElementsAre("clip"));
  EXPECT_THAT(literals("(foo|BAR)[0-9]+"), UnorderedElementsAre("foo", "bar"));
  EXPECT_THAT(literals("(?i)Stra\u1E9Ee"), UnorderedElementsAre("stra\u00DFe"));
  for (const char* nothing : {"", ".{1000,}", "a|bcd", "ab", "\\d+", "(abc)?"}) {
    EXPECT_THAT(literals(nothing), testing::IsEmpty()) << nothing;
  }
}

// The values under `re` keys, read line by line; rules write them plain or in single quotes.
std::vector<std::string> patterns_of_rules(const std::string& folder) {
  std::vector<std::string> patterns;
  const auto take = [&](std::string_view scalar) {
    scalar = trim(scalar);
    if (scalar.starts_with("'")) {
      std::string pattern;
      for (std::size_t i = 1; i < scalar.size(); ++i) {
        if (scalar[i] == '\'' && !scalar.substr(++i).starts_with("'")) break;  // Two quotes stand for one.
        pattern += scalar[i];
      }
      patterns.push_back(pattern);
    } else {
      patterns.emplace_back(trim(scalar.substr(0, scalar.find(" #"))));
    }
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    bool in_list = false;
    std::size_t key_column = 0;
    for (std::string line; std::getline(file, line);) {
      const std::string_view text = trim(line);
      if (text.starts_with("#")) continue;
      const std::size_t key = text.find("|re");
      const std::size_t colon = text.find(':');
      const bool is_key = key != std::string_view::npos && colon != std::string_view::npos && key < colon &&
                          (key + 3 == colon || text[key + 3] == '|') && text.find('\'') > colon;
      if (is_key) {
        const std::string_view after = trim(text.substr(colon + 1));
        in_list = after.empty() || after.starts_with("#");
        if (!in_list) take(after);
        key_column = line.find_first_not_of("- ");
      } else if (in_list && text.starts_with("- ") && line.find('-') >= key_column) {
        take(text.substr(2));
      } else {
        in_list = false;
      }
    }
  }
  return patterns;
}

TEST(Regex, CompilesEveryPatternOfSigmaHq) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  std::size_t count = 0;
  for (const char* folder : {"rules", "rules-threat-hunting", "rules-emerging-threats", "rules-placeholder"}) {
    for (const std::string& pattern : patterns_of_rules(shared_data_folder() + "/sigma/" + folder)) {
      const Result<Regex> regex = Regex::compile(pattern, {});
      EXPECT_TRUE(regex) << pattern << ": " << regex.error().message;
      ++count;
    }
  }
  EXPECT_GE(count, 217u);
}

// A generated pattern over a small alphabet, and texts that often fit.
std::string generated_pattern(std::mt19937& random, int depth) {
  static const char* const kAtoms[] = {"abc",    "ABC", "bca", "a",   "b",    "c",   ".",    "[ab]", "\u212A",
                                       "\u00E4", "^",   "$",   "\\b", "(?i)", "kbc", "[^a]", "\\w"};
  static const char* const kQuantifiers[] = {"", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}"};
  std::string pattern;
  for (std::size_t n = 1 + random() % 3; n > 0; --n) {
    std::string atom = depth > 0 && random() % 3 == 0 ? "(" + generated_pattern(random, depth - 1) + "|" +
                                                            generated_pattern(random, depth - 1) + ")"
                                                      : kAtoms[random() % std::size(kAtoms)];
    pattern += atom == "(?i)" ? atom : atom + kQuantifiers[random() % std::size(kQuantifiers)];
  }
  return pattern;
}

TEST(Regex, NeverFitsATextThatIsTooShortOrLacksTheRequiredLiterals) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string_view pieces[] = {"abc",    "ABC",    "bca",    "a", "B",  "c",  "k",
                                     "\u212A", "\u00C4", "\u00E4", " ", "\n", "kbc"};
  int found = 0;
  int found_with_literals = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::string pattern = generated_pattern(random, 2);
    const Result<Regex> regex = Regex::compile(pattern, {.ignore_case = random() % 2 == 0});
    if (!regex) continue;  // Quantified anchors and such.
    const std::vector<std::string> literals = regex->required_literals();
    // Asked through a pattern that has no lower bound, so that size_min does not answer for itself.
    const Regex unbounded = compiled("(?:" + pattern + ")|[^\\x00-\\x{10FFFF}]", regex->flags());
    for (int t = 0; t < 20; ++t) {
      std::string text;
      for (std::size_t n = random() % 6; n > 0; --n) text += pieces[random() % std::size(pieces)];
      if (!unbounded.found_in(text)) continue;
      ++found;
      ASSERT_GE(text.size(), regex->size_min()) << pattern << " in " << text;
      if (literals.empty()) continue;
      ++found_with_literals;
      std::string buffer;
      const std::string_view folded_text = folded(text, buffer);
      const bool present = std::ranges::any_of(
          literals, [&](const std::string& literal) { return folded_text.find(literal) != std::string_view::npos; });
      ASSERT_TRUE(present) << pattern << " in " << text;
    }
  }
  EXPECT_GT(found, 1000);
  EXPECT_GT(found_with_literals, 100);
}

}  // namespace
}  // namespace weir::match
