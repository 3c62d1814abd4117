#include "sigma/matcher.h"

#include <functional>

#include "sigma/evaluation.h"
#include "sigma/test_rows.h"

namespace weir::sigma {
namespace {

using Fired = std::vector<std::uint32_t>;

// A matcher with the rows it is shown.
class Engine {
 public:
  explicit Engine(const std::vector<Variant>& variants, Matcher::Options options = {})
      : plan_(std::make_shared<const Plan>(variants)), rows_(plan_->field_table()), matcher_(plan_, options) {}
  explicit Engine(const std::vector<std::string>& detections, Matcher::Options options = {})
      : Engine(variants_of(detections), options) {}

  Fired fired(const Values& values, const event::Logsource* logsource = &TestRows::windows()) {
    rows_.clear();
    const event::Row& row = rows_.add(values, logsource);
    const auto rules = matcher_.match(rows_.batch(), row);
    return {rules.begin(), rules.end()};
  }

  Matcher& matcher() { return matcher_; }

 private:
  std::shared_ptr<const Plan> plan_;
  TestRows rows_;
  Matcher matcher_;
};

// What fires by the plain way, leaf by leaf.
Fired fired_plainly(const std::vector<Variant>& variants, const event::FieldTable& table, const Values& values) {
  TestRows rows(table);
  const event::Row& row = rows.add(values);
  const EventView view(table, rows.batch(), row);
  Fired fired;
  for (const Variant& variant : variants) {
    if (holds(variant.condition, view)) fired.push_back(variant.rule);
  }
  return fired;
}

TEST(Matcher, AtomsAreNeverTakenForOneAnother) {
  // A text that looks like the end of one value and the beginning of the next.
  Engine engine(std::vector<std::string>{R"({s: {A: "a\0ib"}, condition: s})", "{s: {A: [a, b]}, condition: s}"});
  EXPECT_EQ(engine.fired({{"A", "a"}}), Fired{1});
  EXPECT_EQ(engine.fired({{"A", "b"}}), Fired{1});
  EXPECT_EQ(engine.fired({{"A", std::string("a\0ib", 4)}}), Fired{0});
}

TEST(Matcher, KeywordsDoNotDependOnWhatOtherRulesRead) {
  Engine engine(std::vector<std::string>{"{s: [secretname], condition: s}", "{s: {user: foo}, condition: s}"});
  EXPECT_EQ(engine.fired({{"user", R"({"secretname":"v"})", ValueKind::json}, {"user.secretname", "v"}}), Fired{});
  EXPECT_EQ(engine.fired({{"user.secretname", "a SecretName"}}), Fired{0});
}

TEST(Matcher, RowOfUnknownLogsourceFiresOnlyIfAnyLogsourceWillDo) {
  // The second rule names no logsource: it is for events of any that is known.
  const Expr condition = condition_of("{s: {A: x}, condition: s}");
  const std::vector<Variant> rules = {{0, {"windows", "", ""}, condition}, {1, {}, condition}};
  const event::Logsource linux{"linux", {}, {}};
  Engine strict(rules);
  Engine lenient(rules, {.remember = true, .any_logsource = true});
  EXPECT_EQ(strict.fired({{"A", "x"}}), (Fired{0, 1}));
  EXPECT_EQ(strict.fired({{"A", "x"}}, &linux), Fired{1});
  EXPECT_EQ(strict.fired({{"A", "x"}}, nullptr), Fired{});
  EXPECT_EQ(lenient.fired({{"A", "x"}}, &linux), (Fired{0, 1}));
  EXPECT_EQ(lenient.fired({{"A", "x"}}, nullptr), (Fired{0, 1}));
  EXPECT_EQ(lenient.fired({{"A", "y"}}, nullptr), Fired{});
}

TEST(Matcher, RuleFiresOnceThoughSeveralVariantsDoAndRulesComeInOrder) {
  const event::LogsourceSelector any;
  Engine engine(std::vector<Variant>{{7, any, condition_of("{s: {A: x}, condition: s}")},
                                     {3, any, condition_of("{s: {EventID: 1}, condition: s}")},
                                     {7, any, condition_of("{s: {B: x}, condition: s}")},
                                     {3, any, condition_of("{s: {A|re: '^x$'}, condition: s}")}});
  EXPECT_EQ(engine.fired({{"A", "x"}, {"B", "x"}, {"EventID", "1", ValueKind::number}}), (Fired{3, 7}));
  EXPECT_EQ(engine.fired({{"B", "x"}}), Fired{7});
}

TEST(Matcher, AnyOfSeveralValuesDecides) {
  Engine engine(std::vector<std::string>{
      "{s: {A: x}, condition: s}",
      "{s: {A: x}, condition: not s}",
      "{s: {A|contains|all: [v, w]}, condition: s}",  // Two values may share the work.
      "{s: {A: null}, condition: s}",
  });
  EXPECT_EQ(engine.fired({{"A", "x"}, {"B", "-"}, {"A", "y"}}), Fired{0});
  EXPECT_EQ(engine.fired({{"A", "vvv"}, {"A", "www"}, {"A", "x"}}), (Fired{0, 2}));
  EXPECT_EQ(engine.fired({{"A", "y"}, {"A", "", ValueKind::null}}), (Fired{1, 3}));
}

TEST(Matcher, AbsentNullAndEmptyDiffer) {
  Engine engine(std::vector<std::string>{
      "{s: {A: null}, condition: s}",
      "{s: {A|exists: true}, condition: s}",
      "{s: {A|exists: false}, condition: s}",
      "{s: {A: ''}, condition: s}",
      "{s: {A: '*'}, condition: s}",
  });
  EXPECT_EQ(engine.fired({}), (Fired{0, 2}));
  EXPECT_EQ(engine.fired({{"A", "", ValueKind::null}}), (Fired{0, 1}));
  EXPECT_EQ(engine.fired({{"A", ""}}), (Fired{1, 3, 4}));
  EXPECT_EQ(engine.fired({{"A", "x"}}), (Fired{1, 4}));
}

TEST(Matcher, RegexesAndReferencesAreDecidedWhereARuleHangsOnThem) {
  const std::vector<std::string> rules = {
      "{s: {A|re: 'ab+c'}, condition: s}",
      "{s: {A|re: '^.{3}$'}, condition: not s}",
      "{s: {A|fieldref: B}, condition: s}",
      "{s: {A|re: 'ab+c'}, t: {A|fieldref: B}, condition: s and not t}",
      "{s: {EventID|re: '^4[67]'}, t: {EventID: [4688, 1]}, condition: s or t}",
      "{s: {A|fieldref: B, C: 1}, t: {A|re: 'x$'}, condition: s or t}",
  };
  for (const bool remember : {true, false}) {
    Engine engine(rules, {.remember = remember, .any_logsource = false});
    // The same verdicts come again with other values of B, whose texts only the reference reads.
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(engine.fired({{"A", "abc"}, {"B", "ABC"}}), (Fired{0, 2}));
      EXPECT_EQ(engine.fired({{"A", "abc"}, {"B", "abcd"}}), (Fired{0, 3}));
      EXPECT_EQ(engine.fired({{"A", "abxc"}, {"B", "-"}, {"B", "abxc"}, {"C", "1"}}), (Fired{1, 2, 5}));
      EXPECT_EQ(engine.fired({{"A", "x"}, {"EventID", "4700"}}), (Fired{1, 4, 5}));
      EXPECT_EQ(engine.fired({{"A", "xyz"}, {"EventID", "4800"}}), Fired{});
      EXPECT_EQ(engine.fired({{"EventID", "1"}}), (Fired{1, 4}));
    }
  }
}

TEST(Matcher, AddressOfALogsourceMayMeanAnotherAfterParserChanged) {
  const event::Logsource linux{"linux", {}, {}};
  event::Logsource reused = TestRows::windows();
  Engine engine(std::vector<std::string>{"{s: {A: x}, condition: s}"});
  EXPECT_EQ(engine.fired({{"A", "x"}}, &reused), Fired{0});
  reused = linux;
  engine.matcher().parser_changed();
  EXPECT_EQ(engine.fired({{"A", "x"}}, &reused), Fired{});
  reused = TestRows::windows();
  engine.matcher().parser_changed();
  EXPECT_EQ(engine.fired({{"A", "x"}}, &reused), Fired{0});
}

// Events 0 … count − 1 of `make`: remembering or not, and the plain way (on every 16th), say the same.
void expect_same(const std::vector<std::string>& rules, std::size_t count,
                 const std::function<Values(std::size_t)>& make) {
  const std::vector<Variant> variants = variants_of(rules);
  const Plan plan(variants);
  Engine remembering(variants);
  Engine forgetful(variants, {.remember = false, .any_logsource = false});
  std::size_t fired_count = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Values values = make(i);
    const Fired fired = remembering.fired(values);
    fired_count += fired.size();
    ASSERT_EQ(fired, forgetful.fired(values)) << "event " << i;
    if (i % 16 != 0) continue;
    ASSERT_EQ(fired, fired_plainly(variants, plan.field_table(), values)) << "event " << i;
  }
  EXPECT_GT(fired_count, count / 10);
}

