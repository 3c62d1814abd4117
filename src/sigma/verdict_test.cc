#include "sigma/verdict.h"

#include "sigma/test_rows.h"

namespace weir::sigma {
namespace {

std::string print(const Verdict& verdict) {
  std::string out = fmt::format("yes {}", fmt::join(verdict.yes, " "));
  if (!verdict.maybe.empty()) out += fmt::format(" maybe {}", fmt::join(verdict.maybe, " "));
  return out;
}

// The verdicts of field A, where the atoms are numbered as the tests ("|contains: x") stand.
class VerdictsOfA {
 public:
  explicit VerdictsOfA(const std::vector<std::string>& tests, bool remember = true)
      : plan_(plan_of(rules(tests))), verdicts_(plan_.fields()[plan_.field_table().find("A")->id.value], remember) {
    EXPECT_EQ(plan_.atoms().size(), tests.size());
  }

  FieldVerdicts* operator->() { return &verdicts_; }
  std::string text(VerdictId id) const { return print(verdicts_[id]); }
  std::string of(std::string_view value, bool escaped = false) { return text(verdicts_.of_value(value, escaped)); }

 private:
  static std::vector<std::string> rules(const std::vector<std::string>& tests) {
    std::vector<std::string> rules;
    for (const std::string& test : tests) rules.push_back(fmt::format("{{s: {{A{}}}, condition: s}}", test));
    return rules;
  }

