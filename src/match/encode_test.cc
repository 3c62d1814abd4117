#include "match/encode.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::match {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

// RFC 4648, section 10.
TEST(Base64, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("\xFB\xFF\0"s), "+/8A");
}

TEST(Base64Offsets, GivesThePartsThatEveryShiftKeeps) {
  EXPECT_THAT(base64_offsets("foobar"), ElementsAre("Zm9vYmFy", "Zvb2Jhc", "mb29iYX"));
  EXPECT_THAT(base64_offsets("/bin/bash"), ElementsAre("L2Jpbi9iYXNo", "9iaW4vYmFza", "vYmluL2Jhc2"));
}

TEST(Base64Offsets, StandInTheCodeWhateverSurroundsTheText) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto bytes = [&](std::size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string inner = bytes(random() % 12);
    const std::size_t front = random() % 7;
    const std::string code = base64(bytes(front) + inner + bytes(random() % 5));
    ASSERT_NE(code.find(base64_offsets(inner)[front % 3]), std::string::npos);
  }
}

TEST(Base64Offsets, AreEmptyWhereNothingIsDetermined) {
  EXPECT_THAT(base64_offsets(""), ElementsAre("", "", ""));
  EXPECT_THAT(base64_offsets("a"), ElementsAre("Y", "", "h"));
}

TEST(Utf16, WritesCodeUnitsInTheNamedOrder) {
  EXPECT_EQ(utf16le("cmd"), "c\0m\0d\0"s);
  EXPECT_EQ(utf16be("cmd"), "\0c\0m\0d"s);
  EXPECT_EQ(utf16("cmd"), "\xFF\xFE"s + "c\0m\0d\0"s);
  EXPECT_EQ(utf16be("\u20AC\U0001F600"), "\x20\xAC\xD8\x3D\xDE\x00"s);
  EXPECT_EQ(utf16le(""), "");
}

TEST(Windash, ReplacesDashesThatBeginAnOption) {
  EXPECT_THAT(windash(" -p"), ElementsAre(" -p", " /p", " –p", " —p", " ―p"));
  EXPECT_THAT(windash("/f"), ElementsAre("/f", "-f", "–f", "—f", "―f"));
  EXPECT_THAT(windash("–x"), ElementsAre("–x", "-x", "/x", "—x", "―x"));
}

TEST(Windash, LeavesOtherDashes) {
  for (const char* text : {"", "a-b", "- b", "--", "a/", " -é", "-"}) {
    EXPECT_THAT(windash(text), ElementsAre(text)) << text;
  }
  EXPECT_THAT(windash("--x"), ElementsAre("--x", "-/x", "-–x", "-—x", "-―x"));
  EXPECT_EQ(windash("é-b").size(), 5u);
}

TEST(Windash, GivesAllPermutationsUpToTheLimit) {
  const std::vector<std::string> two = windash("-a b-c /d");
  EXPECT_EQ(two.size(), 25u);
  EXPECT_EQ(two.front(), "-a b-c /d");
  EXPECT_EQ(std::set<std::string>(two.begin(), two.end()).size(), 25u);
  EXPECT_THAT(two, testing::Contains("—a b-c ―d"));
  EXPECT_EQ(windash("-a -b -c -d -e").size(), 3125u);
  EXPECT_EQ(windash("-a -b -c -d -e -f").size(), 3125u);
  EXPECT_THAT(windash("-a -b", 2), ElementsAre("-a -b", "/a -b"));
}

}  // namespace
}  // namespace weir::match
