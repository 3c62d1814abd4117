// The oracle's own cost on a million generated pairs, so that a comparison with another engine stays within minutes;
// and a place to see it: WEIR_GENERATED_RULES sets how many rules are made (16 events each).

#include <chrono>
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/text.h"
#include "oracle/generate.h"

namespace weir::oracle {

TEST(Million, APairCostsFewMicroseconds) {
  const char* wanted = std::getenv("WEIR_GENERATED_RULES");
  const std::uint64_t rules = wanted == nullptr ? 2'000 : static_cast<std::uint64_t>(std::atoll(wanted));
  const auto begin = std::chrono::steady_clock::now();
  std::size_t events = 0;
  std::size_t fired = 0;
  for (std::uint64_t seed = 0; seed < rules; ++seed) {
    const Verdicts verdicts = evaluate(make_pair(seed));
    ASSERT_TRUE(verdicts) << "seed " << seed << ": " << verdicts.error().message;
    events += verdicts->size();
    for (const bool fires : *verdicts) fired += fires ? 1 : 0;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  fmt::print("{} pairs of {} rules, {:.1f} % fire, {:.1f} s, {:.1f} us a pair\n", human_count(events),
             human_count(rules), 100.0 * static_cast<double>(fired) / static_cast<double>(events), seconds.count(),
             1e6 * seconds.count() / static_cast<double>(events));
  EXPECT_LT(seconds.count() / static_cast<double>(events), 1e-3);
}

}  // namespace weir::oracle
