#include "yaml/block_reader.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "yaml/same_tree.h"

namespace weir::yaml {
namespace {

enum class Outcome { declined, same, different };

Outcome compare(std::string_view text, const Limits& limits = {}) {
  std::vector<Node> roots;
  if (!read_blocks(text, limits, roots)) return Outcome::declined;
  const Documents full = parse_fully(text, limits);
  const bool same = full.errors.empty() &&
                    std::ranges::equal(full.roots, roots, [](const Node& a, const Node& b) { return is_same(a, b); });
  return same ? Outcome::same : Outcome::different;
}

TEST(BlockReader, ReadsWhatRulesLookLikeAsLibyamlDoes) {
  for (const std::string_view text : {
           "a: b\n",
           "a: b",
           "a:\n  b: c\n  d:\n    - e\n    - f\n",
           "a:\n- b\n- c\nd: e\n",
           "a:\n    - b: c\n      d: e\n    - f: g\n",
           "# comment\n\na: b # comment\n# comment\n  # comment\nc: d#e\n",
           "a: 'it''s'\nb: \"x\\\\y\\\"z\"\n'c': d\n\"e f\": g\n",
           "'|all':\n  - ' x '\n  - -y\n",
           "a:\nb: null\nc: ~\nd: ''\ne:\n\n\nf:   # nothing\n",
           "a: |\n  one\n\n   two \n  three\n\n\nb: c\n",
           "a: |-\n    one\n    two\n\nb: |+\n  x\n\nc: d\n",
           "a:\n  - |\n    text\n  - x\n",
           "a: |\n  # no comment\n  text\n# comment\nb: c\n",
           "äö: üß\nx: [1]y\n",
           "a: C:\\Windows\\*\nb: http://x/y\nc: a:b\n",
           "- a\n- b: c\n  d: e\n-   f\n",
           "---\na: b\n---\nc: d\n",
           "a|re: ^[a-z]$\nb: -5\nc: -x\n",
           "a:   b   \nc :d: e\n",
           "",
           "# nothing\n",
       }) {
    EXPECT_NE(compare(text), Outcome::different) << text;
  }
}

TEST(BlockReader, AcceptsTheWholeFormOfARule) {
  EXPECT_EQ(compare(R"(title: Whoami
# A comment.
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
description: |
    Detects whoami.

    It says who.
references:
    - https://example.org/#a
tags:
    - attack.t1033
logsource:
    category: process_creation
    product: windows
detection:
    selection_img:
        - Image|endswith: '\whoami.exe'
        - OriginalFileName: 'whoami.exe'
    selection_cli:
        CommandLine|contains|all:
            - ' /priv'
            - "it's"
    filter:
        User: null
    condition: all of selection_* and not filter # Yes.
falsepositives:
    - Unknown
level: high
)"),
            Outcome::same);
}

TEST(BlockReader, DeclinesWhatItDoesNotKnow) {
  for (const std::string_view text : {"a: [b]\n",
                                      "a: {b: c}\n",
                                      "a: &x b\n",
                                      "a: *x\n",
                                      "a: !!str b\n",
                                      "a: >\n  b\n",
                                      "a: 'b\n  c'\n",
                                      "a: b\n  c\n",
                                      "a: \"\\n\"\n",
                                      "a:\tb\n",
                                      "a: b\r\n",
                                      "\uFEFFa: b\n",
                                      "? a\n: b\n",
                                      "a: b\na: c\n",
                                      "a: b: c\n",
                                      "a: @b\n",
                                      "a: `b\n",
                                      "%YAML 1.1\n---\na: b\n",
                                      "--- a\n",
                                      "a: b\n...\n",
                                      "- - a\n",
                                      "-\n  a: b\n",
                                      " a: b\n",
                                      "a\n",
                                      "'a'\n",
                                      "a: 'b' c\n",
                                      "a: 'b'#c\n",
                                      "a: |2\n    b\n",
                                      "a: |\nb: c\n",
                                      "a: |\n  b",
                                      "a:\n    b: c\n  d: e\n",
                                      "a: b\n   # x\n   c: d\n",
                                      "a: \x01\n",
                                      "a: \xFF\n",
                                      "a: \xC2\x85\n",
                                      "a: \xE2\x80\xA8\n",
                                      "---\n---\na: b\n",
                                      "---\n",
                                      "a: - b\n",
                                      "a:\n  - b\n - c\n"}) {
    EXPECT_EQ(compare(text), Outcome::declined) << text;
  }
}

TEST(BlockReader, LeavesWhatIsBeyondLimitsToItsElder) {
  EXPECT_EQ(compare("a:\n  b:\n    c: d\n", {.depth = 3}), Outcome::same);
  EXPECT_EQ(compare("a:\n  b:\n    c: d\n", {.depth = 2}), Outcome::declined);
  EXPECT_EQ(compare("a: b\nc: d\n", {.nodes = 5}), Outcome::same);
  EXPECT_EQ(compare("a: b\nc: d\n", {.nodes = 4}), Outcome::declined);
  EXPECT_EQ(compare("a: b\n", {.bytes = 4}), Outcome::declined);
}

// Texts put together at random from what YAML is made of: each is declined or comes out the same.
TEST(BlockReader, NeverDiffersOnGeneratedTexts) {
  constexpr std::string_view kPieces[] = {
      "a",    "b",  ": ",  ":", "\n",     "\n  ",  "\n    ",   "- ",      "-",    "'",      "''",
      "\"",   "\\", " ",   "#", " #",     "|",     "|-",       "|+\n",    "null", "~",      "---\n",
      "\n\n", "é",  "x y", "1", "a: b\n", "- a\n", "  a: b\n", "  - a\n", "k:\n", "k: |\n", "    text\n"};
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  std::size_t accepted = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    const std::size_t count = 1 + random() % 12;
    for (std::size_t i = 0; i < count; ++i) text += kPieces[random() % std::size(kPieces)];
    const Outcome outcome = compare(text);
    ASSERT_NE(outcome, Outcome::different) << "seed " << seed << "\n" << text;
    if (outcome == Outcome::same) ++accepted;
  }
  EXPECT_GT(accepted, 1000u) << "seed " << seed;
}

TEST(BlockReader, ReadsNearlyAllRealRulesAndNoneDifferently) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  std::size_t declined = 0;
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_data_folder() + "/sigma")) {
    if (entry.path().extension() != ".yml") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const Outcome outcome = compare(text);
    EXPECT_NE(outcome, Outcome::different) << entry.path();
    ++files;
    if (outcome == Outcome::declined) ++declined;
  }
  EXPECT_LT(declined * 100, files);
}

}  // namespace
}  // namespace weir::yaml
