#include "yaml/node.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::yaml {
namespace {

// JSON with quoted scalars in single quotes and places behind an @ where asked for.
void append(std::string& out, const Node& node, bool places) {
  if (places) out += fmt::format("@{}:{} ", node.mark().line, node.mark().column);
  switch (node.kind()) {
    case NodeKind::null: out += "null"; break;
    case NodeKind::scalar: out += node.quoted() ? fmt::format("'{}'", node.text()) : node.text(); break;
    case NodeKind::sequence:
      out += '[';
      for (const Node& item : node.items()) {
        if (&item != &node.items().front()) out += ", ";
        append(out, item, places);
      }
      out += ']';
      break;
    case NodeKind::map:
      out += '{';
      for (const Node::Entry& entry : node.entries()) {
        if (&entry != &node.entries().front()) out += ", ";
        if (places) out += fmt::format("@{}:{} ", entry.key_mark.line, entry.key_mark.column);
        out += entry.key + ": ";
        append(out, entry.value, places);
      }
      out += '}';
      break;
  }
}

// Documents and errors, a line each.
std::string read(std::string_view text, bool places = false, const Limits& limits = {}) {
  const Documents documents = parse(text, limits);
  std::string out;
  for (const Node& root : documents.roots) {
    append(out, root, places);
    out += '\n';
  }
  for (const ParseError& error : documents.errors) {
    out += fmt::format("{}:{} {}\n", error.mark.line, error.mark.column, error.message);
  }
  return out;
}

TEST(Yaml, MapsKeepTheirOrder) {
  EXPECT_EQ(read("b: 1\na: [x, 'y', \"z\"]\n"), "{b: 1, a: [x, 'y', 'z']}\n");
}

TEST(Yaml, OnlyPlainNullWordsAreNull) {
  EXPECT_EQ(read("- null\n- Null\n- NULL\n- ~\n-\n- 'null'\n- ''\n- nUll\n"),
            "[null, null, null, null, null, 'null', '', nUll]\n");
}

TEST(Yaml, QuotedAndBlockScalarsAreQuoted) {
  EXPECT_EQ(read("a: |\n  one\n  two\nb: >\n  one\n  two\nc: one\n  two\n"),
            "{a: 'one\ntwo\n', b: 'one two\n', c: one two}\n");
}

TEST(Yaml, EscapesAreDecoded) {
  EXPECT_EQ(read(R"(a: "\x41\u00e9\t|\\"
b: 'it''s'
)"),
            "{a: 'Aé\t|\\', b: 'it's'}\n");
}

TEST(Yaml, StandardTagsDecideWhatAScalarIs) {
  EXPECT_EQ(read("[!!str 5, !!int '5', !!null '', ! 5]"), "['5', 5, null, '5']\n");
}

TEST(Yaml, OtherTagsAreRefused) {
  EXPECT_EQ(read("a: !!binary aGk=\n"), "1:4 the tag tag:yaml.org,2002:binary is not supported\n");
  EXPECT_EQ(read("a: !!python/object:os.system {}\n"),
            "1:4 the tag tag:yaml.org,2002:python/object:os.system is not supported\n");
}

TEST(Yaml, PlacesCountCodePointsFromOne) {
  EXPECT_EQ(read("é: ü\nlist:\n    - äß: 'x'\n", true),
            "@1:1 {@1:1 é: @1:4 ü, @2:1 list: @3:5 [@3:7 {@3:7 äß: @3:11 'x'}]}\n");
}

TEST(Yaml, ByteOrderMarkAndCarriageReturnsAreNoText) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a: 1\r\nb: 2\r\n",
                 true),
            "@1:1 {@1:1 a: @1:4 1, @2:1 b: @2:4 2}\n");
}

TEST(Yaml, DocumentsAreReadOneAfterAnother) {
  EXPECT_EQ(read("a: 1\n---\nb: 2\n---\n"), "{a: 1}\n{b: 2}\nnull\n");
}

TEST(Yaml, DuplicateKeysAreErrorsAndOtherDocumentsAreRead) {
  EXPECT_EQ(read("a: 1\nb: 2\na: 3\n---\nc: 1\n"), "{c: 1}\n3:1 the key 'a' stands twice (first in line 1)\n");
}

TEST(Yaml, DuplicateKeysAreFoundAmongMany) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("k{}: v\n", i);
  text += "k77: w\n";
  EXPECT_EQ(read(text), "5001:1 the key 'k77' stands twice (first in line 78)\n");
}

TEST(Yaml, AnchorsAndAliasesAreRefused) {
  EXPECT_EQ(read("a: &x 1\nb: *x\nc: 1\n"),
            "1:4 anchors (&x) are not supported; write the value out\n"
            "2:4 aliases (*name) are not supported; write the value out\n");
}

TEST(Yaml, CollectionsAreNoKeys) {
  EXPECT_EQ(read("? [a, b]\n: 1\n"), "1:3 a list or map cannot be a key; quote the key if it is text\n");
}

TEST(Yaml, MalformedTextIsAnErrorWithItsPlace) {
  EXPECT_EQ(read("a: 'open\nb: 1\n"),
            "3:1 found unexpected end of stream (while scanning a quoted scalar, which begins in line 1)\n");
  EXPECT_EQ(read("a: 1\n\tb: 2\n"),
            "2:1 found a tab character that violates indentation (while scanning a plain scalar, which begins in line "
            "1)\n");
}

TEST(Yaml, DocumentsBeforeAnErrorAreKept) {
  const Documents documents = parse("a: 1\n---\nb: [\n");
  EXPECT_EQ(documents.roots.size(), 1u);
  EXPECT_EQ(documents.errors.size(), 1u);
}

TEST(Yaml, MalformedUtf8IsAnErrorWithItsPlace) {
  EXPECT_EQ(read("a: 1\nbc: \xFF\n"), "2:5 invalid leading UTF-8 octet\n");
}

TEST(Yaml, DepthIsLimited) {
  EXPECT_EQ(read("[[[1]]]", false, {.depth = 3}), "[[[1]]]\n");
  EXPECT_EQ(read("[[[1]]]", false, {.depth = 2}), "1:3 nested deeper than 2 levels\n");
  EXPECT_EQ(parse(std::string(100'000, '[')).errors.size(), 1u);
  EXPECT_EQ(parse(std::string(100'000, '{')).errors.back().message, "nested deeper than 64 levels");
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_EQ(parse(dashes).errors.size(), 1u);
}

TEST(Yaml, NodesAndBytesAreLimited) {
  EXPECT_EQ(read("[a, b, c]", false, {.nodes = 3}), "1:8 more than 3 values in one file\n");
  EXPECT_EQ(read("a: 12345", false, {.bytes = 7}), "1:1 the file has 8 bytes; at most 7 are read\n");
}

TEST(Yaml, MergingPutsEntriesIntoMaps) {
  const Node base = parse("a: 1\nb: {c: 2, d: [3]}\n").roots.front();
  const Node over = parse("b: {d: [4], e: 5}\nf: 6\n").roots.front();
  std::string out;
  append(out, merged(base, over), false);
  EXPECT_EQ(out, "{a: 1, b: {c: 2, d: [4], e: 5}, f: 6}");
}

}  // namespace
}  // namespace weir::yaml
