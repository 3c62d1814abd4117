#include "wire/frame.h"

#include <limits>

#include <gtest/gtest.h>

namespace weir::wire {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

template <typename Write>
std::string encoded(Write write) {
  Encoder encoder;
  write(encoder);
  return std::string(encoder.bytes());
}

// The error's text, "" if there is none.
template <typename Read>
std::string error_of(std::string_view bytes, Read read) {
  Decoder decoder(bytes);
  read(decoder);
  const Status status = decoder.status("Message", 3);
  return status ? "" : status.error().message;
}

TEST(Frame, NumbersAreBigEndian) {
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.int16(0x1234); }), "\x12\x34"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.int32(-2); }), "\xFF\xFF\xFF\xFE"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.float64(1.0); }), "\x3F\xF0\0\0\0\0\0\0"sv);
}

TEST(Frame, NumbersComeBack) {
  Encoder encoder;
  encoder.boolean(true);
  encoder.int8(-128);
  encoder.int16(-32768);
  encoder.int32(std::numeric_limits<std::int32_t>::min());
  encoder.int64(std::numeric_limits<std::int64_t>::min());
  encoder.uint16(65535);
  encoder.uint32(4294967295);
  encoder.float64(-0.1);
  encoder.uuid(Uuid{1, 2, 3});
  Decoder decoder(encoder.bytes());
  EXPECT_TRUE(decoder.boolean("a"));
  EXPECT_EQ(decoder.int8("b"), -128);
  EXPECT_EQ(decoder.int16("c"), -32768);
  EXPECT_EQ(decoder.int32("d"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(decoder.int64("e"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decoder.uint16("f"), 65535);
  EXPECT_EQ(decoder.uint32("g"), 4294967295);
  EXPECT_EQ(decoder.float64("h"), -0.1);
  EXPECT_EQ(decoder.uuid("i"), (Uuid{1, 2, 3}));
  EXPECT_TRUE(decoder.status("Message", 0).has_value());
  EXPECT_EQ(decoder.remaining(), 0U);
}

TEST(Frame, VarintsComeBack) {
  for (const std::int64_t value :
       {0L, 1L, -1L, 63L, 64L, -64L, -65L, 300L, 2147483647L, -2147483648L, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    const std::string bytes = encoded([&](Encoder& encoder) { encoder.varlong(value); });
    EXPECT_EQ(Decoder(bytes).varlong("x"), value);
    const auto small = static_cast<std::int32_t>(value);
    const std::string small_bytes = encoded([&](Encoder& encoder) { encoder.varint(small); });
    EXPECT_EQ(Decoder(small_bytes).varint("x"), small);
    const auto positive = static_cast<std::uint32_t>(value);
    const std::string positive_bytes = encoded([&](Encoder& encoder) { encoder.unsigned_varint(positive); });
    EXPECT_EQ(Decoder(positive_bytes).unsigned_varint("x"), positive);
  }
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.unsigned_varint(300); }), "\xAC\x02"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.varint(-1); }), "\x01"sv);
}

TEST(Frame, VarintsEndAfterFiveOrTenBytes) {
  const auto unsigned_varint = [](Decoder& decoder) { decoder.unsigned_varint("count"); };
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF\x0F"sv, unsigned_varint), "");
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF\x1F"sv, unsigned_varint), "Message v3: count: a varint of more than 32 bits");
  EXPECT_EQ(error_of("\x80\x80\x80\x80\x80\x01"sv, unsigned_varint),
            "Message v3: count: a varint of more than 32 bits");
  EXPECT_EQ(error_of("\x80\x80"sv, unsigned_varint), "Message v3: count: needs 1 bytes where 0 are left");
  const auto varlong = [](Decoder& decoder) { decoder.varlong("delta"); };
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"sv, varlong), "");
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"sv, varlong),
            "Message v3: delta: a varint of more than 64 bits");
}

