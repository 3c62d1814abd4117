#include "sigma/rule_set.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/tree_text.h"

namespace weir::sigma {
namespace {

// Links files and prints rules ("name: tree"), correlations' titles and diagnostics.
std::string link_all(const std::vector<std::string>& texts, bool with_excerpts = false) {
  std::vector<ParsedFile> files;
  for (std::size_t i = 0; i < texts.size(); ++i) files.push_back(parse_file(fmt::format("{}.yml", i), texts[i]));
  const RuleSet set = link(std::move(files));
  std::string out;
  for (const Rule& rule : set.rules) {
    out += fmt::format("{} {}\n", rule.info->title, tree_text(rule.condition));
  }
  for (const Correlation& correlation : set.correlations)
    out += fmt::format("correlation {}\n", correlation.info->title);
  for (const Diagnostic& diagnostic : set.diagnostics) {
    const std::size_t file = static_cast<std::size_t>(diagnostic.path.front() - '0');
    out += render(diagnostic, with_excerpts ? texts[file] : "");
  }
  if (set.rules_failed != 0) out += fmt::format("failed {}\n", set.rules_failed);
  return out;
}

std::string uuid(char digit) {
  const std::string d(1, digit);
  std::string out = "00000000-0000-0000-0000-000000000000";
  for (char& c : out) c = c == '0' ? digit : c;
  return out;
}

std::string rule(char id, std::string_view logsource = "product: windows, category: process_creation") {
  return fmt::format(
      "title: R{0}\nname: rule_{0}\nid: {1}\nlogsource: {{{2}}}\ndetection: {{s: {{A: x}}, condition: s}}\n", id,
      uuid(id), logsource);
}

std::string filter(std::string_view rules, std::string_view condition = "not f",
                   std::string_view logsource = "product: windows") {
  return fmt::format(
      "title: F\nid: {}\nlogsource: {{{}}}\nfilter: {{rules: {}, f: {{U|startswith: adm_}}, condition: {}}}\n",
      uuid('f'), logsource, rules, condition);
}

std::string correlation(char id, std::string_view rules, std::string_view more = "") {
  return fmt::format(
      "title: C{}\nname: cor_{}\nid: {}\ncorrelation: {{type: event_count, rules: {}, group-by: [H], timespan: 5m, "
      "condition: {{gte: 5}}{}}}\n",
      id, id, uuid(id), rules, more);
}

TEST(RuleSet, DuplicateIdsKeepTheFirst) {
  EXPECT_EQ(link_all({rule('a'), rule('a')}),
            "Ra s: A is 'x'\n"
            "1.yml:3:5: error: another document has the id aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa\n"
            "   see 0.yml:3 ('Ra'); give each a UUID of its own\n"
            "failed 1\n");
}

TEST(RuleSet, FiltersSuppressHoweverTheyAreWritten) {
  EXPECT_EQ(link_all({rule('a'), rule('b'), filter("[rule_a]")}),
            "Ra (s) and (not f): all(s: A is 'x', not f: not(f: U starts with 'adm_'))\nRb s: A is 'x'\n");
  EXPECT_EQ(link_all({rule('a'), filter("[" + uuid('a') + "]", "f")}),
            "Ra (s) and not (f): all(s: A is 'x', not(f: U starts with 'adm_'))\n");
}

TEST(RuleSet, FiltersForAnyRuleGoByLogsource) {
  const std::string out =
      link_all({rule('a'), rule('b', "product: linux"), rule('c', "category: process_creation"), filter("any")});
  EXPECT_EQ(out,
            "Ra (s) and (not f): all(s: A is 'x', not f: not(f: U starts with 'adm_'))\n"
            "Rb s: A is 'x'\nRc s: A is 'x'\n");
  EXPECT_EQ(link_all({rule('a'), filter("[]")}), link_all({rule('a'), filter("any")}));
  EXPECT_EQ(link_all({rule('a'), filter("ANY")}), link_all({rule('a'), filter("any")}));
}

TEST(RuleSet, FiltersThatFitNothingAreWarnedOf) {
  EXPECT_EQ(link_all({rule('a'), filter("[rule_b]")}),
            "Ra s: A is 'x'\n"
            "1.yml:4:18: warning: the filter names 'rule_b', which is not loaded\n"
            "   did you mean 'rule_a'?\n");
  EXPECT_EQ(link_all({rule('a', "product: linux"), filter("[rule_a]")}),
            "Ra s: A is 'x'\n"
            "1.yml:4:18: warning: the filter fits no rule (logsource windows/*/*)\n"
            "   its 'rules' must name loaded rules whose logsource has at least the parts of the filter's\n");
  EXPECT_EQ(link_all({rule('a', "product: linux"), filter("any")}),
            "Ra s: A is 'x'\n"
            "1.yml:1:1: warning: the filter fits no rule (logsource windows/*/*)\n"
            "   its 'rules' must name loaded rules whose logsource has at least the parts of the filter's\n");
}

TEST(RuleSet, FiltersWithoutRulesAreForAllWithAWarning) {
  EXPECT_EQ(link_all({rule('a'), "title: F\nlogsource: {product: windows}\nfilter: {f: {B: y}, condition: not f}\n"}),
            "Ra (s) and (not f): all(s: A is 'x', not f: not(f: B is 'y'))\n"
            "1.yml:3:9: warning: the filter names no rules, so it is applied to all\n"
            "   list ids under 'rules', or write 'rules: any'\n");
}

TEST(RuleSet, FiltersHaveOneCondition) {
  EXPECT_EQ(link_all({filter("any", "[f]")}),
            "0.yml:4:58: error: a filter has one condition, not a list\n"
            "   join them with 'or'\n"
            "failed 1\n");
}

TEST(RuleSet, CorrelationsMayNameCorrelationsByIdOrName) {
  EXPECT_EQ(link_all({correlation('d', "[cor_c]"), correlation('c', "[" + uuid('A') + "]"), rule('a')}),
            "Ra s: A is 'x'\ncorrelation Cd\ncorrelation Cc\n");
}

TEST(RuleSet, CorrelationsWithUnknownRulesAreErrors) {
  EXPECT_EQ(link_all({rule('a'), correlation('c', "[rule_x]"), correlation('d', "[cor_c]")}),
            "Ra s: A is 'x'\n"
            "1.yml:4:42: error: the correlation names 'rule_x', which is not loaded or has errors\n"
            "   did you mean 'rule_a'?\n"
            "2.yml:4:42: error: the correlation builds on 'Cc', which cannot be used\n"
            "   correct that one first\n"
            "failed 2\n");
  EXPECT_NE(link_all({filter("any"), rule('a'), correlation('c', "[" + uuid('f') + "]")}).find("names the filter"),
            std::string::npos);
}

TEST(RuleSet, CyclesOfCorrelationsAreErrors) {
  EXPECT_EQ(link_all({correlation('c', "[cor_d]"), correlation('d', "[cor_c]"), correlation('e', "[cor_e]")}),
            "0.yml:4:42: error: the correlation builds on itself, perhaps through others\n"
            "   remove one of the references\n"
            "1.yml:4:42: error: the correlation builds on itself, perhaps through others\n"
            "   remove one of the references\n"
            "2.yml:4:42: error: the correlation builds on itself, perhaps through others\n"
            "   remove one of the references\n"
            "failed 3\n");
}

TEST(RuleSet, DuplicateNamesAreWarnedOf) {
  EXPECT_EQ(link_all({rule('a'), rule('b').replace(rule('b').find("rule_b"), 6, "rule_a")}),
            "Ra s: A is 'x'\nRb s: A is 'x'\n"
            "1.yml:2:7: warning: another document has the name 'rule_a'\n"
            "   see 0.yml:2; correlations that use the name mean that one\n");
}

TEST(RuleSet, CaretsStandUnderTheValueInQuestion) {
  const std::string twin =
      "title: B\nlogsource: {product: p}\ndetection: {s: {A: x}, condition: s}\n"
      "id:   'AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa'\n";
  EXPECT_EQ(link_all({rule('a'), twin}, true),
            "Ra s: A is 'x'\n"
            "1.yml:4:8: error: another document has the id AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa\n"
            "   id:   'AAAAAAAA-aaaa-aaaa-aaaa-aaaaaaaaaaaa'\n"
            "          ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~ see 0.yml:3 ('Ra'); give each a UUID of its own\n"
            "failed 1\n");
  const std::string listed =
      "title: C\ncorrelation:\n  type: event_count\n  rules:\n    - rule_a\n    - \"rule_b\"\n  group-by: H\n"
      "  timespan: 5m\n  condition: {gte: 5}\n";
  EXPECT_EQ(link_all({rule('a'), listed}, true),
            "Ra s: A is 'x'\n"
            "1.yml:6:8: error: the correlation names 'rule_b', which is not loaded or has errors\n"
            "   - \"rule_b\"\n"
            "      ^~~~~~ did you mean 'rule_a'?\n"
            "failed 1\n");
  const std::string in_a_filter =
      "title: F\nlogsource: {product: windows}\nfilter:\n  rules: rule_b\n  f: {A: x}\n  condition: f\n";
  EXPECT_EQ(link_all({rule('a'), in_a_filter}, true),
            "Ra s: A is 'x'\n"
            "1.yml:4:10: warning: the filter names 'rule_b', which is not loaded\n"
            "   rules: rule_b\n"
            "          ^~~~~~ did you mean 'rule_a'?\n");
}

TEST(RuleSet, RulesThatOnlyAConditionNamesAreFoundThere) {
  const std::string extended =
      "title: C\ncorrelation:\n  type: temporal\n  group-by: H\n  timespan: 5m\n"
      "  condition: rule_a and not (rule_a2 or\n    other)\n";
  EXPECT_EQ(link_all({rule('a'), extended}, true),
            "Ra s: A is 'x'\n"
            "1.yml:6:30: error: the correlation names 'rule_a2', which is not loaded or has errors\n"
            "   condition: rule_a and not (rule_a2 or\n"
            "                              ^~~~~~~ did you mean 'rule_a'?\n"
            "1.yml:7:5: error: the correlation names 'other', which is not loaded or has errors\n"
            "   other)\n"
            "   ^~~~~ load the file that holds it too, or correct the id or name\n"
            "failed 1\n");
}

TEST(RuleSet, WhatBuildsOnACycleIsNotInIt) {
  EXPECT_EQ(link_all({correlation('c', "[cor_d]"), correlation('d', "[cor_e, cor_c]"), correlation('e', "[rule_a]"),
                      correlation('f', "[cor_e, cor_c]"), rule('a')}),
            "Ra s: A is 'x'\n"
            "correlation Ce\n"
            "0.yml:4:42: error: the correlation builds on itself, perhaps through others\n"
            "   remove one of the references\n"
            "1.yml:4:49: error: the correlation builds on itself, perhaps through others\n"
            "   remove one of the references\n"
            "3.yml:4:49: error: the correlation builds on 'Cc', which cannot be used\n"
            "   correct that one first\n"
            "failed 3\n");
}

TEST(RuleSet, FailedDocumentsAreCounted) {
  EXPECT_EQ(link_all({rule('a'), "title: x\n---\ntitle: y\n", "a: [\n"}).find("failed 3\n") != std::string::npos, true);
}

}  // namespace
}  // namespace weir::sigma
