#include "sigma/correlation.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/document.h"

namespace weir::sigma {
namespace {

std::string print(const Correlation& correlation) {
  std::string out = fmt::format("{} of", to_string(correlation.type));
  for (const Reference& rule : correlation.rules) out += " " + rule.text;
  out += fmt::format(" in {} s", correlation.timespan_seconds);
  for (const std::string& field : correlation.group_by) out += " by " + field;
  for (const Correlation::Condition& condition : correlation.conditions) {
    out += fmt::format(" {} {}", condition.comparison, condition.number.text());
  }
  for (const std::string& field : correlation.fields) out += " of " + field;
  if (!correlation.extended_condition.empty()) out += fmt::format(" if '{}'", correlation.extended_condition);
  if (correlation.percentile != Decimal()) out += fmt::format(" percentile {}", correlation.percentile.text());
  if (correlation.generate) out += " generate";
  for (const Correlation::Alias& alias : correlation.aliases) {
    out += fmt::format(" {}=", alias.name);
    for (const auto& [rule, field] : alias.fields) out += fmt::format("{}.{},", rule, field);
  }
  return out + "\n";
}

// The lines under `correlation`, indented by two blanks.
std::string read(std::string_view lines) {
  const std::string text = fmt::format("title: T\ncorrelation:\n{}", lines);
  const ParsedFile file = parse_file("c.yml", text);
  std::string out;
  for (const Correlation& correlation : file.correlations) out += print(correlation);
  for (const Diagnostic& diagnostic : file.diagnostics) out += render(diagnostic, text);
  return out;
}

// A correlation that is right but for what `lines` add.
std::string with(std::string_view type, std::string_view lines) {
  return read(fmt::format("  type: {}\n  rules: [a, b]\n  group-by: [F]\n  timespan: 5m\n{}", type, lines));
}

TEST(Correlation, CountsEventsAndValues) {
  EXPECT_EQ(with("event_count", "  condition: {gte: 100}\n"), "event_count of a b in 300 s by F gte 100\n");
  EXPECT_EQ(with("value_count", "  condition: {field: U, gt: 3}\n"), "value_count of a b in 300 s by F gt 3 of U\n");
  EXPECT_EQ(with("value_count", "  condition: {field: [U, V], gt: 3}\n"),
            "value_count of a b in 300 s by F gt 3 of U of V\n");
}

TEST(Correlation, CalculatesWithOneField) {
  EXPECT_EQ(with("value_sum", "  condition: {field: N, gt: 1000000}\n"),
            "value_sum of a b in 300 s by F gt 1000000 of N\n");
  EXPECT_EQ(with("value_avg", "  condition: {field: N, lt: 0.5}\n"), "value_avg of a b in 300 s by F lt 0.5 of N\n");
  EXPECT_EQ(with("value_median", "  condition: {field: N, eq: 5}\n"), "value_median of a b in 300 s by F eq 5 of N\n");
  EXPECT_EQ(with("value_percentile", "  condition: {field: N, gte: 9, percentile: 95}\n"),
            "value_percentile of a b in 300 s by F gte 9 of N percentile 95\n");
  EXPECT_EQ(with("value_sum", "  condition: {gt: 1}\n"),
            "c.yml:7:14: error: value_sum needs a field\n"
            "   condition: {gt: 1}\n"
            "              ^ add 'field: FieldName'\n");
  EXPECT_EQ(with("value_avg", "  condition: {gt: 1, field: [A, B]}\n"),
            "c.yml:7:22: error: value_avg calculates with one field\n"
            "   condition: {gt: 1, field: [A, B]}\n"
            "                      ^~~~~ name one; only value_count takes several\n");
  EXPECT_EQ(with("value_sum", "  condition: {field: N, gt: 1, percentile: 5}\n"),
            "c.yml:7:32: error: 'percentile' belongs to value_percentile\n"
            "   condition: {field: N, gt: 1, percentile: 5}\n"
            "                                ^~~~~~~~~~ remove it or change the type, which is value_sum\n");
  EXPECT_EQ(with("value_percentile", "  condition: {field: N, gt: 1, percentile: 101}\n"),
            "c.yml:7:44: error: 'percentile' is a number from 0 to 100\n"
            "   condition: {field: N, gt: 1, percentile: 101}\n"
            "                                            ^~~\n");
}

TEST(Correlation, TwoComparisonsBoundARange) {
  EXPECT_EQ(with("event_count", "  condition: {gt: 100, lte: 200}\n"),
            "event_count of a b in 300 s by F gt 100 lte 200\n");
  EXPECT_EQ(with("event_count", "  condition: {gt: 100, gte: 200}\n"),
            "c.yml:7:14: error: two comparisons must bound a range\n"
            "   condition: {gt: 100, gte: 200}\n"
            "              ^ one of gt, gte and one of lt, lte; for more, chain correlations\n");
  EXPECT_EQ(with("event_count", "  condition: {gt: 200, lt: 100}\n"),
            "c.yml:7:14: error: no number lies in the condition's range\n"
            "   condition: {gt: 200, lt: 100}\n"
            "              ^ gt 200 and lt 100 exclude each other\n");
  EXPECT_EQ(with("event_count", "  condition: {gte: 5, lte: 5}\n"), "event_count of a b in 300 s by F gte 5 lte 5\n");
}

TEST(Correlation, TemporalNeedsNoCondition) {
  EXPECT_EQ(with("temporal", ""), "temporal of a b in 300 s by F gte 2\n");
  EXPECT_EQ(with("temporal_ordered", "  condition: {gte: 1}\n"), "temporal_ordered of a b in 300 s by F gte 1\n");
}

TEST(Correlation, ExtendedConditionsSpeakOfRules) {
  EXPECT_EQ(with("temporal", "  condition: a and not b\n"), "temporal of a b in 300 s by F if 'a and not b'\n");
  EXPECT_EQ(read("  type: temporal\n  timespan: 1h\n  group-by: F\n  condition: (x or y) and not z\n"),
            "temporal of x y z in 3600 s by F if '(x or y) and not z'\n");
  EXPECT_EQ(with("temporal", "  condition: a and c\n"),
            "c.yml:7:20: error: 'c' is not among the correlation's rules\n"
            "   condition: a and c\n"
            "                    ^ known: a, b\n");
  EXPECT_EQ(with("temporal", "  condition: a\n"),
            "c.yml:7:14: error: the condition does not use the rule 'b'\n"
            "   condition: a\n"
            "              ^ name it in the condition or remove it from 'rules'\n");
  EXPECT_EQ(with("temporal", "  condition: a and (b\n"),
            "c.yml:7:20: error: this '(' is never closed\n"
            "   condition: a and (b\n"
            "                    ^ add ')'\n");
  EXPECT_EQ(with("event_count", "  condition: a and b\n"),
            "c.yml:7:14: error: the condition of event_count must be a map\n"
            "   condition: a and b\n"
            "              ^~~~~~~ write 'gte: 10' under it\n");
}

TEST(Correlation, AliasesMapRulesToFields) {
  EXPECT_EQ(
      read("  type: temporal\n  rules: [a, b]\n  timespan: 10s\n  group-by: [ip]\n  aliases:\n    ip:\n      a: src\n"
           "      b: dst\n"),
      "temporal of a b in 10 s by ip gte 2 ip=a.src,b.dst,\n");
  EXPECT_EQ(with("temporal", "  aliases:\n    ip: {c: src}\n    x: y\n"),
            "c.yml:8:5: warning: 'group-by' does not name the alias 'ip'\n"
            "   ip: {c: src}\n"
            "   ^~ add it there or remove it\n"
            "c.yml:8:10: error: 'c' is not among the correlation's rules\n"
            "   ip: {c: src}\n"
            "        ^\n"
            "c.yml:9:8: error: the alias 'x' must be a map of rules to fields\n"
            "   x: y\n"
            "      ^ write 'rule_name: FieldName' under it\n");
}

TEST(Correlation, TimespansAreNumbersWithAUnit) {
  EXPECT_EQ(parse_timespan("10s"), 10);
  EXPECT_EQ(parse_timespan("90m"), 5400);
  EXPECT_EQ(parse_timespan("24h"), 86'400);
  EXPECT_EQ(parse_timespan("7d"), 604'800);
  EXPECT_EQ(parse_timespan("1w"), 604'800);
  EXPECT_EQ(parse_timespan("1M"), 2'629'746);
  EXPECT_EQ(parse_timespan("1y"), 31'556'952);
  for (const std::string_view bad : {"", "5", "m", "0m", "-5m", "1.5h", "1h30", "5 m", "5H", "999y", "99999999999s"}) {
    EXPECT_EQ(parse_timespan(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(read("  type: temporal\n  rules: [a]\n  group-by: [F]\n  timespan: 1h30\n"),
            "c.yml:6:13: error: '1h30' is no timespan\n"
            "   timespan: 1h30\n"
            "             ^~~~ a whole number and s, m, h or d: '90m' for an hour and a half\n");
}

TEST(Correlation, MistakesAreReportedTogether) {
  EXPECT_EQ(read("  type: event_cuont\n  rule: [a]\n  timeframe: 5m\n  generate: maybe\n"),
            "c.yml:3:3: warning: without 'group-by' the events of all hosts and users count together\n"
            "   type: event_cuont\n"
            "   ^ name the fields that belong together\n"
            "c.yml:3:9: error: 'event_cuont' is no type of correlation\n"
            "   type: event_cuont\n"
            "         ^~~~~~~~~~~ did you mean 'event_count'?\n"
            "c.yml:4:3: error: 'correlation' has no 'rules'\n"
            "   rule: [a]\n"
            "   ^~~~ did you mean 'rules'?\n"
            "c.yml:5:3: error: 'correlation' has no 'timespan'\n"
            "   timeframe: 5m\n"
            "   ^~~~~~~~~ did you mean 'timespan'?\n"
            "c.yml:6:13: error: 'generate' is true or false\n"
            "   generate: maybe\n"
            "             ^~~~~ write it without quotes\n");
}

TEST(Correlation, ConditionsOfCountsAreMandatoryAndChecked) {
  EXPECT_EQ(with("event_count", ""),
            "c.yml:3:3: error: 'correlation' has no 'condition'\n"
            "   type: event_count\n"
            "   ^ add 'condition:'\n");
  EXPECT_EQ(with("event_count", "  condition: {get: 5}\n"),
            "c.yml:7:15: error: unknown comparison 'get'\n"
            "   condition: {get: 5}\n"
            "               ^~~ did you mean 'gt'?\n");
  EXPECT_EQ(with("event_count", "  condition: {gt: '5'}\n"),
            "c.yml:7:20: error: 'gt' takes a number\n"
            "   condition: {gt: '5'}\n"
            "                    ^ write it without quotes\n");
  EXPECT_EQ(with("event_count", "  condition: {}\n"),
            "c.yml:7:14: error: the condition compares nothing\n"
            "   condition: {}\n"
            "              ^ add one of gt, gte, lt, lte, eq, neq\n");
  EXPECT_EQ(with("event_count", "  condition: {gt: 5, field: F}\n"),
            "event_count of a b in 300 s by F gt 5 of F\n"
            "c.yml:7:22: warning: event_count counts events, so 'field' has no effect\n"
            "   condition: {gt: 5, field: F}\n"
            "                      ^~~~~ remove it, or use value_count\n");
}

TEST(Correlation, MustBeAMap) {
  const std::string text = "title: T\ncorrelation: x\n";
  const ParsedFile file = parse_file("c.yml", text);
  ASSERT_EQ(file.diagnostics.size(), 1u);
  EXPECT_EQ(file.diagnostics.front().message, "'correlation' must be a map");
  EXPECT_EQ(file.failed, 1u);
}

}  // namespace
}  // namespace weir::sigma