  const Plan plan_;
  FieldVerdicts verdicts_;
};

TEST(FieldVerdicts, AbsentNullAndAnyValueAreKnownBeforehand) {
  VerdictsOfA verdicts({": null", "|exists: true", "|exists: false", ": '*'", "|contains: abc", ": ''"});
  EXPECT_EQ(verdicts.text(FieldVerdicts::kAbsent), "yes 0 2");
  EXPECT_EQ(verdicts.text(FieldVerdicts::kNull), "yes 0 1");
  EXPECT_EQ(verdicts.text(FieldVerdicts::kNoLiteral), "yes 1 3");
  EXPECT_EQ(verdicts->of_value("nothing", false), FieldVerdicts::kNoLiteral);
  EXPECT_EQ(verdicts.of("xabcx"), "yes 1 3 4");
  EXPECT_EQ(verdicts.of(""), "yes 1 3 5");
  EXPECT_EQ(verdicts.of({}), "yes 1 3 5");
}

TEST(FieldVerdicts, EqualOutcomesShareANumber) {
  for (const bool remember : {true, false}) {
    VerdictsOfA verdicts({"|contains: abc", "|endswith: z"}, remember);
    EXPECT_EQ(verdicts->of_value("1abc", false), verdicts->of_value("ABC2", false));
    EXPECT_NE(verdicts->of_value("abc", false), verdicts->of_value("abcz", false));
    EXPECT_EQ(verdicts->of_value("abcz", false), verdicts->of_value("abcz", false));
  }
}

TEST(FieldVerdicts, LiteralsChecksAndTestsWithoutLiteralsDecideTogether) {
  VerdictsOfA verdicts({": abc", "|contains|cased: aBc", ": 'a*b*c'", ": '??\?'", "|gte: 5", "|cidr: 10.0.0.0/8"});
  EXPECT_EQ(verdicts.of("ABC"), "yes 0 2 3");
  EXPECT_EQ(verdicts.of("aBc"), "yes 0 1 2 3");
  EXPECT_EQ(verdicts.of("a--b--c"), "yes 2");
  EXPECT_EQ(verdicts.of("acb"), "yes 3");
  EXPECT_EQ(verdicts.of("4.9"), "yes 3");
  EXPECT_EQ(verdicts.of("5.0"), "yes 3 4");
  EXPECT_EQ(verdicts.of("10.1.2.3"), "yes 5");
}

TEST(FieldVerdicts, RegexesAreOnlyMaybe) {
  VerdictsOfA verdicts({"|re: 'word.'", "|re: '^.{5}$'", "|fieldref: B", ": WORD"});
  EXPECT_EQ(verdicts.of("word"), "yes 3 maybe 0 2");
  EXPECT_EQ(verdicts.of("12345"), "yes  maybe 1 2");
  EXPECT_EQ(verdicts.of("1234"), "yes  maybe 2");
}

TEST(FieldVerdicts, SeveralValuesAreJoined) {
  VerdictsOfA verdicts({"|contains: a", "|contains: b", "|re: 'ccc.'", ": null"});
  const VerdictId a = verdicts->of_value("a", false);
  const VerdictId b = verdicts->of_value("b", false);
  EXPECT_EQ(verdicts->joined(a, a), a);
  EXPECT_EQ(verdicts->joined(a, b), verdicts->of_value("ba", false));
  EXPECT_EQ(verdicts->joined(a, b), verdicts->joined(b, a));
  EXPECT_EQ(verdicts.text(verdicts->joined(verdicts->of_value("ccc", false), a)), "yes 0 maybe 2");
  EXPECT_EQ(verdicts.text(verdicts->joined(FieldVerdicts::kNull, a)), "yes 0 3");
}

TEST(FieldVerdicts, WhatOneValueMakesCertainIsNoLongerMaybe) {
  const Plan plan = plan_of({"{s: {A: sure}, t: {A|re: 'cc+'}, condition: s or t}"});
  FieldVerdicts verdicts(plan.fields()[plan.field_table().find("A")->id.value], true);
  const VerdictId maybe = verdicts.of_value("cc", false);
  EXPECT_EQ(print(verdicts[maybe]), "yes  maybe 0");
  EXPECT_EQ(print(verdicts[verdicts.joined(maybe, verdicts.of_value("sure", false))]), "yes 0");
}

TEST(FieldVerdicts, EscapesAreResolvedWhereTheValueHasThem) {
  VerdictsOfA verdicts({": abc", R"(: 'a\u0062c')", R"(: 'C:\x')"});
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(verdicts.of(R"(a\u0062c)", true), "yes 0");
    EXPECT_EQ(verdicts.of(R"(a\u0062c)", false), "yes 1");
    EXPECT_EQ(verdicts.of(R"(C:\\x)", true), "yes 2");
    EXPECT_EQ(verdicts.of(R"(C:\\x)", false), "yes ");
  }
}

TEST(FieldVerdicts, LongValuesAreDecidedButNotRemembered) {
  VerdictsOfA verdicts({"|endswith: end", "|contains: '!'"});
  EXPECT_EQ(verdicts.of("short end"), "yes 0");
  EXPECT_EQ(verdicts.of("short!"), "yes 1");
  const std::size_t memory = verdicts->memory();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(verdicts.of(std::string(1'100 + i, '-') + "end"), "yes 0");
    EXPECT_EQ(verdicts.of(std::string(1'100 + i, '-') + "!"), "yes 1");
  }
  EXPECT_EQ(verdicts->memory(), memory);
}

TEST(FieldVerdicts, OnlyValuesThatComeAgainTakeMemory) {
  VerdictsOfA verdicts({"|contains: '77'"});
  verdicts.of("first");
  verdicts.of("77");
  const std::size_t memory = verdicts->memory();
  for (int i = 100'000; i < 170'000; ++i) {
    const std::string value = fmt::format("{{{0}-{0}}}", i);
    ASSERT_EQ(verdicts.of(value), value.find("77") == std::string::npos ? "yes " : "yes 0") << value;
  }
  EXPECT_EQ(verdicts->memory(), memory);
}

TEST(FieldVerdicts, ValuesThatComeAgainAreKept) {
  VerdictsOfA verdicts({"|contains: '77'"});
  verdicts.of("again");
  const std::size_t memory = verdicts->memory();
  verdicts.of("again");
  EXPECT_GT(verdicts->memory(), memory);
  const std::uint64_t kept = verdicts->memory();
  EXPECT_EQ(verdicts.of("again"), "yes ");
  EXPECT_EQ(verdicts->memory(), kept);
}

TEST(FieldVerdicts, ForgetsValuesBeforeTheyTakeTooMuch) {
  VerdictsOfA verdicts({"|contains: '77'"});
  std::size_t most = 0;
  std::size_t drops = 0;
  for (std::size_t i = 0; i < 90'000; ++i) {
    // Three times: seen, kept, found.
    const std::string value = fmt::format("{}{}", i / 3, std::string(200, '-'));
    const std::size_t before = verdicts->memory();
    ASSERT_EQ(verdicts.of(value), value.find("77") == std::string::npos ? "yes " : "yes 0") << value;
    drops += verdicts->memory() < before;
    most = std::max(most, verdicts->memory());
  }
  EXPECT_GT(drops, 2u);
  EXPECT_LT(most, std::size_t{3} << 20);
}

TEST(FieldVerdicts, AreFullWhenTooManyOutcomesWereSeen) {
  std::vector<std::string> tests;
  for (char letter = 'a'; letter <= 'p'; ++letter) tests.push_back(fmt::format("|contains: '{}'", letter));
  VerdictsOfA verdicts(tests);
  std::size_t seen = 0;
  for (std::size_t subset = 0; subset < 1 << 16 && !verdicts->full(); ++subset, ++seen) {
    std::string value;
    for (std::size_t bit = 0; bit < 16; ++bit) {
      if (subset >> bit & 1) value += static_cast<char>('a' + bit);
    }
    verdicts->of_value(value, false);
  }
  EXPECT_GT(seen, 32'000u);
  EXPECT_LT(seen, 33'000u);
}

}  // namespace
}  // namespace weir::sigma
