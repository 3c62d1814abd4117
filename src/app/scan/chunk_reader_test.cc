#include "app/scan/chunk_reader.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

struct Read {
  std::vector<std::string> chunks;
  std::vector<std::string> oversized;
  std::string description;
  std::string failure;

  std::string all() const {
    std::string text;
    for (const std::string& chunk : chunks) text += chunk;
    return text;
  }
};

Read read(std::string_view bytes, std::string_view format = {}, const std::atomic<bool>* stop = nullptr) {
  const formats::Format* forced = format.empty() ? nullptr : formats::find_format(format);
  ChunkReader reader(io::Input::over(bytes), "log", forced, {}, stop);
  Read result;
  if (const Status opened = reader.open(); !opened) {
    result.failure = opened.error().message;
    return result;
  }
  result.description = reader.description();
  ChunkBuffer buffer;
  for (;;) {
    const auto more = reader.next(buffer);
    for (std::string& start : reader.take_oversized()) result.oversized.push_back(std::move(start));
    if (!more) result.failure = more.error().message;
    if (!more || !*more) return result;
    result.chunks.emplace_back(buffer.chunk.bytes);
    // Readable whatever it holds: the address sanitizer says if it is not.
    for (std::size_t i = 0; i < formats::kPadding; ++i) {
      [[maybe_unused]] const volatile char beyond = buffer.chunk.bytes.data()[buffer.chunk.bytes.size() + i];
    }
  }
}

std::string line_of(std::size_t size) {
  return std::string(size - 1, 'x') + '\n';
}

TEST(ChunkReader, CutsBetweenLinesAndLosesNothing) {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{17}, std::size_t{1000}, ChunkReader::kChunkBytes - 1, ChunkReader::kChunkBytes,
        ChunkReader::kChunkBytes + 1, 3 * ChunkReader::kChunkBytes}) {
    std::string text;
    while (text.size() < 4 * ChunkReader::kChunkBytes) text += line_of(size);
    const Read result = read(text, "syslog");
    EXPECT_EQ(result.all(), text) << size;
    EXPECT_GT(result.chunks.size(), 1u);
    for (const std::string& chunk : result.chunks) EXPECT_TRUE(chunk.ends_with('\n')) << size;
  }
}

TEST(ChunkReader, GivesALastLineWithoutNewline) {
  EXPECT_EQ(read("a\nb", "syslog").all(), "a\nb");
}

TEST(ChunkReader, SkipsALineBeyondTheLimitAndKeepsItsStart) {
  const std::string text = "first\n" + line_of(formats::kRecordBytesMax * 2) + "last\n";
  const Read result = read(text, "syslog");
  EXPECT_EQ(result.all(), "first\nlast\n");
  ASSERT_EQ(result.oversized.size(), 1u);
  EXPECT_EQ(result.oversized[0], std::string(ChunkReader::kRejectBytesMax, 'x'));
}

TEST(ChunkReader, SkipsAnEndlessLineToTheEnd) {
  const Read result = read(std::string(formats::kRecordBytesMax * 2, 'x'), "syslog");
  EXPECT_EQ(result.oversized.size(), 1u);
  EXPECT_EQ(result.all(), "");
}

TEST(ChunkReader, TellsAnOversizedLineBeforeTheChunkBehindIt) {
  // A line of up to twice the limit may come whole; its parser then rejects it.
  const std::string text = line_of(formats::kRecordBytesMax * 4) + "last\n";
  ChunkReader reader(io::Input::over(text), "log", formats::find_format("syslog"), {});
  ASSERT_TRUE(reader.open().has_value());
  ChunkBuffer buffer;
  EXPECT_TRUE(reader.next(buffer).value());
  EXPECT_EQ(buffer.chunk.bytes.substr(0, 20), "last\n");
  EXPECT_EQ(reader.take_oversized().size(), 1u);
  EXPECT_EQ(reader.take_oversized().size(), 0u);
}

TEST(ChunkReader, StopsLookingForTheEndOfALineWhenAskedTo) {
  const std::atomic<bool> stop = true;
  const Read result = read("first\n" + line_of(formats::kRecordBytesMax * 3) + "last\n", "syslog", &stop);
  EXPECT_EQ(result.all(), "first\n");
}

TEST(ChunkReader, TurnsUtf16IntoUtf8) {
  using namespace std::string_view_literals;
  const Read little = read(
      "\xFF\xFE"
      "a\0\n\0\x3D\xD8\x00\xDE\n\0"sv,
      "syslog");
  EXPECT_EQ(little.all(), "a\n😀\n");
  EXPECT_EQ(little.description, "syslog (UTF-16)");
  EXPECT_EQ(read("\xFE\xFF"
                 "\0a\0\n"sv,
                 "syslog")
                .all(),
            "a\n");
  EXPECT_TRUE(read("\xFF\xFE"
                   "a\0\n\0b"sv,
                   "syslog")
                  .all()
                  .starts_with("a\n"));  // An odd byte at the end.
}

TEST(ChunkReader, TakesAwayAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a\n",
                 "syslog")
                .all(),
            "a\n");
}

TEST(ChunkReader, SaysWhenNoFormatFits) {
  EXPECT_TRUE(read("\x01\x02\x03\x04").failure.contains("--input-format"));
}

TEST(ChunkReader, FindsNothingInAnEmptyInput) {
  const Read result = read("");
  EXPECT_EQ(result.description, "empty");
  EXPECT_TRUE(result.chunks.empty());
  EXPECT_EQ(result.failure, "");
}

}  // namespace
}  // namespace weir::app
