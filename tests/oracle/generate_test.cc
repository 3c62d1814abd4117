#include "oracle/generate.h"

#include <algorithm>
#include <chrono>

#include <gtest/gtest.h>

namespace weir::oracle {

namespace {

// Enough to see the spread, little enough for a debug build.
constexpr std::uint64_t kRules = 2000;

}  // namespace

TEST(Generate, TheSameSeedGivesTheSamePair) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Pair a = make_pair(seed);
    const Pair b = make_pair(seed);
    EXPECT_EQ(a.rule_text(), b.rule_text());
    ASSERT_EQ(a.events.size(), b.events.size());
    for (std::size_t i = 0; i < a.events.size(); ++i) EXPECT_EQ(to_text(a.events[i]), to_text(b.events[i]));
  }
}

TEST(Generate, EveryRuleIsValid) {
  for (std::uint64_t seed = 0; seed < kRules; ++seed) {
    const Pair pair = make_pair(seed);
    const Verdicts verdicts = evaluate(pair);
    EXPECT_TRUE(verdicts) << "seed " << seed << ": " << verdicts.error().message << "\n" << pair.rule_text();
  }
}

TEST(Generate, AboutHalfOfTheEventsFire) {
  std::size_t events = 0;
  std::size_t fired = 0;
  std::size_t undecided = 0;  // Rules of which some events fire and some do not.
  for (std::uint64_t seed = 0; seed < kRules; ++seed) {
    const Verdicts verdicts = evaluate(make_pair(seed));
    ASSERT_TRUE(verdicts);
    const auto count = static_cast<std::size_t>(std::count(verdicts->begin(), verdicts->end(), true));
    events += verdicts->size();
    fired += count;
    undecided += count != 0 && count != verdicts->size() ? 1 : 0;
  }
  EXPECT_GT(fired * 100, events * 35);
  EXPECT_LT(fired * 100, events * 65);
  EXPECT_GT(undecided * 100, kRules * 75);
}

TEST(Generate, EveryModifierOccursAndDecides) {
  // An engine that knows nothing of one modifier must be found out.
  const std::vector<std::string> modifiers{
      "all",    "startswith", "endswith",     "contains", "exists",  "cased", "neq",  "windash", "re",      "i",  "m",
      "s",      "base64",     "base64offset", "utf16le",  "utf16be", "utf16", "wide", "lt",      "lte",     "gt", "gte",
      "minute", "hour",       "day",          "week",     "month",   "year",  "cidr", "expand",  "fieldref"};
  for (const std::string& modifier : modifiers) {
    const Engine without = [&](const Pair& pair) -> Verdicts {
      Pair poorer = pair;
      for (RuleSelection& selection : poorer.parts.selections) {
        for (std::vector<RuleItem>& map : selection.maps) {
          for (RuleItem& item : map) std::erase(item.modifiers, modifier);
        }
      }
      return evaluate(poorer);
    };
    EXPECT_TRUE(compare(0, 20'000, evaluate, without)) << modifier;
  }
}

TEST(Generate, ADisagreementIsShrunkToWhatMatters) {
  // An engine to which a question mark is plain.
  const Engine plain_question_mark = [](const Pair& pair) -> Verdicts {
    Pair other = pair;
    for (RuleSelection& selection : other.parts.selections) {
      for (std::vector<RuleItem>& map : selection.maps) {
        for (RuleItem& item : map) {
          for (RuleValue& value : item.values) {
            if (value.text == "?") value.text = "\\?";
          }
        }
      }
    }
    return evaluate(other);
  };
  const auto disagreement = compare(0, 20'000, evaluate, plain_question_mark);
  ASSERT_TRUE(disagreement);
  EXPECT_EQ(disagreement->pair.parts.selections.size(), 1u) << disagreement->text;
  ASSERT_EQ(disagreement->pair.parts.selections[0].maps.size(), 1u) << disagreement->text;
  EXPECT_EQ(disagreement->pair.parts.selections[0].maps[0].size(), 1u) << disagreement->text;
  EXPECT_LE(disagreement->pair.events.at(0).values.size(), 1u) << disagreement->text;
}

}  // namespace weir::oracle
