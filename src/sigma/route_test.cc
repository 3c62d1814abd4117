#include "sigma/route.h"

#include <map>
#include <set>

#include "sigma/test_rows.h"
#include "sigma/verdict.h"
#include "sigma/witness.h"

namespace weir::sigma {
namespace {

std::string field_name(const Plan& plan, std::uint32_t field) {
  return field == kAnyField ? "keywords" : plan.field_table()[event::FieldId{field}].name;
}

std::string pinned(const std::vector<std::string>& detections) {
  const Plan plan = plan_of(detections);
  std::string out;
  for (const std::uint32_t field : make_group(plan, TestRows::windows(), false).pinned) {
    out += (out.empty() ? "" : " ") + field_name(plan, field);
  }
  return out;
}

// The route of events with this EventID (none: nothing is known): rules by their numbers, atoms by their fields.
// `seen`: in how many of 100 events that were studied the atoms of a field were seen; nothing was studied if it is
// empty.
std::string route(const std::vector<std::string>& detections, std::string_view event_id = {},
                  const std::map<std::string, std::uint32_t>& seen = {}) {
  const Plan plan = plan_of(detections);
  RuleGroup group = make_group(plan, TestRows::windows(), false);
  std::vector<Truth> known(plan.atoms().size(), Truth::maybe);
  group.pinned.clear();
  if (!event_id.empty()) {
    const std::uint32_t field = plan.field_table().find("EventID")->id.value;
    group.pinned = {field};
    FieldVerdicts verdicts(plan.fields()[field], true);
    const Verdict verdict = verdicts[verdicts.of_value(event_id, false)];
    for (const AtomId atom : plan.fields()[field].atoms) known[atom] = Truth::no;
    for (const AtomId atom : verdict.yes) known[atom] = Truth::yes;
    for (const AtomId atom : verdict.maybe) known[atom] = Truth::maybe;
  }
  Sightings sightings{100, {}, {}};
  for (AtomId atom = 0; atom < plan.atoms().size(); ++atom) {
    const std::uint32_t field = plan.atoms()[atom].field;
    sightings.fields[field] = 100;
    if (const auto it = seen.find(field_name(plan, field)); it != seen.end()) sightings.atoms[atom] = it->second;
  }
  const Route made = make_route(plan, group, group.pinned, known, seen.empty() ? nullptr : &sightings);
  std::vector<std::string> parts;
  for (const std::uint32_t rule : made.certain) parts.push_back(fmt::format("certain {}", rule));
  for (const Route::OpenRule& open : made.open) parts.push_back(fmt::format("open {}", open.rule));
  for (const std::uint32_t open : made.always) parts.push_back(fmt::format("always {}", made.open[open].rule));
  for (const auto& [atom, open] : made.waiting.all()) {
    const std::string field = field_name(plan, plan.atoms()[atom].field);
    parts.push_back(fmt::format("{} waits for {}", made.open[open].rule, field));
  }
  std::set<std::string> fields;
  for (const std::uint32_t field : made.fields) fields.insert(" " + field_name(plan, field));
  parts.push_back(fmt::format("looks at{}", fmt::join(fields, "")));
  return fmt::format("{}", fmt::join(parts, ", "));
}

TEST(RuleGroup, PinsTellingFieldsThatRulesDemandValuesOf) {
  EXPECT_EQ(pinned({"{s: {EventID: 1, A: x}, condition: s}"}), "EventID");
  EXPECT_EQ(pinned({"{s: {EventID: [1, 2]}, t: {A: x}, condition: s and not t}"}), "EventID");
  EXPECT_EQ(pinned({"{s: {Channel: x}, t: {eventName: y}, u: {EventID: 2}, condition: s and t and u}"}),
            "EventID Channel eventName");
}

TEST(RuleGroup, PinsNothingThatSplitsEventsBadly) {
  EXPECT_EQ(pinned({"{s: {Image: x}, condition: s}"}), "");                    // A field of many values.
  EXPECT_EQ(pinned({"{s: {EventID: '*'}, condition: s}"}), "");                // No certain value.
  EXPECT_EQ(pinned({"{s: {EventID|re: '^1$'}, condition: s}"}), "");           // Not decided with the value.
  EXPECT_EQ(pinned({"{s: {EventID: 1}, condition: not s}"}), "");              // Most events pass.
  EXPECT_EQ(pinned({"{s: {EventID: 1}, t: {A: x}, condition: s or t}"}), "");  // Others fire as well.
  EXPECT_EQ(pinned({"{s: [word], condition: s}"}), "");
}

TEST(RuleGroup, PinsAFieldThatATwentiethOfTheRulesDemands) {
  std::vector<std::string> rules = {"{s: {EventID: 1}, condition: s}"};
  while (rules.size() < 20) rules.push_back("{s: {A: x}, condition: s}");
  EXPECT_EQ(pinned(rules), "EventID");
  rules.push_back("{s: {A: x}, condition: s}");
  EXPECT_EQ(pinned(rules), "");
}

TEST(RuleGroup, PinsFourFieldsAtMost) {
  EXPECT_EQ(pinned({"{s: {EventID: 1, Channel: x, Provider_Name: x, eventName: x, eventSource: x}, condition: s}"}),
            "EventID Channel Provider_Name eventName");
}

TEST(RuleGroup, HoldsTheRulesThatSelectTheLogsource) {
  const Expr condition = condition_of("{s: {A: x}, condition: s}");
  const Plan plan(std::vector<Variant>{
      {0, {"windows", "", ""}, condition}, {1, {"linux", "", ""}, condition}, {2, {"", "", ""}, condition}});
  EXPECT_EQ(make_group(plan, TestRows::windows(), false).rules, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(make_group(plan, {}, false).rules, (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(make_group(plan, {}, true).rules, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Route, KnownFieldsDecideRulesOrLeaveThemOpen) {
  const std::vector<std::string> rules = {
      "{s: {EventID: 1}, condition: s}",
      "{s: {EventID: 1, A: x}, condition: s}",
      "{s: {EventID: 2}, condition: not s}",
      "{s: {EventID: 2}, t: {A: x}, condition: s or t}",
  };
  EXPECT_EQ(route(rules, "1"), "certain 0, certain 2, open 1, open 3, 1 waits for A, 3 waits for A, looks at A");
  EXPECT_EQ(route(rules, "2"), "certain 3, looks at");
  EXPECT_EQ(route(rules, "3"), "certain 2, open 3, 3 waits for A, looks at A");
  EXPECT_EQ(route({rules[1], rules[2]}), "open 0, open 1, always 1, 0 waits for EventID, looks at A EventID");
}

TEST(Route, MaybeOfAKnownFieldIsWaitedForButNotLookedAtAgain) {
  EXPECT_EQ(route({"{s: {EventID|re: '^4624x?'}, condition: s}"}, "4624"), "open 0, 0 waits for EventID, looks at");
  EXPECT_EQ(route({"{s: {EventID|re: '^4624x?'}, condition: s}"}, "4688"), "looks at");
}

TEST(Route, NegationsAreAlwaysTried) {
  EXPECT_EQ(route({"{s: {A: x}, condition: not s}"}), "open 0, always 0, looks at A");
  EXPECT_EQ(route({"{s: {A: x}, t: {B: y}, condition: s or not t}"}), "open 0, always 0, looks at A B");
  EXPECT_EQ(route({"{s: {A: x}, t: {B: y}, condition: not (s and t)}"}), "open 0, always 0, looks at A B");
  EXPECT_EQ(route({"{s: {A: x}, t: {EventID: 1}, condition: t and not s}"}, "1"), "open 0, always 0, looks at A");
}

TEST(Route, OneOfTheWitnessesMustBeSeen) {
  // The rarer of two that both must hold: what is longer, or equals.
  EXPECT_EQ(route({"{s: {A|contains: abc, B|contains: abcd}, condition: s}"}), "open 0, 0 waits for B, looks at A B");
  EXPECT_EQ(route({"{s: {A: abc, B|contains: abcd}, condition: s}"}), "open 0, 0 waits for A, looks at A B");
  EXPECT_EQ(route({"{s: {A|contains: abcdef}, t: {B: x}, condition: s and not t}"}),
            "open 0, 0 waits for A, looks at A B");
  // Each of two of which either will do.
  EXPECT_EQ(route({"{s: {A: x}, t: {B: y}, condition: s or t}"}), "open 0, 0 waits for A, 0 waits for B, looks at A B");
  EXPECT_EQ(route({"{s: {A: x}, t: {B: y}, condition: not (not s and not t)}"}),
            "open 0, 0 waits for A, 0 waits for B, looks at A B");
  EXPECT_EQ(route({"{s: {A: abc}, t: {B: '*'}, condition: not (not s or not t)}"}),
            "open 0, 0 waits for A, looks at A B");
}

TEST(Route, BranchesThatCannotHoldAreNeitherWaitedForNorLookedAt) {
  const std::vector<std::string> rule = {
      "{s: {EventID: 2, A: x}, t: {B: y}, u: {EventID: 1}, v: {C: z}, condition: s or t or not (u or v)}"};
  EXPECT_EQ(route(rule, "1"), "open 0, 0 waits for B, looks at B");
  EXPECT_EQ(route(rule, "2"), "open 0, always 0, looks at A B C");
}

TEST(Route, KeywordsLookAtAllValues) {
  EXPECT_EQ(route({"{s: [word], condition: s}"}), "open 0, 0 waits for keywords, looks at keywords");
  EXPECT_EQ(route({"{s: [word], t: {EventID: 1}, condition: s and t}"}, "2"), "looks at");
}

TEST(Route, RulesWaitForWhatIsSeldomSeen) {
  const std::vector<std::string> rule = {"{s: {A: abc, B|contains: abcd}, condition: s}"};
  EXPECT_EQ(route(rule, {}, {{"A", 90}, {"B", 1}}), "open 0, 0 waits for B, looks at A B");
  EXPECT_EQ(route(rule, {}, {{"A", 1}, {"B", 90}}), "open 0, 0 waits for A, looks at A B");
}

TEST(Route, RulesWaitTogetherWhereThatCostsFewerLooks) {
  const std::vector<std::string> rules = {"{s: {A: abc, B: abc}, condition: s}", "{s: {A: abd}, condition: s}",
                                          "{s: {A: abe}, condition: s}", "{s: {A: abf}, condition: s}"};
  EXPECT_EQ(route({rules[0]}, {}, {{"A", 2}, {"B", 1}}), "open 0, 0 waits for B, looks at A B");
  EXPECT_EQ(route(rules, {}, {{"A", 2}, {"B", 1}}),
            "open 0, open 1, open 2, open 3, 0 waits for A, 1 waits for A, 2 waits for A, 3 waits for A, looks at A B");
}

TEST(Route, RulesWhoseWitnessIsNearlyAlwaysSeenAreAlwaysTried) {
  EXPECT_EQ(route({"{s: {A: abc}, condition: s}"}, {}, {{"A", 99}}), "open 0, always 0, looks at A");
}

TEST(Evaluate, JoinsThreeTruths) {
  const Plan plan = plan_of({"{s: {A: x}, t: {B: y}, condition: s and t}", "{s: {A: x}, t: {B: y}, condition: s or t}",
                             "{s: {A: x}, condition: not s}"});
  ASSERT_EQ(plan.atoms().size(), 2u);
  const auto truths = [&](Truth a, Truth b) {
    std::vector<Truth> found;
    for (const PlannedRule& rule : plan.rules()) found.push_back(evaluate(plan, rule.root, std::vector{a, b}));
    return found;
  };
  using enum Truth;
  EXPECT_EQ(truths(no, no), (std::vector{no, no, yes}));
  EXPECT_EQ(truths(no, maybe), (std::vector{no, maybe, yes}));
  EXPECT_EQ(truths(no, yes), (std::vector{no, yes, yes}));
  EXPECT_EQ(truths(maybe, maybe), (std::vector{maybe, maybe, maybe}));
  EXPECT_EQ(truths(maybe, yes), (std::vector{maybe, yes, maybe}));
  EXPECT_EQ(truths(yes, yes), (std::vector{yes, yes, no}));
}

}  // namespace
}  // namespace weir::sigma
