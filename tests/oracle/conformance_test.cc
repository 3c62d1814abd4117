// Holds the oracle against the conformance cases.

#include <set>

#include <gtest/gtest.h>

#include "conformance/loader.h"
#include "oracle/rule.h"

namespace weir::oracle {

namespace {

void check(const conformance::Case& one) {
  SCOPED_TRACE(fmt::format("{}:{}: {}", one.file, one.line, one.name));
  const auto rule = read_rule(one.rule_text, one.placeholders);
  if (one.invalid) {
    EXPECT_FALSE(rule) << "should be rejected:\n" << one.rule_text;
    return;
  }
  ASSERT_TRUE(rule) << rule.error().message << "\n" << one.rule_text;
  for (const conformance::ExpectedEvent& expected : one.events) {
    EXPECT_EQ(rule->fires(ReadEvent(expected.event)), expected.fires) << expected.text << "\n" << one.rule_text;
  }
}

}  // namespace

TEST(Conformance, OracleAgreesWithEveryCase) {
  const auto cases = conformance::load_cases(conformance::cases_folder());
  ASSERT_TRUE(cases) << cases.error().message;
  EXPECT_GT(cases->size(), 300u);
  for (const conformance::Case& one : *cases) check(one);
}

TEST(Conformance, NamesAreUnique) {
  const auto cases = conformance::load_cases(conformance::cases_folder());
  ASSERT_TRUE(cases) << cases.error().message;
  std::set<std::string> names;
  for (const conformance::Case& one : *cases)
    EXPECT_TRUE(names.insert(one.name).second) << one.file << ": " << one.name;
}

TEST(Conformance, ACaseWithoutEventsOrWithAMisspelledKeyIsRefused) {
  const std::string head = "cases:\n  - {name: a, spec: b, selection: {F: x}";
  EXPECT_TRUE(conformance::read_cases("f", head + ", fires: [{F: x}]}"));
  EXPECT_FALSE(conformance::read_cases("f", head + "}"));
  EXPECT_FALSE(conformance::read_cases("f", head + ", fire: [{F: x}]}"));
  EXPECT_FALSE(conformance::read_cases("f", head + ", invalid: true, fires: [{F: x}]}"));
}

}  // namespace weir::oracle
