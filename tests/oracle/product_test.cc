// Holds the product's engine against the conformance cases, and against the oracle on generated rules and events.
// WEIR_GENERATED_RULES sets how many rules are made (16 events each; 62,500 make a million pairs), WEIR_FIRST_SEED where
// to begin.

#include <gtest/gtest.h>

#include <cstdlib>

#include "conformance/loader.h"
#include "oracle/product.h"

namespace weir::oracle {

namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint64_t>(std::strtoull(text, nullptr, 10));
}

void check(const conformance::Case& one) {
  SCOPED_TRACE(fmt::format("{}:{}: {}", one.file, one.line, one.name));
  std::vector<Event> events;
  for (const conformance::ExpectedEvent& expected : one.events) events.push_back(expected.event);
  const Verdicts verdicts = evaluate_with_product(one.rule_text, one.placeholders, events);
  if (one.invalid) {
    EXPECT_FALSE(verdicts) << "should be rejected:\n" << one.rule_text;
    return;
  }
  ASSERT_TRUE(verdicts) << verdicts.error().message << "\n" << one.rule_text;
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ((*verdicts)[i], one.events[i].fires) << one.events[i].text << "\n" << one.rule_text;
  }
}

}  // namespace

TEST(Product, AgreesWithEveryConformanceCase) {
  const auto cases = conformance::load_cases(conformance::cases_folder());
  ASSERT_TRUE(cases) << cases.error().message;
  for (const conformance::Case& one : *cases) check(one);
}

TEST(Product, AgreesWithTheOracleOnGeneratedPairs) {
  const std::uint64_t count = number_from_environment("WEIR_GENERATED_RULES", 5'000);
  const std::uint64_t first = number_from_environment("WEIR_FIRST_SEED", 0);
  for (const bool remember : {true, false}) {
    const Engine product = [&](const Pair& pair) {
      return evaluate_with_product(pair.rule_text(), pair.placeholders, pair.events, {.remember = remember});
    };
    const auto disagreement = compare(first, remember ? count : count / 4, evaluate, product);
    EXPECT_FALSE(disagreement) << "a: oracle, b: product, " << (remember ? "" : "not ") << "remembering\n" << disagreement->text;
  }
}

}  // namespace weir::oracle