std::vector<std::string> rules_for_values(std::string_view field, std::string_view prefix, std::size_t count) {
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < count; ++i) {
    rules.push_back(fmt::format("{{s: {{{}: {}{}}}, condition: s}}", field, prefix, i));
  }
  return rules;
}

TEST(Matcher, RemembersAStreamOfFewValuesRightly) {
  const std::vector<std::string> rules = {"{s: {A: a1, B|contains: '2'}, condition: s}",
                                          "{s: {A: a3}, t: {B|re: 'b[0-4]'}, condition: s or t}",
                                          "{s: {A|fieldref: B}, t: {C: null}, condition: not s and not t}"};
  expect_same(rules, 20'000, [](std::size_t i) {
    return Values{{"A", fmt::format("a{}", i % 7)},
                  {"B", fmt::format("{}{}", i % 5 == 0 ? "a" : "b", i % 11)},
                  {"C", "c", i % 3 == 0 ? ValueKind::null : ValueKind::string}};
  });
}

// 200 × 200 outcomes, where 32,768 are remembered.
TEST(Matcher, MoreOutcomesThanAreRememberedChangeNothing) {
  std::vector<std::string> rules = rules_for_values("A", "a", 200);
  for (const std::string& rule : rules_for_values("B", "b", 200)) rules.push_back(rule);
  expect_same(rules, 45'000, [](std::size_t i) {
    return Values{{"A", fmt::format("a{}", i % 200)}, {"B", fmt::format("b{}", i / 200 % 200)}};
  });
}

