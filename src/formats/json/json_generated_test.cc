// The fast reader held against a slow and obvious one, on generated input; every seed is printed with a failure.

#include <cstdlib>
#include <new>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "formats/json/json.h"
#include "formats/json/json_reading.h"
#include "formats/json/splitter.h"
#include "formats/json/structure.h"

namespace {
thread_local std::size_t allocations = 0;
}

// Counts what the test below must not see.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace weir::formats::json {
namespace {

using Random = std::mt19937;

// Another one each time; WEIR_TEST_SEED brings back one that failed.
unsigned fresh_seed() {
  const char* const given = std::getenv("WEIR_TEST_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
}

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

std::string blanks(Random& random, bool lines) {
  if (below(random, 8) != 0) return "";
  const char* const choices[] = {" ", "  ", "\t", "\n", "\r\n  "};
  return choices[below(random, lines ? 3 : 5)];
}

std::string generated_string(Random& random) {
  static constexpr const char* kPieces[] = {"a",
                                            "Image",
                                            "C:\\\\",
                                            "\\\"",
                                            "\\\\\\\"",
                                            "\\u00e9",
                                            "\\n",
                                            "{",
                                            "}",
                                            "[",
                                            "]",
                                            ",",
                                            ":",
                                            "\xC3\xA9",
                                            "\\/",
                                            "x y",
                                            "0123456789abcdef0123456789abcdef"};
  std::string text = "\"";
  const std::size_t count = below(random, 20) == 0 ? 30 : below(random, 4);
  for (std::size_t i = 0; i < count; ++i) text += kPieces[below(random, std::size(kPieces))];
  return text + "\"";
}

std::string generated_value(Random& random, unsigned depth, bool lines);

std::string generated_object(Random& random, unsigned depth, bool lines) {
  // Keys that no naming rule knows, so that names are plain paths.
  static constexpr const char* kKeys[] = {"alpha", "beta", "a", "gamma_delta_epsilon_zeta", "b", "\\u0063", "12345678"};
  std::string text = "{" + blanks(random, lines);
  const std::size_t count = below(random, 6);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += "," + blanks(random, lines);
    text += "\"" + std::string(kKeys[below(random, std::size(kKeys))]) + "\"" + blanks(random, lines) + ":" +
            blanks(random, lines) + generated_value(random, depth + 1, lines) + blanks(random, lines);
  }
  return text + "}";
}

std::string generated_value(Random& random, unsigned depth, bool lines) {
  static constexpr const char* kScalars[] = {"0", "-1", "12.5", "1e9", "true", "false", "null"};
  const std::size_t kind = below(random, depth > 4 ? 6 : 9);
  if (kind < 4) return generated_string(random);
  if (kind < 6) return kScalars[below(random, std::size(kScalars))];
  if (kind < 8) return generated_object(random, depth, lines);
  std::string text = "[";
  const std::size_t count = below(random, 4);
  for (std::size_t i = 0; i < count; ++i) {
    text += (i > 0 ? "," : "") + blanks(random, lines) + generated_value(random, depth + 1, lines);
  }
  return text + blanks(random, lines) + "]";
}

// The slow twin: simdjson's tree, flattened by the rules of naming.h for plain keys. A key whose value holds nothing
// but empty containers shows that it is there by one cell; inside a list they show nothing, as other elements may.
void flatten(const std::string& name, simdjson::dom::element value, bool in_list, std::string& out) {
  const auto add = [&](const std::string& shown) { out += (out.empty() ? "" : " ") + name + "=" + shown; };
  const std::size_t before = out.size();
  switch (value.type()) {
    case simdjson::dom::element_type::OBJECT: {
      for (const auto& [key, child] : simdjson::dom::object(value)) {
        flatten(name.empty() ? std::string(key) : name + "." + std::string(key), child, false, out);
      }
      if (!name.empty() && !in_list && out.size() == before) add("{}");
      return;
    }
    case simdjson::dom::element_type::ARRAY: {
      for (const simdjson::dom::element child : simdjson::dom::array(value)) flatten(name, child, true, out);
      if (!in_list && out.size() == before) add("[]");
      return;
    }
    case simdjson::dom::element_type::STRING: return add("'" + std::string(std::string_view(value)) + "'");
    case simdjson::dom::element_type::BOOL: return add(bool(value) ? "true" : "false");
    case simdjson::dom::element_type::NULL_VALUE: return add("null");
    default: return add("number");
  }
}

// What the twin cannot tell is made alike: numbers, and the text of empty containers.
std::string normalized(event::Batch& batch, const event::Row& row) {
  std::string text;
  for (event::Cell& cell : batch.cells(row)) {
    std::string value = shown(batch.text(cell), cell.kind);
    if (cell.kind == event::ValueKind::number) value = "number";
    if (cell.kind == event::ValueKind::json) value = value.front() == '{' ? "{}" : "[]";
    text += (text.empty() ? "" : " ") + cell.field->name + "=" + value;
  }
  return text;
}

TEST(JsonGenerated, FastReaderAgreesWithTheTree) {
  const unsigned seed = fresh_seed();
  Random random(seed);
  const Format json = format();
  const event::FieldTable table;
  const auto parser = json.make_parser(table, {});
  event::Batch batch;
  simdjson::dom::parser tree;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = generated_object(random, 0, true);
    std::string padded = text;
    padded.append(kPadding, '}');
    batch.clear();
    parser->parse({{padded.data(), text.size()}, nullptr}, batch);
    ASSERT_EQ(batch.rows().size(), 1) << "seed " << seed << ": " << text << "\n"
                                      << (batch.rejects().empty() ? "" : batch.rejects()[0].reason);
    EXPECT_EQ(batch.rows()[0].raw, text);
    std::string expected;
    flatten("", tree.parse(text), false, expected);
    ASSERT_EQ(normalized(batch, batch.rows()[0]), expected) << "seed " << seed << ": " << text;
  }
}

