#include "sigma/condition.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::sigma {
namespace {

// Selections as they are named, their own trees left out.
std::string print(const Expr& expr) {
  if (expr.kind == ExprKind::leaf) return expr.label;
  std::string out = expr.kind == ExprKind::all_of ? "and(" : expr.kind == ExprKind::any_of ? "or(" : "not(";
  for (const Expr& child : expr.children) {
    if (&child != &expr.children.front()) out += ' ';
    out += print(child);
  }
  return out + ")";
}

std::string parse(std::string_view text,
                  const std::vector<std::string>& names = {"sel", "filter_a", "filter_b", "_hidden"}) {
  std::vector<Selection> selections;
  for (const std::string& name : names) {
    Expr leaf;
    leaf.kind = ExprKind::leaf;
    leaf.label = name;
    selections.push_back({name, leaf, false});
  }
  ParsedCondition parsed = parse_condition(text, selections);
  if (parsed.problems.empty()) return print(parsed.expr);
  std::string out;
  for (const ConditionProblem& problem : parsed.problems) {
    out += fmt::format("{}{}+{} {}: {}", out.empty() ? "" : "\n", problem.offset, problem.size, problem.code,
                       problem.message);
    if (!problem.hint.empty()) out += "; " + problem.hint;
  }
  return out;
}

TEST(Condition, PrecedenceIsOrAndNot) {
  EXPECT_EQ(parse("a or b and not c", {"a", "b", "c"}), "or(a and(b not(c)))");
  EXPECT_EQ(parse("(a or b) and not c", {"a", "b", "c"}), "and(or(a b) not(c))");
  EXPECT_EQ(parse("not a and b", {"a", "b"}), "and(not(a) b)");
  EXPECT_EQ(parse("not (a and b)", {"a", "b"}), "not(and(a b))");
  EXPECT_EQ(parse("not not a", {"a"}), "not(not(a))");
  EXPECT_EQ(parse("a and b and c or d", {"a", "b", "c", "d"}), "or(and(a b c) d)");
  EXPECT_EQ(parse("not 1 of filter_* and sel"), "and(not(or(filter_a filter_b)) sel)");
}

TEST(Condition, KeywordsIgnoreCase) {
  EXPECT_EQ(parse("sel AND NOT 1 OF filter_*"), "and(sel not(or(filter_a filter_b)))");
  EXPECT_EQ(parse("sel Or filter_a"), "or(sel filter_a)");
}

TEST(Condition, QuantifiersTakePatternsWithStarsAnywhere) {
  EXPECT_EQ(parse("1 of filter_*"), "or(filter_a filter_b)");
  EXPECT_EQ(parse("any of *_b"), "or(filter_b)");
  EXPECT_EQ(parse("all of *lt*_*"), "and(filter_a filter_b)");
  EXPECT_EQ(parse("all of f*r_*a"), "and(filter_a)");
  EXPECT_EQ(parse("1 of sel"), "or(sel)");
  EXPECT_EQ(parse("1 of *"), "or(sel filter_a filter_b)");
}

TEST(Condition, ThemLeavesOutHiddenSelections) {
  EXPECT_EQ(parse("all of them"), "and(sel filter_a filter_b)");
  EXPECT_EQ(parse("1 of THEM"), "or(sel filter_a filter_b)");
  EXPECT_EQ(parse("_hidden and 1 of _*"), "and(_hidden or(_hidden))");
}

TEST(Condition, NamesMayLookLikeWordsOfTheGrammar) {
  EXPECT_EQ(parse("notepad and oracle or android", {"notepad", "oracle", "android"}),
            "or(and(notepad oracle) android)");
  EXPECT_EQ(parse("all and any", {"all", "any"}), "and(all any)");
  EXPECT_EQ(parse("not", {"not"}), "not");
  EXPECT_EQ(parse("not not", {"not"}), "not(not)");
  EXPECT_EQ(parse("sel-1 and sel.2", {"sel-1", "sel.2"}), "and(sel-1 sel.2)");
  EXPECT_EQ(parse("1 and 2", {"1", "2"}), "and(1 2)");
}

TEST(Condition, UnknownSelectionsAreAllReportedWithHints) {
  EXPECT_EQ(parse("sle and not filter_c"),
            "0+3 unknown-selection: there is no selection 'sle'; did you mean 'sel'?\n"
            "12+8 unknown-selection: there is no selection 'filter_c'; did you mean 'filter_a'?");
  EXPECT_EQ(parse("something_else", {"a"}), "0+14 unknown-selection: there is no selection 'something_else'; known: a");
  EXPECT_EQ(parse("Sel"), "0+3 unknown-selection: there is no selection 'Sel'; did you mean 'sel'?");
}

TEST(Condition, PatternsMustFitSomething) {
  EXPECT_EQ(parse("sel and 1 of fliter_*"),
            "13+8 no-selection-fits: no selection fits '1 of fliter_*'; did you mean 'filter_a'?");
  EXPECT_EQ(parse("all of them", {"_a"}), "7+4 no-selection-fits: no selection fits 'all of them'; known: _a");
}

TEST(Condition, MistakesOfSyntaxHaveTheirPlace) {
  EXPECT_EQ(parse(""), "0+1 condition-syntax: the condition is empty; name a selection");
  EXPECT_EQ(parse("  "), "2+1 condition-syntax: the condition is empty; name a selection");
  EXPECT_EQ(parse("sel and"), "4+3 condition-syntax: something is missing after 'and'; name a selection behind it");
  EXPECT_EQ(parse("and sel"), "0+3 condition-syntax: a selection should stand before 'and'; name a selection");
  EXPECT_EQ(parse("sel or or filter_a"),
            "7+2 condition-syntax: a selection should stand before 'or'; name a selection");
  EXPECT_EQ(parse("sel filter_a"), "4+8 condition-syntax: 'and' or 'or' is missing before 'filter_a'");
  EXPECT_EQ(parse("sel adn filter_a"),
            "4+3 condition-syntax: 'and' or 'or' is missing before 'adn'; did you mean 'and'?");
  EXPECT_EQ(parse("(sel and filter_a"), "0+1 condition-syntax: this '(' is never closed; add ')'");
  EXPECT_EQ(parse("sel)"), "3+1 condition-syntax: this ')' closes nothing; remove it");
  EXPECT_EQ(parse("()"),
            "1+1 condition-syntax: a selection should stand before ')'; remove the ')' or name a selection");
  EXPECT_EQ(parse("2 of filter_*"),
            "0+1 condition-syntax: '2 of' does not exist; use '1 of', 'any of' or 'all of'; "
            "counting events is a correlation's task");
  EXPECT_EQ(
      parse("1 of"),
      "4+1 condition-syntax: after '1 of' stands the name of selections; write '1 of selection_*' or '1 of them'");
  EXPECT_EQ(
      parse("1 of (filter_*)"),
      "5+1 condition-syntax: after '1 of' stands the name of selections; write '1 of selection_*' or '1 of them'");
  EXPECT_EQ(
      parse("filter_*"),
      "0+8 unknown-selection: 'filter_*' stands for several selections; write '1 of filter_*' or 'all of filter_*'");
}

TEST(Condition, OperatorsOfOtherLanguagesAreTranslated) {
  EXPECT_EQ(parse("sel && filter_a"), "4+2 condition-syntax: '&&' is no operator of a condition; write 'and'");
  EXPECT_EQ(parse("sel || filter_a"), "4+2 condition-syntax: '||' is no operator of a condition; write 'or'");
  EXPECT_EQ(parse("! sel"), "0+1 condition-syntax: '!' is no operator of a condition; write 'not'");
}

TEST(Condition, AggregationsOfOldNameCorrelations) {
  EXPECT_EQ(
      parse("sel | count() by User > 5"),
      "4+21 aggregation: aggregations in a condition ('| count() …', '| near …') are no longer part of Sigma; write a "
      "correlation document that names this rule: 'correlation: {type: event_count, …}'");
}

TEST(Condition, DepthIsLimited) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "sel" + std::string(depth, ')'); };
  EXPECT_EQ(parse(nested(100)), "and(sel)");
  EXPECT_EQ(parse(nested(101)),
            "100+1 condition-too-deep: nested deeper than 100 levels; name parts of it as selections of their own");
  EXPECT_EQ(parse(nested(100'000)),
            "0+1 too-large: the condition has more than 65536 characters; use '1 of selection_*'");
  std::string nots;
  for (int i = 0; i < 10'000; ++i) nots += "not ";
  EXPECT_EQ(parse(nots + "sel").substr(0, 27), "400+3 condition-too-deep: n");
}

TEST(Condition, ExpansionIsLimited) {
  std::vector<Selection> selections(1);
  selections[0].name = "s";
  selections[0].expr.children.resize(10'000);
  std::string text = "s";
  for (int i = 0; i < 100; ++i) text += " or s";
  const ParsedCondition parsed = parse_condition(text, selections);
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_EQ(parsed.problems[0].message, "the condition stands for more than 500000 values");
}

TEST(Condition, LabelsNameSelectionsAndTheWhole) {
  std::vector<Selection> selections(2);
  selections[0] = {"a", {}, false};
  selections[0].expr.label = "a";
  selections[1] = {"b", {}, false};
  selections[1].expr.label = "b";
  const Expr both = parse_condition("a and b", selections).expr;
  EXPECT_EQ(both.label, "a and b");
  EXPECT_EQ(both.children[0].label, "a");
  const Expr bracketed = parse_condition("(a)", selections).expr;
  EXPECT_EQ(bracketed.label, "(a)");
  EXPECT_EQ(bracketed.children[0].label, "a");
  EXPECT_EQ(parse_condition("a", selections).expr.label, "a");
  EXPECT_TRUE(selections[1].used);
}

}  // namespace
}  // namespace weir::sigma
