#include "wire/codec.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <snappy.h>
#include <sys/resource.h>
#include <zstd.h>

#include "wire/big_endian.h"
#include "wire/test_records.h"

namespace weir::wire {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMega = 1 << 20;
constexpr Codec kCompressing[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

std::string name(const testing::TestParamInfo<Codec>& info) {
  return std::string(name_of(info.param));
}

void expect_refused(Codec codec, std::string_view bytes, std::string_view reason, std::size_t size_max = kMega) {
  const Result<std::string> decoded = decompress(codec, bytes, size_max);
  ASSERT_FALSE(decoded.has_value()) << name_of(codec);
  EXPECT_EQ(decoded.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(decoded.error().message, HasSubstr(name_of(codec)));
  EXPECT_THAT(decoded.error().message, HasSubstr(reason));
}

void expect_decoded(Codec codec, std::string_view bytes, std::string_view expected) {
  const Result<std::string> decoded = decompress(codec, bytes, kMega);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(*decoded, expected);
}

std::string unhex(std::string_view digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16));
  }
  return bytes;
}

class EveryCodec : public testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(, EveryCodec,
                         testing::Values(Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd), name);

class EveryCompression : public testing::TestWithParam<Codec> {};
INSTANTIATE_TEST_SUITE_P(, EveryCompression, testing::ValuesIn(kCompressing), name);

TEST_P(EveryCodec, GivesBackWhatWasCompressed) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const std::size_t size_max : {0, 1, 100, 5'000, 200'000}) {
    for (int turn = 0; turn < 20; ++turn) {
      const std::string bytes = random_text(random, size_max);
      expect_decoded(GetParam(), compress(GetParam(), bytes), bytes);
    }
  }
}

TEST_P(EveryCodec, FillsTheLimitAndGoesNoFurther) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int turn = 0; turn < 20; ++turn) {
    const std::string bytes = random_text(random, 100'000) + "x";
    const std::string compressed = compress(GetParam(), bytes);
    const Result<std::string> decoded = decompress(GetParam(), compressed, bytes.size());
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, bytes);
    const Result<std::string> too_much = decompress(GetParam(), compressed, bytes.size() - 1);
    ASSERT_FALSE(too_much.has_value());
    EXPECT_THAT(too_much.error().message, HasSubstr(fmt::format("the {} bytes allowed", bytes.size() - 1)));
  }
}

TEST_P(EveryCompression, RefusesABomb) {
  expect_refused(GetParam(), compress(GetParam(), std::string(10 * kMega, '\0')), "the 1048576 bytes allowed");
}

long resident_kilobytes_max() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_P(EveryCompression, TakesNoMemoryForABomb) {
  // 512 MB of zeros; sanitizers count memory in their own way.
  std::string bomb;
  {
    const std::string part = compress(GetParam(), std::string(8 * kMega, '\0'));
    for (int times = 0; times < 64; ++times) bomb += part;
  }
  const long before = resident_kilobytes_max();
  expect_refused(GetParam(), bomb, "bytes allowed");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(resident_kilobytes_max() - before, 16 * 1024);
#endif
}

TEST_P(EveryCompression, NoticesEveryTruncation) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string bytes = random_text(random, 2'000) + "end";
  const std::string compressed = compress(GetParam(), bytes);
  for (std::size_t size = 0; size < compressed.size(); ++size) {
    const Result<std::string> decoded = decompress(GetParam(), std::string_view(compressed).substr(0, size), kMega);
    // A header of xerial's framing without blocks is an empty stream.
    if (GetParam() == Codec::snappy && size == 16) {
      EXPECT_TRUE(decoded.has_value() && decoded->empty());
      continue;
    }
    EXPECT_FALSE(decoded.has_value()) << size;
  }
}

TEST_P(EveryCompression, RefusesWhatFollowsTheEnd) {
  const Result<std::string> decoded = decompress(GetParam(), compress(GetParam(), "record") + "\x01", kMega);
  EXPECT_FALSE(decoded.has_value());
}

