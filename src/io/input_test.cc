#include "io/input.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace weir::io {
namespace {

using ::testing::HasSubstr;

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

std::string zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* context = ::ZSTD_createCCtx();
  if (window_log > 0) {
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    // With the content size written the frame may shrink its window to that size.
    ::ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(::ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer target{out.data(), out.size(), 0};
  // The first step must not know that the text ends here, or the window shrinks as well.
  EXPECT_FALSE(::ZSTD_isError(::ZSTD_compressStream2(context, &target, &in, ZSTD_e_flush)));
  EXPECT_EQ(::ZSTD_compressStream2(context, &target, &in, ZSTD_e_end), 0U);
  ::ZSTD_freeCCtx(context);
  out.resize(target.pos);
  return out;
}

// Lines that compress, but not to nothing.
std::string lines(std::size_t size) {
  std::mt19937 random(7);
  std::string text;
  while (text.size() < size) text += fmt::format("line {} of {}\n", random(), random() % 10);
  text.resize(size);
  return text;
}

struct Outcome {
  std::string bytes;
  std::string error;
  ErrorKind kind{};
};

Outcome drain(Input& input, std::size_t step) {
  Outcome outcome;
  std::string piece(step, '\0');
  while (true) {
    const Result<std::size_t> size = input.read(piece.data(), piece.size());
    if (!size) {
      outcome.error = size.error().message;
      outcome.kind = size.error().kind;
      return outcome;
    }
    if (*size == 0) return outcome;
    outcome.bytes.append(piece, 0, *size);
  }
}

Outcome drain(std::string_view bytes, std::size_t step = 65'536) {
  const std::unique_ptr<Input> input = Input::over(bytes);
  return drain(*input, step);
}

TEST(Input, GivesPlainBytesAsTheyAre) {
  for (const std::string& text : {std::string(), std::string("a"), std::string("abc"), std::string("\x1f\x8b"),
                                  std::string("(\xb5/"), lines(300'000)}) {
    for (const std::size_t step : {1, 3, 4, 5, 70'000}) EXPECT_EQ(drain(text, step).bytes, text);
  }
}

TEST(Input, FillsTheWholeBufferUnlessAtTheEnd) {
  const std::string text = lines(1'000'000);
  for (const std::string& bytes : {text, gzip(text), zstd(text), gzip(text.substr(0, 10)) + gzip(text.substr(10))}) {
    const std::unique_ptr<Input> input = Input::over(bytes);
    std::string out(999'999, '\0');
    EXPECT_EQ(input->read(out.data(), out.size()).value(), out.size());
    EXPECT_EQ(input->read(out.data(), out.size()).value(), 1U);
    EXPECT_EQ(input->read(out.data(), out.size()).value(), 0U);
    EXPECT_EQ(input->consumed(), bytes.size());
  }
}

TEST(Input, UndoesGzipAndZstdOfSeveralMembers) {
  const std::string text = lines(700'000);
  const std::string_view view = text;
  for (const auto& compress :
       {+[](std::string_view t) { return gzip(t); }, +[](std::string_view t) { return zstd(t); }}) {
    EXPECT_EQ(drain(compress(view)).bytes, text);
    const std::string several =
        compress(view.substr(0, 1)) + compress("") + compress(view.substr(1, 600'000)) + compress(view.substr(600'001));
    for (const std::size_t step : {1'000, 1'000'000}) {
      const Outcome outcome = drain(several, step);
      EXPECT_EQ(outcome.bytes, text);
      EXPECT_EQ(outcome.error, "");
    }
  }
}

TEST(Input, NamesTheCompression) {
  EXPECT_EQ(Input::over("x")->compression(), "");
  EXPECT_EQ(Input::over(gzip("x"))->compression(), "gzip");
  EXPECT_EQ(Input::over(zstd("x"))->compression(), "zstd");
}

TEST(Input, SkipsZstdFramesWithoutData) {
  const std::string skippable("\x5a\x2a\x4d\x18\x03\x00\x00\x00xyz", 11);
  EXPECT_EQ(drain(skippable + zstd("one") + skippable + zstd("two")).bytes, "onetwo");
}

TEST(Input, IgnoresZeroBytesBehindGzip) {
  const Outcome outcome = drain(gzip("text") + std::string(600'000, '\0'));
  EXPECT_EQ(outcome.bytes, "text");
  EXPECT_EQ(outcome.error, "");
}

TEST(Input, GivesWhatATruncatedStreamHoldsThenSaysSo) {
  const std::string text = lines(2'000'000);
  for (const std::string& whole : {gzip(text), zstd(text)}) {
    for (const std::size_t cut : {whole.size() - 1, whole.size() - 5, whole.size() / 2, whole.size() / 2 + 1}) {
      const Outcome outcome = drain(std::string_view(whole).substr(0, cut));
      EXPECT_EQ(outcome.kind, ErrorKind::corrupt);
      EXPECT_THAT(outcome.error, HasSubstr("ends in the middle"));
      EXPECT_THAT(outcome.error, HasSubstr(fmt::format("{} compressed", cut)));
      EXPECT_THAT(outcome.error, HasSubstr(fmt::format("{} decoded", outcome.bytes.size())));
      EXPECT_TRUE(text.starts_with(outcome.bytes));
      EXPECT_GT(outcome.bytes.size(), cut >= whole.size() - 5 ? 1'800'000U : 600'000U);
    }
  }
}

TEST(Input, NoticesDamageAndForeignBytes) {
  const std::string text = lines(300'000);
  for (std::string bytes : {gzip(text), zstd(text)}) {
    EXPECT_THAT(drain(bytes + "not a member").error, HasSubstr("damaged"));
    EXPECT_EQ(drain(bytes + "not a member").bytes, text);
    // The last bytes are a checksum or the last block: what was decoded before stays.
    bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 0x55);
    EXPECT_GT(drain(bytes, 1'000'000).bytes.size(), 0U);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    const Outcome outcome = drain(bytes);
    EXPECT_TRUE(!outcome.error.empty() || outcome.bytes != text);
  }
}

TEST(Input, KeepsSayingThatItIsDamaged) {
  const std::string bytes = gzip(lines(1'000)).substr(0, 100);
  const std::unique_ptr<Input> input = Input::over(bytes);
  drain(*input, 4'096);
  EXPECT_THAT(drain(*input, 4'096).error, HasSubstr("damaged"));
}

TEST(Input, RefusesZstdWindowsAbove128MiB) {
  EXPECT_EQ(drain(zstd("text", 27)).bytes, "text");
  EXPECT_THAT(drain(zstd("text", 28)).error, HasSubstr("memory"));
}

TEST(Input, ReadsAFileAndNamesOneThatIsMissing) {
  const std::string path = ::testing::TempDir() + "/weir_input_test.gz";
  std::ofstream(path, std::ios::binary) << gzip("from a file");
  const Result<std::unique_ptr<Input>> input = Input::open(path);
  ASSERT_TRUE(input.has_value());
  EXPECT_EQ(drain(**input, 4).bytes, "from a file");
  std::filesystem::remove(path);
  EXPECT_THAT(Input::open(path).error().message, HasSubstr(path));
}

TEST(Input, SaysThatAFolderCannotBeRead) {
  EXPECT_THAT(Input::open(::testing::TempDir()).error().message, HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace weir::io