// Subsets of 17 letters, each a verdict of its own, where 32,768 are kept; every one of them comes twice in a row.
TEST(Matcher, MoreVerdictsThanAreKeptChangeNothing) {
  std::vector<std::string> rules;
  for (char letter = 'a'; letter <= 'q'; ++letter) {
    rules.push_back(fmt::format("{{s: {{A|contains: '{}'}}, condition: s}}", letter));
  }
  expect_same(rules, 72'000, [](std::size_t i) {
    std::string text;
    const std::size_t subset = i / 2 * 40'503 % (1 << 17);
    for (std::size_t bit = 0; bit < 17; ++bit) {
      if (subset >> bit & 1) text += static_cast<char>('a' + bit);
    }
    return Values{{"A", text}};
  });
}

// 20,000 values of few verdicts, twice in a row, where 16,384 values are remembered; and values too long for it.
TEST(Matcher, MoreValuesThanAreRememberedChangeNothing) {
  const std::vector<std::string> rules = {"{s: {A|contains: '7'}, condition: s}",
                                          "{s: {A|contains: '77'}, t: {B|endswith: '1'}, condition: s or t}"};
  expect_same(rules, 40'000, [](std::size_t i) {
    return Values{{"A", fmt::format("value {}", i / 2)},
                  {"B", std::string(1'000 + i % 50, '-') + std::to_string(i % 3)}};
  });
}

// Each field's table is bounded, and so must be what a hundred of them hold together.
TEST(Matcher, ManyFieldsFullOfValuesAreForgottenTogether) {
  std::vector<std::string> rules;
  for (int field = 0; field < 100; ++field)
    rules.push_back(fmt::format("{{s: {{F{}|contains: '7'}}, condition: s}}", field));
  Engine engine(rules);
  std::size_t most = 0;
  std::size_t drops = 0;
  for (int i = 0; i < 1'500; ++i) {
    Values values;
    for (int field = 0; field < 100; ++field) {
      values.push_back({fmt::format("F{}", field), fmt::format("{:0900}-{}", i / 2, field % 10)});
    }
    const std::size_t before = engine.matcher().verdict_bytes();
    ASSERT_EQ(engine.fired(values).size(), fmt::format("{}", i / 2).contains('7') ? 100u : 10u);
    const std::size_t after = engine.matcher().verdict_bytes();
    drops += after < before ? 1 : 0;
    most = std::max(most, after);
  }
  EXPECT_GT(drops, 0u);
  EXPECT_LT(most, 2 * Matcher::kVerdictBytesMax);
}

// 18 × 18 × 18 combinations of the three fields that routes are chosen by, where 4,096 routes are kept.
TEST(Matcher, MoreRoutesThanAreKeptChangeNothing) {
  std::vector<std::string> rules = rules_for_values("EventID", "", 17);
  for (const std::string& rule : rules_for_values("Channel", "c", 17)) rules.push_back(rule);
  for (const std::string& rule : rules_for_values("Provider_Name", "p", 17)) rules.push_back(rule);
  rules.push_back("{s: {EventID: 3}, t: {A: x}, condition: s and t}");
  expect_same(rules, 12'000, [](std::size_t i) {
    return Values{{"EventID", fmt::format("{}", i % 18), ValueKind::number},
                  {"Channel", fmt::format("c{}", i / 18 % 18)},
                  {"Provider_Name", fmt::format("p{}", i / 324 % 18)},
                  {"A", i % 2 == 0 ? "x" : "y"}};
  });
}

}  // namespace
}  // namespace weir::sigma