// A backslash before a character that it does not escape: such a backslash stands for itself.
bool has_unknown_escape(std::string_view text) {
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at + 2)) {
    const std::string_view behind = text.substr(at + 1);
    if (behind.empty() || !std::string_view("\"\\/bfnrtu").contains(behind.front())) return true;
    if (behind.front() == 'u' && behind.substr(1, 4).find_first_not_of("0123456789abcdefABCDEF") < 4) return true;
    if (behind.front() == 'u' && behind.size() < 5) return true;
  }
  return false;
}

bool has_leading_zero(std::string_view text) {
  for (std::size_t at = text.find('0'); at + 1 < text.size(); at = text.find('0', at + 1)) {
    const bool begins = at == 0 || std::string_view(":,[- \t").contains(text[at - 1]);
    if (begins && text[at + 1] >= '0' && text[at + 1] <= '9') return true;
  }
  return false;
}

// The twin knows which texts are JSON; ours must not take others, but for the liberties it says it takes.
TEST(JsonGenerated, DamagedRecordsAreRefusedAsTheTreeRefusesThem) {
  const unsigned seed = fresh_seed();
  Random random(seed);
  const Format json = format();
  const event::FieldTable table;
  const auto parser = json.make_parser(table, {});
  event::Batch batch;
  simdjson::dom::parser tree;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = generated_object(random, 0, true);
    static constexpr std::string_view kDamage = "\"{}[]:,x1 \\";
    const std::size_t at = below(random, text.size());
    if (below(random, 2) == 0)
      text[at] = kDamage[below(random, kDamage.size())];
    else
      text.erase(at, 1);
    if (text.find_first_not_of(" \t") == std::string::npos) continue;
    std::string padded = text;
    padded.append(kPadding, '}');
    batch.clear();
    parser->parse({{padded.data(), text.size()}, nullptr}, batch);
    const bool valid = tree.parse(repaired_utf8(text)).error() == simdjson::SUCCESS;
    if (valid && text.front() == '{') {
      EXPECT_TRUE(batch.rejects().empty()) << "seed " << seed << ": " << text << " " << batch.rejects()[0].reason;
    } else if (batch.rejects().empty()) {
      // Ours reads these, and several values or none in one line.
      const bool liberty = has_unknown_escape(text) || has_leading_zero(text) || batch.rows().size() != 1 ||
                           text.back() == ',' || text.front() == ',';
      EXPECT_TRUE(liberty) << "seed " << seed << ": " << text;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 5'000);
}

TEST(JsonGenerated, CutsAnywhereGiveTheSameRows) {
  const unsigned seed = fresh_seed();
  Random random(seed);
  for (int i = 0; i < 1'500; ++i) {
    const std::size_t layout = below(random, 5);
    std::string text = layout == 2 ? "[\n" : layout == 3 ? "{\"kind\":\"x\", \"items\":[ " : "";
    const std::size_t count = below(random, 6);
    for (std::size_t n = 0; n < count; ++n) {
      if (n > 0 && (layout == 2 || layout == 3)) text += ",";
      text += generated_object(random, 0, layout == 0);
      if (layout == 0 || below(random, 3) == 0) text += "\n";
    }
    if (layout == 2) text += "]";
    if (layout == 3) text += "],\"tail\":{\"x\":[1,\"]}\"]}}\n" + generated_object(random, 0, false);
    if (layout == 4 && !text.empty()) text[below(random, text.size())] = "\"{}[]:,x\n"[below(random, 9)];
    const Reading whole = read_json(text);
    std::vector<std::size_t> cuts;
    for (std::size_t at = 0; at < text.size(); at += 1 + below(random, 1 + text.size() / 3)) cuts.push_back(at);
    const Reading cut = read_json(text, {}, {}, cuts);
    ASSERT_EQ(cut.rows, whole.rows) << "seed " << seed << ": " << text;
    ASSERT_EQ(cut.rejects, whole.rejects) << "seed " << seed << ": " << text;
    ASSERT_EQ(cut.records, whole.records) << "seed " << seed << ": " << text;
  }
}

struct Outline {
  std::size_t size;
  bool ended;
  bool open_string;
  bool has_nul;
  std::vector<std::uint32_t> marks;
  bool operator==(const Outline&) const = default;
};

Outline outline_of(Lanes lanes, std::string_view text, Boundary boundary) {
  Structure structure(lanes);
  structure.outline(text, boundary, kRecordBytesMax);
  return {structure.size(),
          structure.ended(),
          structure.open_string(),
          structure.has_nul(),
          {structure.marks(), structure.marks() + structure.mark_count()}};
}

// One byte after another.
Outline slow_outline(std::string_view text, Boundary boundary) {
  Outline outline{.size = text.size(), .ended = false, .open_string = false, .has_nul = false, .marks = {}};
  bool in_string = false;
  bool escaped = false;
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n' && boundary == Boundary::line) {
      outline.size = at;
      outline.ended = true;
      break;
    }
    if (c == '\n' && in_string) {
      outline.open_string = true;
      in_string = escaped = false;
      continue;
    }
    if (c == '\0') outline.has_nul = true;
    if (!escaped && c == '"') {
      in_string = !in_string;
      outline.marks.push_back(static_cast<std::uint32_t>(at));
    }
    escaped = !escaped && c == '\\';
    if (in_string || boundary == Boundary::line) continue;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth <= 0) {
      outline.size = at + 1;
      outline.ended = true;
      return outline;
    }
  }
  outline.open_string |= in_string;
  return outline;
}