TEST(Frame, LengthsAreCompactInFlexibleVersions) {
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.string(false, "ab"); }), "\0\2ab"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.string(true, "ab"); }), "\3ab"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.nullable_string(false, std::nullopt); }), "\xFF\xFF"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.nullable_string(true, std::nullopt); }), "\0"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.bytes(false, "ab"); }), "\0\0\0\2ab"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.nullable_bytes(false, std::nullopt); }), "\xFF\xFF\xFF\xFF"sv);
  EXPECT_EQ(encoded([](Encoder& encoder) { encoder.null_array(true); }), "\0"sv);
}

TEST(Frame, LengthsAreNotBelieved) {
  const auto string = [](Decoder& decoder) { EXPECT_EQ(decoder.string(false, "name"), ""); };
  EXPECT_EQ(error_of("\0\3ab"sv, string), "Message v3: name: needs 3 bytes where 2 are left");
  EXPECT_EQ(error_of("\xFF\xFF"sv, string), "Message v3: name: is null, which this version does not allow");
  EXPECT_EQ(error_of("\xFF\xFE"sv, string), "Message v3: name: a string of -2 bytes, which is not within 0 and 32767");
  EXPECT_EQ(error_of("\x81\x80\x02"sv, [](Decoder& decoder) { decoder.string(true, "name"); }),
            "Message v3: name: a string of 32768 bytes, which is not within 0 and 32767");
  const auto bytes = [](Decoder& decoder) { EXPECT_EQ(decoder.bytes(false, "data"), ""); };
  EXPECT_EQ(error_of("\x7F\xFF\xFF\xFF"sv, bytes), "Message v3: data: needs 2147483647 bytes where 0 are left");
  EXPECT_EQ(error_of("\x80\0\0\0"sv, bytes), "Message v3: data: a length of -2147483648");
}

TEST(Frame, CountsAreNotBelieved) {
  const auto topics = [](Decoder& decoder) { decoder.array_size(false, {4, 1}, "topics[..]"); };
  const std::string seven_million = "\0\x6A\xCF\xC0"s + std::string(12, 'x');
  EXPECT_EQ(error_of(seven_million, topics),
            "Message v3: topics[..]: array of 7000000 needs more than the 12 bytes left");
  EXPECT_EQ(error_of("\0\0\0\3"s + std::string(12, 'x'), topics), "");
  EXPECT_EQ(error_of("\0\0\0\3"s + std::string(11, 'x'), topics),
            "Message v3: topics[..]: array of 3 needs more than the 11 bytes left");
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF"sv, topics),
            "Message v3: topics[..]: is null, which this version does not allow");
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFE"sv, topics), "Message v3: topics[..]: a length of -2");
  EXPECT_EQ(error_of("\xFF\xFF\xFF\xFF\x0F"sv, [](Decoder& decoder) { decoder.skip_tags("tags"); }),
            "Message v3: tags: 4294967295 tagged fields need more than the 0 bytes left");
}

TEST(Frame, ArraysTakeMemoryInProportionToTheFrame) {
  const std::string hundred_elements = "\x65"s + std::string(100, '\0');
  const auto read = [](Decoder& decoder) { decoder.array_size(true, {.bytes_min = 1, .memory = 50}, "names"); };
  Decoder large(hundred_elements, 5000);
  read(large);
  EXPECT_TRUE(large.status("Message", 3).has_value());
  Decoder small(hundred_elements, 4999);
  read(small);
  EXPECT_EQ(small.status("Message", 3).error().message,
            "Message v3: names: array of 100 takes more memory than a frame of this size may");
  // All arrays together.
  Decoder twice("\2\0\2\0"sv, 99);
  read(twice);
  EXPECT_EQ(twice.int8("name"), 0);
  EXPECT_FALSE(twice.failed());
  read(twice);
  EXPECT_TRUE(twice.failed());
}