TEST_P(EveryCompression, SurvivesDamage) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::string compressed = compress(GetParam(), random_text(random, 2'000) + "end");
  for (int turn = 0; turn < 2'000; ++turn) {
    std::string damaged = compressed;
    for (int byte = 0; byte < 3; ++byte) damaged[random() % damaged.size()] = static_cast<char>(random());
    const Result<std::string> decoded = decompress(GetParam(), damaged, 10'000);
    EXPECT_LE(decoded.value_or("").size(), 10'000U);
  }
  // The context that met the damage is good for the next batch.
  expect_decoded(GetParam(), compress(GetParam(), "record"), "record");
}

TEST(Decompress, TakesStreamsOneBehindAnother) {
  for (const Codec codec : kCompressing) {
    expect_decoded(codec, compress(codec, "first ") + compress(codec, "second"), "first second");
  }
}

TEST(Decompress, RefusesUnknownCompressions) {
  for (const int number : {5, 6, 7}) {
    const Result<std::string> decoded = decompress(static_cast<Codec>(number), "bytes", kMega);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().message, fmt::format("compression {} is unknown", number));
  }
}

// What gzip, lz4 and zstd write on the command line for "weir weir weir weir weir\n".
TEST(Decompress, ReadsWhatOtherToolsWrite) {
  const std::string_view text = "weir weir weir weir weir\n";
  expect_decoded(Codec::gzip, unhex("1f8b08000000000000032b4fcd2c5228c724b800b823e05719000000"), text);
  expect_decoded(Codec::lz4, unhex("04224d186440a70e0000005b7765697220050050776569720a000000001a86372b"), text);
  expect_decoded(Codec::zstd, unhex("28b52ffd24196500003077656972200a0100488a16dbcf6e40"), text);
}

// format_description.txt: the length 10, a literal of one byte (tag 0), a copy of nine bytes from one byte back.
TEST(Snappy, ReadsABareBlock) {
  expect_decoded(Codec::snappy,
                 std::string("\x0a\x00"
                             "a"
                             "\x15\x01",
                             5),
                 "aaaaaaaaaa");
}

TEST(Snappy, ReadsAndWritesTheFramingOfXerial) {
  const std::string block(
      "\x03\x08"
      "abc",
      5);
  const std::string header("\x82SNAPPY\0\0\0\0\x01\0\0\0\x01", 16);
  const std::string framed = header + std::string("\0\0\0\x05", 4) + block;
  expect_decoded(Codec::snappy, framed, "abc");
  expect_decoded(Codec::snappy, framed + std::string("\0\0\0\x05", 4) + block, "abcabc");
  EXPECT_EQ(compress(Codec::snappy, "abc"), framed);
}

TEST(Snappy, DoesNotBelieveDeclaredLengths) {
  // 512 KB, declared in three bytes, without any data.
  expect_refused(Codec::snappy, "\x80\x80\x20", "declares more than it can hold");
  // 4 GB - 1.
  expect_refused(Codec::snappy, "\xff\xff\xff\xff\x0f", "the 1048576 bytes allowed");
  expect_refused(Codec::snappy, "\xff\xff\xff\xff\xff", "a block has no length");
  // A block of 4 GB - 1 in the framing.
  const std::string header("\x82SNAPPY\0\0\0\0\x01\0\0\0\x01", 16);
  expect_refused(Codec::snappy, header + "\xff\xff\xff\xff", "ends in the middle");
}

TEST(Snappy, DecodesTheDensestBlock) {
  std::string compressed;
  snappy::Compress(std::string(900'000, 'x').data(), 900'000, &compressed);
  expect_decoded(Codec::snappy, compressed, std::string(900'000, 'x'));
}

TEST(Lz4, WritesIndependentBlocksOf64Kilobytes) {
  const std::string frame = compress(Codec::lz4, "record");
  // lz4_Frame_format.md, "Frame Descriptor": version 01, independent blocks, no checksums, no content size; blocks of
  // 64 KiB.
  EXPECT_EQ(frame.substr(0, 6), "\x04\x22\x4d\x18\x60\x40");
}

TEST(Zstd, RefusesWindowsOfMoreThan128Megabytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 28);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string compressed(1000, '\0');
  ZSTD_inBuffer in{"record", 6, 0};
  ZSTD_outBuffer out{compressed.data(), compressed.size(), 0};
  // In two steps, so that the encoder cannot know the size and shrink the window.
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
  ASSERT_EQ(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0U);
  compressed.resize(out.pos);
  ZSTD_freeCCtx(context);
  expect_refused(Codec::zstd, compressed, "too much memory");
}

}  // namespace
}  // namespace weir::wire