TEST(JsonGenerated, AllLanesSeeWhatASlowScanSees) {
  const unsigned seed = fresh_seed();
  Random random(seed);
  static constexpr std::string_view kBytes("\"\"\\\\{}[]a:\n\xC3", 12);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = "{";
    const std::size_t size = below(random, 300);
    for (std::size_t n = 0; n < size; ++n) {
      text += below(random, 3) == 0 ? kBytes[below(random, below(random, 4) == 0 ? 12 : 10)] : 'x';
    }
    std::string padded = text + std::string(kPadding, '"');
    const std::string_view view(padded.data(), text.size());
    for (const Boundary boundary : {Boundary::line, Boundary::value}) {
      const Outline expected = slow_outline(view, boundary);
      for (const Lanes lanes : {Lanes::plain, Lanes::sse2, Lanes::avx2}) {
        if (lanes > best_lanes()) continue;
        const Outline seen = outline_of(lanes, view, boundary);
        // A record with an open string is refused; where it ends does matter, its marks do not.
        ASSERT_EQ(seen.size, expected.size) << "seed " << seed << " lanes " << static_cast<int>(lanes) << "\n" << text;
        ASSERT_EQ(seen.open_string, expected.open_string) << "seed " << seed << "\n" << text;
        ASSERT_EQ(seen.ended, expected.ended) << "seed " << seed << "\n" << text;
        ASSERT_EQ(seen.marks, expected.marks) << "seed " << seed << "\n" << text;
      }
    }
  }
}

TEST(JsonGenerated, BackslashesAreFoundInAnyRange) {
  Random random(1);
  std::string text(300, 'x');
  for (int i = 0; i < 8; ++i) text[below(random, text.size())] = '\\';
  std::string padded = text + std::string(kPadding, '\\');
  Structure structure;
  structure.outline({padded.data(), text.size()}, Boundary::line, kRecordBytesMax);
  for (std::size_t begin = 0; begin < text.size(); ++begin) {
    for (std::size_t end = begin; end < text.size(); ++end) {
      ASSERT_EQ(structure.has_backslash(begin, end), text.substr(begin, end - begin).find('\\') != std::string::npos)
          << begin << " " << end;
    }
  }
}

TEST(JsonGenerated, NoMemoryIsTakenOnceWarm) {
  Random random(7);
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += R"({"EventID":)" + std::to_string(i % 5) + R"(,"Channel":"Security","SourceName":"P","Hostname":"h",)" +
            "\"nested\":" + generated_object(random, 1, true) + "}\n";
  }
  text.append(kPadding, ' ');
  const Chunk chunk{{text.data(), text.size() - kPadding}, nullptr};
  event::FieldTable table;
  table.intern("Computer");
  const auto parser = format().make_parser(table, {});
  event::Batch batch;
  for (int warm = 0; warm < 3; ++warm) {
    batch.clear();
    parser->parse(chunk, batch);
  }
  ASSERT_EQ(batch.rows().size(), 200);
  const std::size_t before = allocations;
  batch.clear();
  parser->parse(chunk, batch);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace weir::formats::json