TEST(Frame, TheFirstFailureIsKept) {
  EXPECT_EQ(error_of("\0"sv,
                     [](Decoder& decoder) {
                       EXPECT_EQ(decoder.int16("first"), 0);
                       EXPECT_EQ(decoder.int8("second"), 0);
                       EXPECT_EQ(decoder.string(true, "third"), "");
                     }),
            "Message v3: first: needs 2 bytes where 1 are left");
}

TEST(Frame, UnknownTagsAreSkipped) {
  Decoder decoder("\2\0\1\5\7\3abc\x2A"sv);
  int known = 0;
  decoder.tags("tags", [&](std::uint32_t tag) {
    if (tag == 0) known = decoder.int8("known");
    return tag == 0;
  });
  EXPECT_EQ(known, 5);
  EXPECT_EQ(decoder.int8("next"), 42);
  EXPECT_TRUE(decoder.status("Message", 0).has_value());
}

TEST(Frame, ATagTakesExactlyItsSize) {
  const auto number = [](Decoder& decoder) {
    decoder.tags("tags", [&](std::uint32_t) {
      decoder.int16("number");
      return true;
    });
  };
  EXPECT_EQ(error_of("\1\0\2ab"sv, number), "");
  EXPECT_EQ(error_of("\1\0\3abc"sv, number), "Message v3: tags: tagged field 0 has 1 more bytes than it takes");
  EXPECT_EQ(error_of("\1\0\1ab"sv, number), "Message v3: number: needs 2 bytes where 1 are left");
  EXPECT_EQ(error_of("\1\0\5ab"sv, number), "Message v3: tags: needs 5 bytes where 2 are left");
}

TEST(Frame, TagsAreWrittenWithTheirSize) {
  const std::string bytes = encoded([](Encoder& encoder) {
    encoder.unsigned_varint(1);
    const std::size_t begin = encoder.begin_tag(2);
    encoder.string(true, std::string(200, 'x'));
    encoder.end_tag(begin);
    encoder.int8(9);
  });
  EXPECT_EQ(bytes, "\1\2\xCA\x01\xC9\x01"s + std::string(200, 'x') + "\x09");
}

TEST(Frame, ItsLengthCountsGaps) {
  Encoder encoder;
  encoder.begin_frame();
  encoder.int16(1);
  encoder.records(false, {.gap_size = 1000});
  encoder.int8(7);
  encoder.records(true, {.gap_size = 300});
  encoder.end_frame();
  EXPECT_EQ(encoder.bytes(), "\0\0\x05\x1D\0\1\0\0\x03\xE8\x07\xAD\x02"sv);
  EXPECT_EQ(encoder.gaps(), (std::vector<Encoder::Gap>{{10, 1000}, {13, 300}}));
  EXPECT_EQ(encoder.size(), 13 + 1300);
  encoder.begin_frame();
  encoder.records(true, {.bytes = "ab"});
  encoder.records(true, {.is_null = true});
  encoder.end_frame();
  EXPECT_EQ(encoder.bytes().substr(13), "\0\0\0\4\3ab\0"sv);
  encoder.clear();
  EXPECT_EQ(encoder.size(), 0);
  EXPECT_TRUE(encoder.gaps().empty());
}

TEST(Frame, RecordsBorrowFromTheFrame) {
  const std::string_view bytes = "\0\0\0\2ab"sv;
  const Records records = Decoder(bytes).records(false, "records");
  EXPECT_EQ(records.bytes.data(), bytes.data() + 4);
  EXPECT_EQ(records.bytes, "ab");
  EXPECT_TRUE(Decoder("\xFF\xFF\xFF\xFF"sv).records(false, "records").is_null);
}

TEST(Frame, TooLongATextOfOursIsCutBetweenCharacters) {
  std::string text(kStringBytesMax - 1, 'x');
  text += "\xC3\xA9";  // é
  const std::string bytes = encoded([&](Encoder& encoder) { encoder.string(false, text); });
  EXPECT_EQ(Decoder(bytes).string(false, "message"), std::string(kStringBytesMax - 1, 'x'));
}

}  // namespace
}  // namespace weir::wire
