#include "match/literal_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::match {
namespace {

TEST(LiteralSet, KnowsFourAnchors) {
  LiteralSet set;
  set.add(Anchor::equals, "ab", 1);
  set.add(Anchor::starts, "ab", 2);
  set.add(Anchor::ends, "ab", 3);
  set.add(Anchor::contains, "ab", 4);
  set.build();
  std::vector<std::uint32_t> ids;
  set.scan("xabab", ids);
  EXPECT_THAT(ids, testing::UnorderedElementsAre(3, 4));
}

}  // namespace
}  // namespace weir::match
