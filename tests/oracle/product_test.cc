// Holds the product's engine against the conformance cases, and against the oracle on generated rules and events.
// WEIR_GENERATED_RULES sets how many rules are made (16 events each; 62,500 make a million pairs), WEIR_FIRST_SEED
// where to begin. A sanitizer's build makes fewer.

#include "oracle/product.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "conformance/loader.h"

namespace weir::oracle {

namespace {

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint64_t>(std::strtoull(text, nullptr, 10));
}

#ifdef WEIR_SANITIZED
constexpr std::uint64_t kRulesByDefault = 2'000;
#else
constexpr std::uint64_t kRulesByDefault = 62'500;
#endif

struct Seeds {
  std::uint64_t first = number_from_environment("WEIR_FIRST_SEED", 0);
  std::uint64_t count = number_from_environment("WEIR_GENERATED_RULES", kRulesByDefault);

  void print(std::string_view what) const { fmt::print("{}: seeds {} to {}\n", what, first, first + count - 1); }
};

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
  const Seeds seeds;
  seeds.print("16 events per rule");
  for (const bool remember : {true, false}) {
    const Engine product = [&](const Pair& pair) {
      return evaluate_with_product(pair.rule_text(), pair.placeholders, pair.events, {.remember = remember});
    };
    const auto disagreement = compare(seeds.first, remember ? seeds.count : seeds.count / 4, evaluate, product);
    EXPECT_FALSE(disagreement) << "a: oracle, b: product, " << (remember ? "" : "not ") << "remembering\n"
                               << disagreement->text;
  }
}

// Rules in one plan share what is known of values and of whole events, so each rule also sees the others' events.
TEST(Product, AgreesWithTheOracleOnManyRulesAtOnce) {
  constexpr std::uint64_t kTogether = 25;
  Seeds seeds;
  seeds.count /= 4;  // Each rule sees 25 times as many events as above.
  seeds.print("25 rules in a plan, 400 events");
  for (std::uint64_t seed = seeds.first; seed + kTogether <= seeds.first + seeds.count; seed += kTogether) {
    SCOPED_TRACE(fmt::format("seeds {} to {}", seed, seed + kTogether - 1));
    std::vector<Pair> pairs;
    std::vector<std::string> texts;
    std::vector<Event> events;
    for (std::uint64_t i = 0; i < kTogether; ++i) {
      pairs.push_back(make_pair(seed + i));
      texts.push_back(pairs.back().rule_text());
      events.insert(events.end(), pairs.back().events.begin(), pairs.back().events.end());
    }
    std::vector<RuleSource> sources;
    for (std::uint64_t i = 0; i < kTogether; ++i) sources.push_back({texts[i], &pairs[i].placeholders});
    const auto verdicts = evaluate_together(sources, events);
    ASSERT_TRUE(verdicts) << verdicts.error().message;
    for (std::uint64_t i = 0; i < kTogether; ++i) {
      pairs[i].events = events;
      const Verdicts expected = evaluate(pairs[i]);
      ASSERT_TRUE(expected) << expected.error().message;
      for (std::size_t event = 0; event < events.size(); ++event) {
        ASSERT_EQ((*verdicts)[i][event], (*expected)[event]) << texts[i] << "\n" << to_text(events[event]);
      }
    }
  }
}

}  // namespace weir::oracle
