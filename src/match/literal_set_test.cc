#include "match/literal_set.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "match/test_literals.h"

namespace weir::match {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Added {
  Anchor anchor;
  std::string text;
  std::uint32_t id;
};

LiteralSet built(const std::vector<Added>& literals) {
  LiteralSet set;
  for (const Added& literal : literals) set.add(literal.anchor, literal.text, literal.id);
  set.build();
  return set;
}

std::vector<std::uint32_t> scanned(const LiteralSet& set, std::string_view value) {
  std::vector<std::uint32_t> ids;
  set.scan(value, ids);
  std::ranges::sort(ids);
  return ids;
}

// The obvious twin.
std::vector<std::uint32_t> slowly_scanned(const std::vector<Added>& literals, std::string_view value) {
  std::vector<std::uint32_t> ids;
  for (const Added& literal : literals) {
    if (fits(literal.anchor, literal.text, value)) ids.push_back(literal.id);
  }
  std::ranges::sort(ids);
  return ids;
}

TEST(LiteralSet, KnowsFourAnchors) {
  const LiteralSet set = built({{Anchor::equals, "abab", 1},
                                {Anchor::starts, "aba", 2},
                                {Anchor::ends, "bab", 3},
                                {Anchor::contains, "abab", 4}});
  EXPECT_THAT(scanned(set, "abab"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(scanned(set, "xabab"), ElementsAre(3, 4));
  EXPECT_THAT(scanned(set, "ababx"), ElementsAre(2, 4));
  EXPECT_THAT(scanned(set, "aba"), ElementsAre(2));
  EXPECT_THAT(scanned(set, ""), IsEmpty());
}

TEST(LiteralSet, IsCaseSensitive) {
  EXPECT_THAT(scanned(built({{Anchor::contains, "Mimi", 1}}), "mimikatz"), IsEmpty());
}

TEST(LiteralSet, AppendsEachLiteralOncePerValueAndSharedIdsAsOftenAsTheirLiteralsFit) {
  const LiteralSet set =
      built({{Anchor::contains, "whoami", 7}, {Anchor::contains, " ", 7}, {Anchor::contains, "who", 8}});
  std::vector<std::uint32_t> ids = {99};
  set.scan("whoami whoami whoami", ids);
  EXPECT_EQ(ids.front(), 99u);
  EXPECT_THAT(ids, UnorderedElementsAre(99, 7, 7, 8));
}

TEST(LiteralSet, TakesTheEmptyLiteralAsFittingEveryValueButWhole) {
  const LiteralSet set =
      built({{Anchor::equals, "", 1}, {Anchor::starts, "", 2}, {Anchor::ends, "", 3}, {Anchor::contains, "", 4}});
  EXPECT_THAT(scanned(set, ""), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(scanned(set, "a"), ElementsAre(2, 3, 4));
}

TEST(LiteralSet, FindsNothingWithoutLiterals) {
  EXPECT_THAT(scanned(built({}), "abc"), IsEmpty());
  EXPECT_EQ(built({}).size(), 0u);
}

TEST(LiteralSet, FindsLiteralsOfEverySizeAtTheVeryEnds) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::vector<Added> literals;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    const auto id = static_cast<std::uint32_t>(size);
    literals.push_back({Anchor::contains, text.substr(0, size), id});
    literals.push_back({Anchor::contains, text.substr(text.size() - size), 100 + id});
    literals.push_back({Anchor::starts, text.substr(0, size), 200 + id});
    literals.push_back({Anchor::ends, text.substr(text.size() - size), 300 + id});
  }
  const LiteralSet set = built(literals);
  EXPECT_EQ(scanned(set, text).size(), literals.size());
  for (std::size_t size = 0; size <= text.size(); ++size) {
    EXPECT_EQ(scanned(set, text.substr(0, size)), slowly_scanned(literals, text.substr(0, size)));
    EXPECT_EQ(scanned(set, text.substr(size)), slowly_scanned(literals, text.substr(size)));
  }
}

TEST(LiteralSet, TakesZeroBytesLikeOthers) {
  const std::string zeros(5, '\0');
  std::vector<Added> literals;
  for (std::uint32_t size = 1; size <= 5; ++size) literals.push_back({Anchor::contains, zeros.substr(0, size), size});
  literals.push_back({Anchor::equals, std::string(1, '\0'), 6});
  const LiteralSet set = built(literals);
  EXPECT_THAT(scanned(set, std::string(3, '\0')), ElementsAre(1, 2, 3));
  EXPECT_THAT(scanned(set, std::string(1, '\0')), ElementsAre(1, 6));
  EXPECT_THAT(scanned(set, ""), IsEmpty());
}

TEST(LiteralSet, MovesAndCounts) {
  LiteralSet set = built({{Anchor::contains, "abcdef", 1}});
  LiteralSet moved = std::move(set);
  EXPECT_EQ(moved.size(), 1u);
  EXPECT_GT(moved.memory(), 6u);
  EXPECT_THAT(scanned(moved, "xabcdefx"), ElementsAre(1));
}

// A value that lies against an unreadable page on one side, for reading outside of it to crash.
class GuardedPage {
 public:
  GuardedPage() {
    memory_ = static_cast<char*>(mmap(nullptr, 3 * size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    EXPECT_EQ(mprotect(memory_, size_, PROT_NONE), 0);
    EXPECT_EQ(mprotect(memory_ + 2 * size_, size_, PROT_NONE), 0);
  }
  GuardedPage(const GuardedPage&) = delete;
  GuardedPage& operator=(const GuardedPage&) = delete;
  ~GuardedPage() { munmap(memory_, 3 * size_); }

  std::string_view at_begin(std::string_view text) { return copy(text, memory_ + size_); }
  std::string_view at_end(std::string_view text) { return copy(text, memory_ + 2 * size_ - text.size()); }

 private:
  std::string_view copy(std::string_view text, char* place) {
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

  std::size_t size_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  char* memory_;
};

// Small alphabets make overlaps, shared pieces and nested literals likely.
TEST(LiteralSet, AgreesWithTheObviousTwinOnGeneratedText) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  GuardedPage page;
  std::size_t found = 0;
  for (int round = 0; round < 1500; ++round) {
    const std::size_t alphabet = 1 + random() % 4;
    const auto text_of = [&](std::size_t size) {
      std::string text(size, '\0');
      for (char& c : text) c = "ab\0\xE9"[random() % alphabet];
      return text;
    };
    std::vector<Added> literals;
    const std::size_t size_max = 1 + random() % 14;
    for (std::size_t n = random() % 60; n > 0; --n) {
      literals.push_back({static_cast<Anchor>(random() % 4), text_of(random() % (size_max + 1)),
                          static_cast<std::uint32_t>(random() % 100)});
    }
    const LiteralSet set = built(literals);
    for (int v = 0; v < 20; ++v) {
      const std::string value = text_of(random() % 40);
      const std::vector<std::uint32_t> expected = slowly_scanned(literals, value);
      found += expected.size();
      ASSERT_EQ(scanned(set, page.at_end(value)), expected) << testing::PrintToString(value);
      ASSERT_EQ(scanned(set, page.at_begin(value)), expected) << testing::PrintToString(value);
    }
  }
  EXPECT_GT(found, 10000u);
}

TEST(LiteralSet, AgreesWithTheObviousTwinOnManyLiterals) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto text_of = [&](std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = " abcdefghijklmnopqrstuvwxyz.\\-/0123456789"[random() % 41];
    return text;
  };
  std::vector<Added> literals;
  for (std::uint32_t i = 0; i < 20000; ++i) {
    literals.push_back({static_cast<Anchor>(random() % 4), text_of(1 + random() % 30), i});
  }
  const LiteralSet set = built(literals);
  for (int v = 0; v < 300; ++v) {
    std::string value = text_of(random() % 200);
    for (int n = 0; n < 3; ++n) value.insert(random() % (value.size() + 1), literals[random() % literals.size()].text);
    ASSERT_EQ(scanned(set, value), slowly_scanned(literals, value)) << value;
  }
}

}  // namespace
}  // namespace weir::match
