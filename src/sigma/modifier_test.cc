#include "sigma/modifier.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/document.h"
#include "sigma/tree_text.h"

namespace weir::sigma {
namespace {

// One `field|modifiers: value` to its tree; then the diagnostics, "place severity code: message; hint".
std::string item(std::string_view text) {
  const std::string rule =
      fmt::format("title: T\nlogsource: {{product: windows}}\ndetection:\n  condition: s\n  s:\n    {}\n", text);
  const ParsedFile file = parse_file("r.yml", rule);
  std::string out;
  for (const Rule& parsed : file.rules) {
    Expr expr = parsed.condition;
    expr.label.clear();
    out += tree_text(expr);
  }
  for (const Diagnostic& diagnostic : file.diagnostics) {
    if (!out.empty()) out += '\n';
    out += fmt::format("{}:{}+{} {}{}: {}", diagnostic.mark.line - 5, diagnostic.mark.column - 4, diagnostic.length,
                       diagnostic.severity == Severity::error ? "" : "warning ", diagnostic.code, diagnostic.message);
    if (!diagnostic.hint.empty()) out += "; " + diagnostic.hint;
  }
  return out;
}

TEST(Modifier, NoModifierComparesTheWholeValue) {
  EXPECT_EQ(item(R"(A: C:\Windows\cmd.exe)"), R"(A is 'C:\Windows\cmd.exe')");
  EXPECT_EQ(item(R"(A: '*\cmd.exe')"), R"(A ends with '\cmd.exe')");
  EXPECT_EQ(item(R"(A: 'a*b?c')"), R"(A fits 'a*b?c')");
  EXPECT_EQ(item(R"(A: 'a\*')"), R"(A is 'a*')");
  EXPECT_EQ(item(R"(A: 'a\\*')"), R"(A starts with 'a\')");
  EXPECT_EQ(item("A: ''"), "A is empty");
  EXPECT_EQ(item("A: '*'"), "A has any value");
}

TEST(Modifier, ListsAreAnyAndAllMakesThemAll) {
  EXPECT_EQ(item("A: [x, y]"), "any(A is 'x', A is 'y')");
  EXPECT_EQ(item("A|all: [x, y]"), "all(A is 'x', A is 'y')");
  EXPECT_EQ(item("A|contains|all: [x, y]"), "all(A contains 'x', A contains 'y')");
  EXPECT_EQ(item("A|all|contains: [x, y]"), "all(A contains 'x', A contains 'y')");
  EXPECT_EQ(item("A: [x]"), "A is 'x'");
}

TEST(Modifier, AllOfOneValueIsRefused) {
  EXPECT_EQ(item("A|contains|all: x"),
            "1:1+14 all-of-one: the modifier 'all' has only one value "
            "to join; drop 'all' (specification: single values must not have it)");
}

TEST(Modifier, OpeningsPutWildcardsOnce) {
  EXPECT_EQ(item("A|startswith: x"), "A starts with 'x'");
  EXPECT_EQ(item("A|endswith: x"), "A ends with 'x'");
  EXPECT_EQ(item("A|contains: x"), "A contains 'x'");
  EXPECT_EQ(item("A|contains: '*x*'"), "A contains 'x'");
  EXPECT_EQ(item("A|contains: 'x?y'"), "A fits '*x?y*'");
  EXPECT_EQ(item("A|startswith|endswith: x"), "A contains 'x'");
}

TEST(Modifier, NumbersAndBooleansAreTheirText) {
  EXPECT_EQ(item("A: 4688"), "A is '4688'");
  EXPECT_EQ(item("A|contains: 46"), "A contains '46'");
  EXPECT_EQ(item("A: True"), "A is 'true'");
  EXPECT_EQ(item("A: 1.50"), "A is '1.50'");
  EXPECT_EQ(item("A: -3"), "A is '-3'");
  EXPECT_EQ(item("A: 0x1F"),
            "A is '31'\n1:4+4 warning rewritten-number: without quotes, 0x1F is the number 31; if events "
            "show it as written, quote it: '0x1F'");
  EXPECT_EQ(item("A: '0x1F'"), "A is '0x1F'");
}

TEST(Modifier, CasedKeepsLetterCase) {
  EXPECT_EQ(item("A|contains|cased: X"), "A contains 'X', letter case included");
}

TEST(Modifier, NeqNegatesTheWholeItem) {
  EXPECT_EQ(item("A|neq: [x, y]"), "not(any(A is 'x', A is 'y'))");
  EXPECT_EQ(item("A|contains|neq: x"), "not(A contains 'x')");
  EXPECT_EQ(item("A|neq: null"), "not(A is null)");
  EXPECT_EQ(item("A|neq: 5"), "not(A is '5')");
  EXPECT_EQ(item("A|fieldref|neq: B"), "not(A equals field 'B')");
}

TEST(Modifier, WindashFormsAreAlternativesInsideTheirValue) {
  EXPECT_EQ(
      item("A|windash|contains|all: ['-a', 'b']"),
      "all(any(A contains '-a', A contains '/a', A contains '–a', A contains '—a', A contains '―a'), A contains 'b')");
  EXPECT_EQ(item("A|contains|windash: ' /x'"),
            "any(A contains ' /x', A contains ' -x', A contains ' –x', A contains ' —x', A contains ' ―x')");
  EXPECT_EQ(item("A|windash: 'a-b'"), "A is 'a-b'");
  EXPECT_EQ(item("A|windash: ' -a -b -c -d -e -f'"),
            "1:13+18 bad-value: more than 3125 forms come from 'windash' for this value; split it at a wildcard");
}

TEST(Modifier, EncodingsAreAppliedInTheWrittenOrder) {
  EXPECT_EQ(item("A|base64: foobar"), "A is 'Zm9vYmFy'");
  EXPECT_EQ(item("A|base64offset|contains: foobar"),
            "any(A contains 'Zm9vYmFy', A contains 'Zvb2Jhc', A contains 'mb29iYX')");
  EXPECT_EQ(item("A|wide|base64: ab"), "A is 'YQBiAA=='");
  EXPECT_EQ(item("A|utf16le|base64: ab"), "A is 'YQBiAA=='");
  EXPECT_EQ(item("A|utf16be|base64: ab"), "A is 'AGEAYg=='");
  EXPECT_EQ(item("A|utf16|base64: ab"), "A is '//5hAGIA'");
  EXPECT_EQ(item("A|base64|base64: a"), "A is 'WVE9PQ=='");
}

TEST(Modifier, WildcardsAreNotEncoded) {
  EXPECT_EQ(
      item("A|contains|base64: foobar"),
      "1:20+6 bad-value: a value with wildcards cannot be encoded by 'base64'; put 'contains' behind it and escape "
      "wildcards that are meant as text (\\*)");
  EXPECT_EQ(item("A|base64offset|contains: a"),
            "1:26+1 bad-value: the value is too short for 'base64offset': nothing of it is the same at every position; "
            "give at least 3 characters");
}

TEST(Modifier, RegularExpressionsKeepTheirBackslashes) {
  EXPECT_EQ(item(R"(A|re: '\\[a-z]\.exe$')"), R"(A matches regex '\\[a-z]\.exe$')");
  EXPECT_EQ(item("A|re|i: 'x'"), "A matches regex 'x' (i)");
  EXPECT_EQ(item("A|re|i|m|s: 'x'"), "A matches regex 'x' (ims)");
  EXPECT_EQ(item("A|re|all: [x, y]"), "all(A matches regex 'x', A matches regex 'y')");
  EXPECT_EQ(item("A|re: 12"), "1:7+2 bad-regex: 're' takes text, and 12 is none: put it in quotes");
  EXPECT_EQ(
      item("A|re|ignorecase: 'x'"),
      "A matches regex 'x' (i)\n1:6+10 warning long-modifier: the modifier 'ignorecase' is not in the specification; "
      "write 'i'");
}

TEST(Modifier, WhatRe2CannotDoIsAnError) {
  EXPECT_EQ(item("A|re: '(?=x)'").substr(0, 17), "1:8+5 bad-regex: ");
  EXPECT_EQ(item("A|re: '('").substr(0, 17), "1:8+1 bad-regex: ");
}

TEST(Modifier, NetworksOfBothVersions) {
  EXPECT_EQ(item("A|cidr: 10.0.0.0/8"), "A is in 10.0.0.0/8");
  EXPECT_EQ(item("A|cidr: ['::1/128', 'fe80::/10']"), "any(A is in ::1/128, A is in fe80::/10)");
  EXPECT_EQ(item("A|cidr: 10.0.0/8").substr(0, 20), "1:9+8 bad-network: '");
}

TEST(Modifier, ComparisonsTakeNumbers) {
  EXPECT_EQ(item("A|lt: 5"), "A is below 5");
  EXPECT_EQ(item("A|lte: 5.5"), "A is at most 5.5");
  EXPECT_EQ(item("A|gt: -1"), "A is above -1");
  EXPECT_EQ(item("A|gte: 1e3"),
            "A is at least 1000\n1:8+3 warning rewritten-number: without quotes, 1e3 is the number "
            "1000; if events show it as written, quote it: '1e3'");
  EXPECT_EQ(item("A|gt: '5'"), "1:8+1 bad-value: 'gt' takes a number, and '5' is quoted text: drop the quotes");
  EXPECT_EQ(item("A|gt: x"), "1:7+1 bad-value: 'gt' takes a number, not 'x'");
}

TEST(Modifier, TimePartsTakeNumbersOfTheirRange) {
  EXPECT_EQ(item("A|hour: 22"), "A hour is 22");
  EXPECT_EQ(item("A|hour|gte: 22"), "A hour is at least 22");
  EXPECT_EQ(item("A|week|neq: [1, 53]"), "not(any(A week is 1, A week is 53))");
  EXPECT_EQ(item("A|minute: 0"), "A minute is 0");
  EXPECT_EQ(item("A|day|lt: 31"), "A day is below 31");
  EXPECT_EQ(item("A|month: 12"), "A month is 12");
  EXPECT_EQ(item("A|year: 2025"), "A year is 2025");
  EXPECT_EQ(item("A|hour: 24"), "1:9+2 bad-value: 'hour' goes from 0 to 23, so it is never 24");
  EXPECT_EQ(item("A|day: 1.5"), "1:8+3 bad-value: 'day' goes from 1 to 31, so it is never 1.5");
  EXPECT_EQ(item("A|gte|hour: 22"), "1:7+4 modifier-combination: 'hour' must stand before 'gte'; write 'hour|gte'");
}

TEST(Modifier, ExistsTakesABoolean) {
  EXPECT_EQ(item("A|exists: true"), "A exists");
  EXPECT_EQ(item("A|exists: false"), "A does not exist");
  EXPECT_EQ(item("A|exists: yes"), "A exists");
  EXPECT_EQ(item("A|exists: 'true'"), "1:12+4 bad-value: 'exists' takes true or false (without quotes), not 'true'");
  EXPECT_EQ(item("A|exists: 1"), "1:11+1 bad-value: 'exists' takes true or false (without quotes), not '1'");
}

TEST(Modifier, FieldReferencesCompareWithAnotherField) {
  EXPECT_EQ(item("A|fieldref: B"), "A equals field 'B'");
  EXPECT_EQ(item("A|fieldref|startswith: B"), "A starts with field 'B'");
  EXPECT_EQ(item("A|fieldref|endswith: B"), "A ends with field 'B'");
  EXPECT_EQ(item("A|fieldref|contains: B"), "A contains field 'B'");
  EXPECT_EQ(item("A|cased|fieldref: [B, C]"),
            "any(A equals field 'B', letter case included, A equals field 'C', letter case included)");
  EXPECT_EQ(item("A|fieldref: 'B*'"),
            "1:14+2 bad-value: 'fieldref' takes the name of a field, without wildcards, not 'B*'");
}

TEST(Modifier, PlaceholdersWaitForTheirValues) {
  EXPECT_EQ(item("A|expand: '%Servers%'"), "A is one of the values of '%Servers%'");
  EXPECT_EQ(item("A|contains|expand: 'x%a%y%b%'"), "A contains one of the values of 'x%a%y%b%'");
  EXPECT_EQ(item("A: '%Servers%'"), "A is '%Servers%'");
  EXPECT_EQ(item("A|expand: '50% of 100%x'"), "A is one of the values of '50% of 100%x'");
  EXPECT_EQ(item(R"(A|expand: '\%plain%name%')"), R"(A is one of the values of '\%plain%name%')");
  EXPECT_EQ(item(R"(A|expand: '\%plain\%')"), "A is '%plain%'");
  EXPECT_EQ(item(R"(A|expand: 'C:\\%name%')"), R"(A is one of the values of 'C:\\%name%')");
  EXPECT_EQ(item("A|expand: 5"), "A is '5'");
}

TEST(Modifier, UnknownModifiersGetAHint) {
  EXPECT_EQ(item("A|startwith: x"), "1:3+9 unknown-modifier: unknown modifier 'startwith'; did you mean 'startswith'?");
  EXPECT_EQ(item("A|Contains: x"), "1:3+8 unknown-modifier: unknown modifier 'Contains'; did you mean 'contains'?");
  EXPECT_EQ(item("A|: x"), "1:3+1 unknown-modifier: unknown modifier ''");
}

TEST(Modifier, SeveralMistakesAreReportedTogether) {
  EXPECT_EQ(item("A|contain|re: x\n    B|gt: x"),
            "1:3+7 unknown-modifier: unknown modifier 'contain'; did you mean 'contains'?\n"
            "2:7+1 bad-value: 'gt' takes a number, not 'x'");
}

TEST(Modifier, WhatDoesNotGoTogetherIsAnError) {
  const auto error = [](std::string_view place, std::string_view message) {
    return fmt::format("{} modifier-combination: {}", place, message);
  };
  EXPECT_EQ(item("A|re|contains: x"),
            error("1:6+8",
                  "the modifiers 're' and 'contains' do not go together; a regular expression is searched for "
                  "anywhere in the value: write anchors and classes in the pattern and drop 'contains'"));
  EXPECT_EQ(item("A|i: x"), error("1:3+1", "the modifier 'i' has no regular expression before it; write 're|i'"));
  EXPECT_EQ(item("A|i|re: x"), error("1:3+1", "the modifier 'i' has no regular expression before it; write 're|i'"));
  EXPECT_EQ(item("A|cidr|startswith: '::1'"),
            error("1:8+10",
                  "the modifiers 'cidr' and 'startswith' do not go together; a network stands alone: drop "
                  "'startswith'"));
  EXPECT_EQ(item("A|gt|lt: 5"), error("1:6+2",
                                      "the modifiers 'gt' and 'lt' do not go together; write one key for each "
                                      "comparison: 'field|gte: 1' and 'field|lt: 9'"));
  EXPECT_EQ(item("A|contains|contains: x"),
            error("1:12+8", "the modifier 'contains' stands twice; drop one of the two"));
  EXPECT_EQ(item("A|exists|all: true"), error("1:10+3",
                                              "the modifiers 'exists' and 'all' do not go together; 'exists' "
                                              "takes true or false and stands alone: drop 'all'"));
}

TEST(Modifier, NullTakesNoModifierAndStandsInNoList) {
  EXPECT_EQ(item("A: null"), "A is null");
  EXPECT_EQ(item("A:"), "A is null");
  EXPECT_EQ(item("A|contains: null"),
            "1:13+1 bad-value: 'contains' cannot be applied to null; null means that the field "
            "has no value; write '' for an empty text");
  EXPECT_EQ(item("A: ['', null]"),
            "1:9+1 null-in-list: null stands in a list of values; give 'Field: null' a selection of its own and "
            "join the two in the condition");
}

TEST(Modifier, MapsAndListsAreNoValues) {
  EXPECT_EQ(item("A: {B: x}"),
            "1:4+1 bad-value: a map cannot be a value of a field; name nested fields with dots: "
            "'parent.child: value'");
  EXPECT_EQ(item("A: [[x]]"),
            "1:5+1 bad-value: a list inside a list cannot be a value of a field; write one flat list");
  EXPECT_EQ(item("A: []"),
            "1:4+1 empty-list: the list of 'A' is empty; give it values; a field without value is written "
            "'null'");
}

TEST(Modifier, FieldNamesMayHoldOddCharacters) {
  EXPECT_EQ(item("'a b.c[0]-d/@x|contains': x"), "a b.c[0]-d/@x contains 'x'");
  EXPECT_EQ(item("Größe: x"), "Größe is 'x'");
}

TEST(Modifier, FieldsMayBeMissingForKeywordsOnly) {
  EXPECT_EQ(item("'|all': [x, y]"), "all(* contains 'x', * contains 'y')");
  EXPECT_EQ(item("'|re': 'x.y'"), "* matches regex 'x.y'");
  EXPECT_EQ(item("'|startswith': 'x'"), "* contains 'x'");
  EXPECT_EQ(item("'': x"),
            "1:2+1 empty-field: the name of the field is empty; for keywords write a list without a name");
  EXPECT_EQ(item("'|exists': true"), "1:3+6 modifier-combination: 'exists' needs a field; write 'FieldName|exists'");
}

TEST(Placeholder, PartsAreTextAndNames) {
  const auto parts = [](std::string_view text) {
    std::string out;
    for (const PlaceholderPart& part : split_placeholders(text)) {
      out += fmt::format("{}({})", part.is_placeholder ? "name" : "text", part.text);
    }
    return out;
  };
  EXPECT_EQ(parts("%a%"), "name(a)");
  EXPECT_EQ(parts("x%a%%b%y"), "text(x)name(a)name(b)text(y)");
  EXPECT_EQ(parts("100%"), "text(100%)");
  EXPECT_EQ(parts("%%"), "text(%%)");
  EXPECT_EQ(parts(R"(\%a%b%)"), R"(text(\%a)name(b))");
  EXPECT_EQ(parts(R"(\\%a%)"), R"(text(\\)name(a))");
}

TEST(Placeholder, FilledTextGetsWhatWasLeftToDo) {
  const auto fill = [](std::string_view line, std::string_view filled) {
    const std::string rule =
        fmt::format("title: T\nlogsource: {{product: w}}\ndetection:\n  condition: s\n  s:\n    {}\n", line);
    const ParsedFile file = parse_file("r.yml", rule);
    const auto& test = std::get<PlaceholderTest>(file.rules.front().condition.leaf->test);
    const Result<std::vector<ValueTest>> tests = fill_placeholder(test, filled);
    return tests ? std::to_string(tests->size()) + ":" + std::to_string(tests->front().index()) : tests.error().message;
  };
  EXPECT_EQ(fill("A|contains|expand: '%a%'", "x"), "1:0");
  EXPECT_EQ(fill("A|expand|base64offset|contains: '%a%'", "foobar"), "3:0");
  EXPECT_EQ(fill("A|re|expand: '%a%'", "x.*"), "1:1");
  EXPECT_EQ(fill("A|cidr|expand: '%a%'", "10.0.0.0/8"), "1:2");
  EXPECT_EQ(fill("A|expand|gt: '%a%'", "10"), "1:3");
}

}  // namespace
}  // namespace weir::sigma
