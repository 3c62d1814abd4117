#include "app/terminal.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

TEST(Visible, ShowsWhatATerminalWouldObeyAsEscapes) {
  EXPECT_EQ(visible("plain text, ünïcode, 漢字"), "plain text, ünïcode, 漢字");
  EXPECT_EQ(visible("\x1b]0;owned\x07"), "\\x1b]0;owned\\x07");
  EXPECT_EQ(visible("a\tb\nc\rd"), "a b\\x0ac\\x0dd");
  EXPECT_EQ(visible(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(visible("\x7f"), "\\x7f");
  EXPECT_EQ(visible("\xC2\x9B"
                    "31m"),
            "\\x9b31m");  // The one-character CSI.
  EXPECT_EQ(visible("\xE2\x80\xAE"
                    "gnp"),
            "\\u202egnp");  // Right-to-left override.
  EXPECT_EQ(visible("a\xE2\x80\x8B"
                    "b"),
            "a\\u200bb");  // Zero-width space.
}

TEST(Visible, ShowsMalformedBytesAsEscapes) {
  EXPECT_EQ(visible("a\xFFz"), "a\\xffz");
  EXPECT_EQ(visible("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // A surrogate.
  EXPECT_EQ(visible("\xEF\xBF\xBD"), "\xEF\xBF\xBD");     // U+FFFD itself is well-formed.
}

TEST(Width, CountsWideCharactersTwiceAndCombiningOnesNot) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("漢字"), 4u);
  EXPECT_EQ(display_width("e\xCC\x81"), 1u);
  EXPECT_EQ(display_width(""), 0u);
}

TEST(Fitted, HasExactlyTheWidth) {
  EXPECT_EQ(fitted("abc", 5), "abc  ");
  EXPECT_EQ(fitted("abc", 3), "abc");
  EXPECT_EQ(fitted("abcd", 3), "ab…");
  EXPECT_EQ(fitted("漢字", 3), "漢…");
  EXPECT_EQ(fitted("漢字", 2), "… ");  // Half a character cannot be shown.
  EXPECT_EQ(fitted("abc", 1), "…");
  EXPECT_EQ(fitted("abc", 0), "");
  for (std::size_t width = 0; width < 12; ++width) {
    EXPECT_EQ(display_width(fitted("a漢e\xCC\x81字bcdef", width)), width);
    EXPECT_EQ(display_width(fitted_at_end("a漢e\xCC\x81字bcdef", width)), width);
  }
}

TEST(FittedAtEnd, KeepsTheEnd) {
  EXPECT_EQ(fitted_at_end("logs/auth.log:17", 11), "…uth.log:17");
  EXPECT_EQ(fitted_at_end("a:1", 5), "a:1  ");
}

TEST(Wrapped, BreaksAtBlanksAndIndentsWhatFollows) {
  EXPECT_EQ(wrapped("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 100, 2), "one two three");
  EXPECT_EQ(wrapped("extraordinary word", 5, 0), "extraordinary\nword");
  EXPECT_EQ(wrapped("", 5, 0), "");
}

TEST(Terminal, PaintsNothingWhereThereIsNone) {
  std::FILE* file = std::fopen("/dev/null", "we");
  ASSERT_NE(file, nullptr);
  const Terminal terminal(file);
  EXPECT_FALSE(terminal.is_terminal());
  EXPECT_EQ(terminal.paint(Colour::red, "x"), "x");
  EXPECT_EQ(terminal.width(), 100u);
  std::fclose(file);
}

TEST(Counted, HasTheNounInItsNumber) {
  EXPECT_EQ(counted(0, "event"), "0 events");
  EXPECT_EQ(counted(1, "event"), "1 event");
  EXPECT_EQ(counted(1234, "event"), "1,234 events");
  EXPECT_EQ(counted(1, "rule was", "rules were"), "1 rule was");
  EXPECT_EQ(counted(2, "rule was", "rules were"), "2 rules were");
}

}  // namespace
}  // namespace weir::app
