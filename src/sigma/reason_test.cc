#include "sigma/reason.h"

#include "sigma/test_rows.h"

namespace weir::sigma {
namespace {

// "field=value matched" of each reason.
std::vector<std::string> reasons_of(std::string_view detection, const Values& values) {
  const Expr condition = condition_of(detection);
  const Plan plan = plan_of({std::string(detection)});
  TestRows rows(plan.field_table());
  const event::Row& row = rows.add(values);
  const EventView view(plan.field_table(), rows.batch(), row);
  EXPECT_TRUE(holds(condition, view)) << detection;
  std::vector<std::string> found;
  for (const event::AlertReason& reason : reasons(condition, view)) {
    found.push_back(fmt::format("{}={} {}", reason.field, reason.value, reason.matched));
  }
  return found;
}

using Reasons = std::vector<std::string>;

TEST(Reasons, AllOfAnAndInTheOrderOfTheCondition) {
  EXPECT_EQ(reasons_of("{s: {B|contains: y, A|endswith: x}, t: {C: '*'}, condition: t and s}",
                       {{"A", "ax"}, {"B", "BYB"}, {"C", "c"}}),
            (Reasons{"C=c has any value", "B=BYB contains 'y'", "A=ax ends with 'x'"}));
}

TEST(Reasons, FirstThatHoldsOfAnOr) {
  EXPECT_EQ(reasons_of("{s: {A|contains: [p, q, r]}, condition: s}", {{"A", "rq"}}), Reasons{"A=rq contains 'q'"});
  EXPECT_EQ(reasons_of("{s: {A: x, B: y}, t: {C: z}, condition: s or t}", {{"A", "x"}, {"B", "-"}, {"C", "z"}}),
            Reasons{"C=z is 'z'"});
}

TEST(Reasons, NegationsGiveNone) {
  EXPECT_EQ(reasons_of("{s: {A: x}, t: {B: y}, condition: s and not t}", {{"A", "x"}, {"B", "-"}}),
            Reasons{"A=x is 'x'"});
  EXPECT_EQ(reasons_of("{s: {A: x}, condition: not s}", {}), Reasons{});
}

TEST(Reasons, ShowTheValueThatPassed) {
  EXPECT_EQ(reasons_of("{s: {A|contains: x}, condition: s}", {{"A", "-"}, {"A", "1x"}, {"A", "2x"}}),
            Reasons{"A=1x contains 'x'"});
  EXPECT_EQ(reasons_of("{s: [word], condition: s}", {{"A", "-"}, {"B", "some words"}}),
            Reasons{"=some words contains 'word'"});
}

TEST(Reasons, AbsentAndNullShowNoValue) {
  EXPECT_EQ(reasons_of("{s: {A: null}, condition: s}", {}), Reasons{"A= is null"});
  EXPECT_EQ(reasons_of("{s: {A: null}, condition: s}", {{"A", "", ValueKind::null}}), Reasons{"A= is null"});
}

TEST(Reasons, SameReasonIsGivenOnce) {
  EXPECT_EQ(reasons_of("{s: {A: x}, t: {A: x, B: y}, condition: s and t}", {{"A", "x"}, {"B", "y"}}),
            (Reasons{"A=x is 'x'", "B=y is 'y'"}));
}

TEST(Reasons, AreEightAtMost) {
  std::string items;
  Values values;
  for (int i = 0; i < 12; ++i) {
    items += fmt::format("F{}: x, ", i);
    values.push_back({fmt::format("F{}", i), "x"});
  }
  const Reasons found = reasons_of(fmt::format("{{s: {{{}}}, condition: s}}", items), values);
  ASSERT_EQ(found.size(), kReasonsMax);
  EXPECT_EQ(found.back(), "F7=x is 'x'");
}

TEST(Reasons, LongValuesAreCutAtTheEndOfACharacter) {
  const auto shown = [](const std::string& value) { return reasons_of("{s: {A: '*'}, condition: s}", {{"A", value}}); };
  const std::string full(kReasonValueMax, 'x');
  EXPECT_EQ(shown(full), Reasons{fmt::format("A={} has any value", full)});
  EXPECT_EQ(shown(full + "y"), Reasons{fmt::format("A={}… has any value", full)});
  const std::string nearly(kReasonValueMax - 1, 'x');
  EXPECT_EQ(shown(nearly + "日本"), Reasons{fmt::format("A={}… has any value", nearly)});
}

}  // namespace
}  // namespace weir::sigma
