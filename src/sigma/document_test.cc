#include "sigma/document.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/tree_text.h"

namespace weir::sigma {
namespace {

// Trees of the rules, then the rendered diagnostics.
std::string read(std::string_view text) {
  const ParsedFile file = parse_file("r.yml", text);
  std::string out;
  for (const Rule& rule : file.rules) out += tree_text(rule.condition) + "\n";
  for (const Diagnostic& diagnostic : file.diagnostics) out += render(diagnostic, text);
  return out;
}

// The detection's lines, indented by two blanks, in a rule that is right otherwise.
std::string detect(std::string_view lines) {
  return read(fmt::format("title: T\nlogsource: {{category: c}}\ndetection:\n{}", lines));
}

// A rule that is right, with further lines.
std::string with(std::string_view lines) {
  return read(fmt::format("title: T\nlogsource: {{category: c}}\ndetection: {{s: {{A: x}}, condition: s}}\n{}", lines));
}

constexpr std::string_view kFine = "s: A is 'x'\n";

TEST(Document, MapsAreAndListsAreOr) {
  EXPECT_EQ(detect("  s:\n    A: x\n    B: [y, z]\n  condition: s\n"), "s: all(A is 'x', any(B is 'y', B is 'z'))\n");
  EXPECT_EQ(detect("  s:\n    - A: x\n      B: y\n    - C: z\n  condition: s\n"),
            "s: any(all(A is 'x', B is 'y'), C is 'z')\n");
}

TEST(Document, ListsWithoutFieldAreKeywords) {
  EXPECT_EQ(detect("  s: [x, 5]\n  condition: s\n"), "s: any(* contains 'x', * contains '5')\n");
  EXPECT_EQ(detect("  s: x\n  condition: s\n"), "s: * contains 'x'\n");
  EXPECT_EQ(detect("  s:\n    - 'x*y'\n    - A: z\n  condition: s\n"), "s: any(* fits '*x*y*', A is 'z')\n");
  EXPECT_EQ(detect("  s:\n    '|all': [x, y]\n  condition: s\n"), "s: all(* contains 'x', * contains 'y')\n");
}

TEST(Document, ConditionsInAListAreOr) {
  EXPECT_EQ(detect("  a: {A: x}\n  b: {B: y}\n  condition: [a, not b]\n"),
            "(a) or (not b): any(a: A is 'x', not b: not(b: B is 'y'))\n");
  EXPECT_EQ(detect("  a: {A: x}\n  condition: [a]\n"), "a: A is 'x'\n");
}

TEST(Document, PlacesInsideConditionsAreExact) {
  EXPECT_EQ(detect("  selection: {A: x}\n  condition: selection and not selektion\n"),
            "r.yml:5:32: error: there is no selection 'selektion'\n"
            "   condition: selection and not selektion\n"
            "                                ^~~~~~~~~ did you mean 'selection'?\n");
  EXPECT_EQ(detect("  selection: {A: x}\n  condition: >\n    selection and\n    not selektion\n"),
            "r.yml:7:9: error: there is no selection 'selektion'\n"
            "   not selektion\n"
            "       ^~~~~~~~~ did you mean 'selection'?\n");
  EXPECT_EQ(detect("  selection: {A: x}\n  condition:\n    - selection\n    - 'selection or (x'\n"),
            "r.yml:7:21: error: this '(' is never closed\n"
            "   - 'selection or (x'\n"
            "                   ^ add ')'\n"
            "r.yml:7:22: error: there is no selection 'x'\n"
            "   - 'selection or (x'\n"
            "                    ^ known: selection\n");
}

TEST(Document, SelectionsThatNoConditionUsesAreWarnedOf) {
  EXPECT_EQ(detect("  s: {A: x}\n  unused: {B: y}\n  condition: s\n"),
            "s: A is 'x'\n"
            "r.yml:5:3: warning: the condition does not use 'unused'\n"
            "   unused: {B: y}\n"
            "   ^~~~~~ name it in the condition or remove it\n");
}

TEST(Document, EmptySelectionsAreErrors) {
  EXPECT_EQ(detect("  s:\n  t: {}\n  u: []\n  condition: 1 of them\n"),
            "r.yml:4:5: error: the selection 's' is empty\n"
            "   s:\n"
            "     ^ give it fields and values, or remove it\n"
            "r.yml:5:6: error: the selection 't' is empty\n"
            "   t: {}\n"
            "      ^ give it fields and values, or remove it\n"
            "r.yml:6:6: error: the selection 'u' is empty\n"
            "   u: []\n"
            "      ^ give it fields and values, or remove it\n");
}

TEST(Document, MissingPartsPointAtWhatWasProbablyMeant) {
  EXPECT_EQ(read("title: T\nlogsouce:\n  product: windows\ndetectoin:\n  s: {A: x}\n  conditon: s\n"),
            "r.yml:2:1: error: the document has no 'logsource'\n"
            "   logsouce:\n"
            "   ^~~~~~~~ did you mean 'logsource'?\n"
            "r.yml:4:1: error: the document has no 'detection'\n"
            "   detectoin:\n"
            "   ^~~~~~~~~ did you mean 'detection'?\n");
  EXPECT_EQ(detect("  s: {A: x}\n  conditon: s\n"),
            "r.yml:5:3: error: 'detection' has no 'condition'\n"
            "   conditon: s\n"
            "   ^~~~~~~~ did you mean 'condition'?\n");
  EXPECT_EQ(read("title: T\n"),
            "r.yml:1:1: error: the document has no 'logsource'\n"
            "   title: T\n"
            "   ^ add 'logsource:'\n"
            "r.yml:1:1: error: the document has no 'detection'\n"
            "   title: T\n"
            "   ^ add 'detection:'\n");
}

TEST(Document, LogsourcesNameAtLeastOnePart) {
  EXPECT_EQ(read("title: T\nlogsource: {definition: d}\ndetection: {s: {A: x}, condition: s}\n"),
            "r.yml:2:1: error: the logsource names no category, product or service\n"
            "   logsource: {definition: d}\n"
            "   ^~~~~~~~~ name at least one of them\n");
  EXPECT_EQ(read("title: T\nlogsource: windows\ndetection: {s: {A: x}, condition: s}\n"),
            "r.yml:2:12: error: 'logsource' must be a map\n"
            "   logsource: windows\n"
            "              ^~~~~~~ write 'category:', 'product:' or 'service:' under it\n");
  EXPECT_EQ(read("title: T\nlogsource: {product: p, catgory: c}\ndetection: {s: {A: x}, condition: s}\n"),
            std::string(kFine) +
                "r.yml:2:25: warning: unknown key 'catgory'\n"
                "   logsource: {product: p, catgory: c}\n"
                "                           ^~~~~~~ did you mean 'category'?\n");
  const ParsedFile file = parse_file("r.yml",
                                     "title: T\nlogsource: {product: p, category: c, service: s, more: 1}\n"
                                     "detection: {s: {A: x}, condition: s}\n");
  EXPECT_EQ(file.rules.front().logsource, (event::LogsourceSelector{"p", "c", "s"}));
}

TEST(Document, StatusAndLevelComeFromTheirLists) {
  EXPECT_EQ(with("status: test\nlevel: high\n"), kFine);
  EXPECT_EQ(with("status: tested\nlevel: High\n"),
            "r.yml:4:9: error: 'tested' is no status\n"
            "   status: tested\n"
            "           ^~~~~~ did you mean 'test'?\n"
            "r.yml:5:8: error: 'High' is no level\n"
            "   level: High\n"
            "          ^~~~ did you mean 'high'?\n");
  EXPECT_EQ(with("level: severe\n"),
            "r.yml:4:8: error: 'severe' is no level\n"
            "   level: severe\n"
            "          ^~~~~~ one of informational, low, medium, high, critical\n");
}

TEST(Document, FormsOfMetadataAreWarnings) {
  EXPECT_EQ(with("id: abc\ndate: 2024/01/02\nmodified: 2023-02-29\ntags: [attack.T1059, x]\n"),
            std::string(kFine) +
                "r.yml:4:5: warning: the id 'abc' is no UUID\n"
                "   id: abc\n"
                "       ^~~ make one: 8-4-4-4-12 hexadecimal digits, such as 929a690e-bef0-4204-a928-ef5e620d6fcc\n"
                "r.yml:5:7: warning: '2024/01/02' is no date of the form YYYY-MM-DD\n"
                "   date: 2024/01/02\n"
                "         ^~~~~~~~~~ write 2024-01-02\n"
                "r.yml:6:11: warning: '2023-02-29' is no date of the form YYYY-MM-DD\n"
                "   modified: 2023-02-29\n"
                "             ^~~~~~~~~~\n"
                "r.yml:7:8: warning: 'attack.T1059' is no tag of the form namespace.name\n"
                "   tags: [attack.T1059, x]\n"
                "          ^~~~~~~~~~~~ write 'attack.t1059'\n"
                "r.yml:7:22: warning: 'x' is no tag of the form namespace.name\n"
                "   tags: [attack.T1059, x]\n"
                "                        ^ lower-case letters, digits, '_' and '-', with a dot behind the namespace\n");
}

TEST(Document, RelatedRulesHaveAnIdAndAKnownType) {
  EXPECT_EQ(with("related:\n  - {id: a, type: derived}\n  - {id: b, type: derive}\n  - {id: c}\n"),
            std::string(kFine) +
                "r.yml:6:19: warning: 'derive' is no type of relation\n"
                "   - {id: b, type: derive}\n"
                "                   ^~~~~~ did you mean 'derived'?\n"
                "r.yml:7:5: warning: a related rule needs id and type\n"
                "   - {id: c}\n"
                "     ^\n");
}

TEST(Document, OwnKeysAreFineUnlessNearToKnownOnes) {
  EXPECT_EQ(with("ruletype: Hayabusa\nmy_key: {a: 1}\ndata: x\n"), kFine);
  EXPECT_EQ(with("falsepositive: [none]\nLevel: high\n"), std::string(kFine) +
                                                              "r.yml:4:1: warning: unknown key 'falsepositive'\n"
                                                              "   falsepositive: [none]\n"
                                                              "   ^~~~~~~~~~~~~ did you mean 'falsepositives'?\n"
                                                              "r.yml:5:1: warning: unknown key 'Level'\n"
                                                              "   Level: high\n"
                                                              "   ^~~~~ did you mean 'level'?\n");
}

TEST(Document, MetadataIsKept) {
  const ParsedFile file = parse_file("dir/r.yml", R"(title: T
id: 929A690e-bef0-4204-a928-ef5e620d6fcc
name: n
status: test
description: |
    d
author: [A, B]
date: 2024-01-02
license: MIT
taxonomy: ecs
level: critical
tags: [attack.t1059]
references: https://example.org
fields: [F, G]
falsepositives: [none, some]
related: [{id: i, type: similar}]
logsource: {product: windows}
detection: {s: {A: x}, condition: s}
)");
  ASSERT_EQ(file.rules.size(), 1u);
  EXPECT_TRUE(file.diagnostics.empty());
  const RuleInfo& info = *file.rules.front().info;
  EXPECT_EQ(info.title, "T");
  EXPECT_EQ(info.id, "929A690e-bef0-4204-a928-ef5e620d6fcc");
  EXPECT_EQ(info.name, "n");
  EXPECT_EQ(info.status, "test");
  EXPECT_EQ(info.description, "d\n");
  EXPECT_EQ(info.author, "A, B");
  EXPECT_EQ(info.date, "2024-01-02");
  EXPECT_EQ(info.modified, "2024-01-02");
  EXPECT_EQ(info.license, "MIT");
  EXPECT_EQ(info.taxonomy, "ecs");
  EXPECT_EQ(info.level, Level::critical);
  EXPECT_EQ(info.tags, std::vector<std::string>{"attack.t1059"});
  EXPECT_EQ(info.references, std::vector<std::string>{"https://example.org"});
  EXPECT_EQ(info.fields, (std::vector<std::string>{"F", "G"}));
  EXPECT_EQ(info.falsepositives, (std::vector<std::string>{"none", "some"}));
  ASSERT_EQ(info.related.size(), 1u);
  EXPECT_EQ(info.related.front().type, "similar");
  EXPECT_EQ(info.path, "dir/r.yml");
}

TEST(Document, EmptyKeysAreAsGoodAsAbsent) {
  EXPECT_EQ(with("tags:\nreferences:\nlevel:\nfalsepositives:\nid:\n"), kFine);
}

TEST(Document, AMissingIdIsMadeFromPathAndTitle) {
  const auto id = [](std::string_view path, std::string_view title) {
    return parse_file(
               path,
               fmt::format("title: {}\nlogsource: {{category: c}}\ndetection: {{s: {{A: x}}, condition: s}}\n", title))
        .rules.front()
        .info->id;
  };
  EXPECT_EQ(id("a.yml", "T"), id("a.yml", "T"));
  EXPECT_NE(id("a.yml", "T"), id("b.yml", "T"));
  EXPECT_NE(id("a.yml", "T"), id("a.yml", "U"));
  EXPECT_EQ(id("a.yml", "T").size(), 36u);
  EXPECT_EQ(id("a.yml", "T")[14], '8');
}

TEST(Document, MalformedYamlIsAnErrorWithItsPlace) {
  EXPECT_EQ(
      read("title: 'T\n"),
      "r.yml:2:1: error: found unexpected end of stream (while scanning a quoted scalar, which begins in line 1)\n");
  EXPECT_EQ(parse_file("r.yml", "title: 'T\n").failed, 1u);
}

TEST(Document, WhatIsNoMapIsNoRule) {
  EXPECT_EQ(read("- a\n"),
            "r.yml:1:1: error: a document must be a map with title, logsource and detection\n   - a\n   ^\n");
  EXPECT_EQ(read(""), "r.yml:1:1: warning: the file holds no document\n");
  EXPECT_EQ(read("# only a comment\n"), "r.yml:1:1: warning: the file holds no document\n   # only a comment\n   ^\n");
}

TEST(Document, YamlOfAnotherKindIsToldOnce) {
  EXPECT_EQ(read("id: 1\ndescription: A list\nitems: [a]\n"),
            "r.yml:1:1: error: this is no rule: it has no title, logsource or detection\n"
            "   id: 1\n"
            "   ^ name only folders and files of rules, or move it\n");
}

TEST(Document, FilesMayHoldManyDocuments) {
  EXPECT_EQ(read("title: T\nlogsource: {category: c}\ndetection: {s: {A: x}, condition: s}\n---\n"
                 "title: U\nlogsource: {category: c}\ndetection: {s: {A: y}, condition: t}\n---\n"
                 "title: V\nlogsource: {category: c}\ndetection: {s: {A: z}, condition: s}\n---\n"),
            "s: A is 'x'\ns: A is 'z'\n"
            "r.yml:7:35: error: there is no selection 't'\n"
            "   detection: {s: {A: y}, condition: t}\n"
            "                                     ^ known: s\n");
}

TEST(Document, GlobalPartsArePutIntoFollowingDocuments) {
  EXPECT_EQ(read("action: global\ntitle: T\nlogsource: {category: c}\ndetection: {condition: s}\n---\n"
                 "detection: {s: {A: x}}\n---\n"
                 "detection: {s: {B: y}}\n---\n"
                 "action: reset\n---\n"
                 "title: U\nlogsource: {category: c}\ndetection: {s: {C: z}, condition: s}\n"),
            "s: A is 'x'\ns: B is 'y'\ns: C is 'z'\n");
}

TEST(Document, RepeatChangesTheDocumentBefore) {
  EXPECT_EQ(read("title: T\nlogsource: {category: c}\ndetection: {s: {A: x}, condition: s}\n---\n"
                 "action: repeat\ndetection: {s: {B: y}}\n"),
            "s: A is 'x'\ns: all(A is 'x', B is 'y')\n");
  EXPECT_EQ(read("action: repeat\n"),
            "r.yml:1:9: error: 'repeat' has no document before it\n"
            "   action: repeat\n"
            "           ^~~~~~ put the first rule before it\n");
}

TEST(Document, GlobalPartsCannotMultiplyWithoutLimit) {
  std::string text = "action: global\ntitle: T\nlogsource: {category: c}\ndetection:\n  condition: s\n  s:\n    A:\n";
  for (int i = 0; i < 50'000; ++i) text += "      - x\n";
  for (int i = 0; i < 30; ++i) text += "---\nid: a\n";
  const ParsedFile file = parse_file("r.yml", text);
  EXPECT_LT(file.rules.size(), 25u);
  EXPECT_GT(file.failed, 5u);
}

TEST(Document, TimeframesOfAggregationsAreWarnedOf) {
  EXPECT_EQ(detect("  s: {A: x}\n  timeframe: 5m\n  condition: s\n"),
            "s: A is 'x'\n"
            "r.yml:5:3: warning: 'timeframe' belongs to aggregations, which Sigma no longer has\n"
            "   timeframe: 5m\n"
            "   ^~~~~~~~~ write a correlation document with 'timespan'\n");
}

TEST(Document, HugeInputsEndInErrors) {
  std::string text = "title: T\nlogsource: {category: c}\ndetection:\n  condition: s\n  s:\n    A|windash:\n";
  for (int i = 0; i < 500; ++i) text += fmt::format("      - '-a -b -c -d -e {}'\n", i);
  const ParsedFile file = parse_file("r.yml", text);
  ASSERT_EQ(file.diagnostics.size(), 1u);
  EXPECT_EQ(file.diagnostics.front().message, "the detection has more than 100000 values");
}

// The first diagnostic of a file, as a person sees it.
std::string first_shown(std::string_view text) {
  const ParsedFile file = parse_file("r.yml", text);
  return file.diagnostics.empty() ? "" : render(file.diagnostics.front(), text);
}

TEST(Document, YamlErrorsSayWhatTheyMostlyComeFrom) {
  EXPECT_EQ(first_shown("title: T\nlogsource:\n\tproduct: windows\n"),
            "r.yml:3:1: error: found character that cannot start any token (while scanning for the next token, which "
            "begins in line 3)\n"
            "    product: windows\n"
            "   ^ indent with blanks: YAML does not allow tabs there\n");
  EXPECT_EQ(first_shown("title: T\ndetection:\n  s:\n    A: *.exe\n"),
            "r.yml:4:9: error: did not find expected alphabetic or numeric character (while scanning an alias, which "
            "begins in line 4)\n"
            "   A: *.exe\n"
            "       ^ put a value that begins with '*' in quotes\n");
  EXPECT_EQ(first_shown("title: T: what\n"),
            "r.yml:1:9: error: mapping values are not allowed in this context\n"
            "   title: T: what\n"
            "           ^ put a text that holds ': ' in quotes\n");
  EXPECT_EQ(first_shown("title: \"C:\\Windows\"\n").substr(0, 40).find("r.yml:1:"), 0u);
  EXPECT_NE(first_shown("title: \xFC\n").find("save the file as UTF-8"), std::string::npos);
  EXPECT_NE(first_shown("title: \x01\n").find("is this a text file?"), std::string::npos);
}

TEST(Document, NullIsNoKeyword) {
  EXPECT_EQ(detect("  s: [x, null]\n  condition: s\n"),
            "r.yml:4:10: error: null cannot be a keyword\n"
            "   s: [x, null]\n"
            "          ^ name the field: 'Field: null', or remove it\n");
}

TEST(Document, LookAroundHasAWayOut) {
  EXPECT_EQ(detect("  s: {A|re: '(?<!a)b'}\n  condition: s\n"),
            "r.yml:4:14: error: look-behind '(?<!' at character 1 of the regular expression '(?<!a)b' is not "
            "supported: every expression here takes linear time\n"
            "   s: {A|re: '(?<!a)b'}\n"
            "              ^~~~~~~ search for more, and take away what is too much with a selection under 'not'\n");
}

}  // namespace
}  // namespace weir::sigma
