#include "match/fold.h"

#include <cctype>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace weir::match {
namespace {

std::string fold_text(std::string_view text) {
  std::string buffer;
  return std::string(folded(text, buffer));
}

TEST(Fold, FollowsStatusesCAndSOfCaseFolding) {
  const struct {
    char32_t from, to;
  } cases[] = {
      {'A', 'a'},      {'Z', 'z'},           {'@', '@'},         {'[', '['},         {0xC4, 0xE4},
      {0xD7, 0xD7},    {0xB5, 0x3BC},        {0x17F, 's'},       {0x212A, 'k'},      {0x3A3, 0x3C3},
      {0x3C2, 0x3C3},  {0x416, 0x436},       {0x1E9E, 0xDF},     {0xDF, 0xDF},       {0x130, 0x130},
      {0x131, 0x131},  {0x1F88, 0x1F80},     {0x1FFC, 0x1FF3},   {0x13A0, 0x13A0},   {0xAB70, 0x13A0},
      {0x23A, 0x2C65}, {0x10400, 0x10428},   {0x1E921, 0x1E943}, {0x1E922, 0x1E922}, {0x100, 0x101},
      {0x101, 0x101},  {0x10FFFF, 0x10FFFF}, {0x4E00, 0x4E00},
  };
  for (const auto& c : cases) EXPECT_EQ(fold(c.from), c.to) << std::hex << static_cast<std::uint32_t>(c.from);
}

TEST(Fold, IsIdempotentForEveryCodePoint) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    ASSERT_EQ(fold(fold(c)), fold(c)) << std::hex << static_cast<std::uint32_t>(c);
  }
}

TEST(Folded, ReturnsTheSameViewWhereNothingChanges) {
  const std::string unchanged[] = {"", "a", "c:\\windows\\system32\\cmd.exe /c whoami 12345", "straße",
                                   "日本語のテキスト"};
  for (const std::string& text : unchanged) {
    std::string buffer;
    EXPECT_EQ(fold_text(text), text);
    const std::string_view result = folded(text, buffer);
    if (text == "straße" || text.front() == '\xE6') continue;  // Non-ASCII text may be copied.
    EXPECT_EQ(result.data(), text.data());
  }
}

TEST(Folded, FoldsEachScriptAndKeepsMalformedBytes) {
  EXPECT_EQ(fold_text("C:\\Windows\\System32\\CMD.EXE /C Whoami"), "c:\\windows\\system32\\cmd.exe /c whoami");
  EXPECT_EQ(fold_text("ÄÖÜ ÉCOLE ΣΊΣΥΦΟΣ ЖУК"), "äöü école σίσυφοσ жук");
  EXPECT_EQ(fold_text("\u023A\u023A\u023A\u023A"), "\u2C65\u2C65\u2C65\u2C65");  // Each grows from two bytes to three.
  EXPECT_EQ(fold_text("A\xFFZ\xC3"), "a\xFFz\xC3");
  EXPECT_EQ(fold_text(std::string_view("A\0B", 3)), std::string_view("a\0b", 3));
}

// The fast paths work in blocks; the obvious twin goes character by character.
TEST(Folded, AgreesWithTheObviousTwinOnGeneratedText) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string_view pieces[] = {"A",
                                     "z",
                                     "@",
                                     "[",
                                     "`",
                                     "{",
                                     "ä",
                                     "Ä",
                                     "\u023A",
                                     "\u212A",
                                     "𐐀",
                                     "\xFF",
                                     "\xE6\x97",
                                     "abcdefghijklmnop",
                                     "QRSTUVWXYZabcdef",
                                     "0123456789-/\\:. "};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += pieces[random() % std::size(pieces)];
    std::string expected;
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view before = rest;
      const char32_t c = take_code_point(rest);
      const std::string_view taken = before.substr(0, before.size() - rest.size());
      if (c == kReplacement) {
        expected += taken;
      } else {
        append_utf8(expected, fold(c));
      }
    }
    ASSERT_EQ(fold_text(text), expected) << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace weir::match
