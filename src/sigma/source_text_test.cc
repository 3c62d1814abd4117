#include "sigma/source_text.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::sigma {
namespace {

// Where the byte at `offset` of the decoded text of the value of key `k` stands.
std::string place(std::string_view text, std::string_view piece) {
  const yaml::Documents documents = yaml::parse(text);
  const yaml::Node& node = documents.roots.front().entries().back().value;
  const std::size_t offset = node.text().find(piece);
  const yaml::Mark mark = SourceText(text).inside(node.mark(), node.text(), offset);
  return fmt::format("{}:{}", mark.line, mark.column);
}

TEST(SourceText, PlainScalarsAreFollowedOverLines) {
  EXPECT_EQ(place("k: one two three", "two"), "1:8");
  EXPECT_EQ(place("k: one\n   two\n\n   three", "two"), "2:4");
  EXPECT_EQ(place("k: one\n   two\n\n   three", "three"), "4:4");
}

TEST(SourceText, QuotedScalarsAreFollowedOverEscapes) {
  EXPECT_EQ(place("k: 'it''s here'", "here"), "1:11");
  EXPECT_EQ(place(R"(k: "a\tb\u00e9\x41 \"here\"")", "here"), "1:22");
  EXPECT_EQ(place("k: \"one\n   two\\\n   three\"", "two"), "2:4");
  EXPECT_EQ(place("k: \"one\n   two\\\n   three\"", "three"), "3:4");
}

TEST(SourceText, BlockScalarsAreFollowedOverIndentation) {
  EXPECT_EQ(place("k: |\n  one\n  two\n", "two"), "3:3");
  EXPECT_EQ(place("k: >-\n  one\n  two\n", "two"), "3:3");
  EXPECT_EQ(place("k: |  # a comment\n    one\n      two\n", "two"), "3:7");
}

TEST(SourceText, TagsAndWideCharactersAreStepped) {
  EXPECT_EQ(place("k: !!str äö two", "two"), "1:13");
  EXPECT_EQ(place("\xEF\xBB\xBFk: äö two", "two"), "1:7");
}

TEST(SourceText, LinesEndAsYamlSays) {
  const SourceText text(
      "a\nb\r\nc\rd\xC2\x85"
      "e\xE2\x80\xA8"
      "f");
  EXPECT_EQ(text.line(1), "a");
  EXPECT_EQ(text.line(2), "b");
  EXPECT_EQ(text.line(3), "c");
  EXPECT_EQ(text.line(4), "d");
  EXPECT_EQ(text.line(5), "e");
  EXPECT_EQ(text.line(6), "f");
  EXPECT_EQ(text.line(7), "");
  EXPECT_EQ(text.line(0), "");
}

TEST(SourceText, MarksAndOffsetsAreEachOthersInverse) {
  const std::string source = "\xEF\xBB\xBFäb\n\ncde";
  const SourceText text(source);
  for (const std::size_t offset : {3u, 5u, 6u, 7u, 8u, 9u, 10u}) {
    EXPECT_EQ(text.offset_of(text.mark_of(offset)), offset);
  }
  EXPECT_EQ(text.offset_of({99, 1}), source.size());
}

}  // namespace
}  // namespace weir::sigma
