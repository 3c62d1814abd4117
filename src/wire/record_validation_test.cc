#include "wire/record_validation.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/big_endian.h"
#include "wire/record_batch.h"
#include "wire/record_layout.h"
#include "wire/test_records.h"

namespace weir::wire {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::size_t kDecompressedMax = 1 << 20;

const std::vector<OwnedRecord> kThree = {{.offset = 0, .timestamp = 50, .key = "a", .value = "first"},
                                         {.offset = 1, .timestamp = 40, .key = "b", .value = "second"},
                                         {.offset = 2, .timestamp = 60, .key = "c", .value = "third"}};

RecordsVerdict judged(std::string_view batch, bool keys_required = false) {
  return validate_records(batch, kDecompressedMax, keys_required);
}

// `index` -1: the batch as a whole is to blame.
void check(std::string_view batch, std::int32_t index, std::string_view reason) {
  const RecordsVerdict verdict = judged(batch);
  EXPECT_THAT(verdict.reason, HasSubstr(reason));
  if (index < 0) {
    EXPECT_THAT(verdict.records, IsEmpty());
    return;
  }
  ASSERT_THAT(verdict.records, SizeIs(1));
  EXPECT_EQ(verdict.records[0].index, index);
  EXPECT_THAT(verdict.records[0].reason, HasSubstr(reason));
}

// A batch with `records` as its bytes, which says that it holds `count`.
std::string batch_around(std::string_view records, std::int32_t count) {
  std::string batch = batch_of({{.offset = 0}}).substr(0, kBatchHeaderBytes);
  batch += records;
  store_big(batch.data() + 8, static_cast<std::int32_t>(batch.size() - kBatchPrefixBytes));
  store_big(batch.data() + 23, count - 1);
  store_big(batch.data() + 57, count);
  return batch;
}

// A record's bytes: its size, then `body`.
std::string sized(std::string_view body) {
  std::string record;
  append_varint(record, static_cast<std::int32_t>(body.size()));
  return record.append(body);
}

std::string with_attributes(std::int16_t attributes) {
  BatchWriter::Options options;
  options.attributes = attributes;
  return batch_of(kThree, options);
}

TEST(ValidateRecords, AcceptsWhatTheWriterMakesWithEveryCodec) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const Codec codec : {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    for (int turn = 0; turn < 20; ++turn) {
      const std::string batch = batch_of(random_records(random, 1 + random() % 100), {.codec = codec});
      EXPECT_EQ(judged(batch).reason, "");
    }
  }
}

TEST(ValidateRecords, TellsTheFirstAndLastTime) {
  const RecordsVerdict verdict = judged(batch_of(kThree));
  ASSERT_TRUE(verdict.is_valid());
  EXPECT_EQ(verdict.min_timestamp, 40);
  EXPECT_EQ(verdict.max_timestamp, 60);
}

TEST(ValidateRecords, TellsTheAppendTimeOfBatchesThatHaveOne) {
  std::string batch = batch_of(kThree);
  set_log_append_time(batch.data(), batch.size(), 99);
  const RecordsVerdict verdict = judged(batch);
  EXPECT_EQ(verdict.min_timestamp, 99);
  EXPECT_EQ(verdict.max_timestamp, 99);
}

TEST(ValidateRecords, NamesEveryRecordWithoutARequiredKey) {
  std::vector<OwnedRecord> records = kThree;
  records[0].key.reset();
  records[2].key.reset();
  EXPECT_TRUE(judged(batch_of(records)).is_valid());
  const RecordsVerdict verdict = judged(batch_of(records, {.codec = Codec::lz4}), true);
  EXPECT_EQ(verdict.reason, "record 0: it has no key, which a compacted topic requires");
  ASSERT_THAT(verdict.records, SizeIs(2));
  EXPECT_EQ(verdict.records[0].index, 0);
  EXPECT_EQ(verdict.records[1].index, 2);
  EXPECT_EQ(verdict.records[1].reason, "it has no key, which a compacted topic requires");
}

TEST(ValidateRecords, AnEmptyKeyIsAKey) {
  EXPECT_TRUE(judged(batch_of({{.key = ""}}), true).is_valid());
}

TEST(ValidateRecords, NamesNoMoreThanAHundredRecords) {
  std::vector<OwnedRecord> records;
  for (int index = 0; index < 1'000; ++index) records.push_back({.offset = index});
  EXPECT_THAT(judged(batch_of(records), true).records, SizeIs(kRecordFaultsMax));
}

TEST(ValidateRecords, RefusesWrongCounts) {
  std::string more = batch_of(kThree);
  store_big(more.data() + 23, 3);
  store_big(more.data() + 57, 4);
  check(more, -1, "the batch holds 3 records and says 4");
  std::string fewer = batch_of(kThree);
  store_big(fewer.data() + 23, 1);
  store_big(fewer.data() + 57, 2);
  check(fewer, -1, "bytes are left over behind the batch's 2 records");
  std::string sparse = batch_of(kThree);
  store_big(sparse.data() + 23, 5);
  check(sparse, -1, "last offset does not fit");
  check(batch_of({}, {.base_offset = 0, .last_offset = 0}), -1, "no records");
}

TEST(ValidateRecords, RefusesOffsetsThatAreNotConsecutive) {
  check(batch_of({{.offset = 0}, {.offset = 2}, {.offset = 3}}, {.last_offset = 3}), -1, "last offset does not fit");
  std::string gap = batch_of({{.offset = 0}, {.offset = 2}, {.offset = 3}});
  store_big(gap.data() + 23, 2);
  check(gap, 1, "its offset delta is 2 where 1 is due");
}

TEST(ValidateRecords, RefusesWhatProducersMayNotSend) {
  check(with_attributes(0x20), -1, "control batches");
  check(batch_of(kThree, {.delete_horizon = 1}), -1, "delete horizon");
  check(with_attributes(0x10), -1, "needs a producer id");
  check(batch_of(kThree, {.producer_id = 1, .producer_epoch = 0}), -1, "needs a sequence");
  std::string unknown = batch_of(kThree);
  store_big(unknown.data() + 21, std::int16_t{5});
  check(unknown, -1, "compression is unknown");
}

TEST(ValidateRecords, RefusesEveryTruncation) {
  const std::string batch = batch_of(kThree);
  for (std::size_t size = 0; size < batch.size(); ++size) {
    std::string cut = batch.substr(0, size);
    EXPECT_FALSE(judged(cut).is_valid()) << size;
    if (size < kBatchHeaderBytes) continue;
    // The same with a length that fits.
    store_big(cut.data() + 8, static_cast<std::int32_t>(size - kBatchPrefixBytes));
    EXPECT_FALSE(judged(cut).is_valid()) << size;
  }
}

TEST(ValidateRecords, RefusesBytesBehindTheBatch) {
  check(batch_of(kThree) + "x", -1, "and says");
}

TEST(ValidateRecords, NamesTheMalformedRecord) {
  // Attributes, timestamp delta 0, offset delta 0, no key, no value, no headers.
  const std::string good = sized(std::string("\0\0\0\x01\x01\0", 6));
  EXPECT_TRUE(judged(batch_around(good, 1)).is_valid());
  const auto second = [&](std::string_view bytes, std::string_view reason) {
    check(batch_around(good + std::string(bytes), 2), 1, reason);
  };
  second("\xff\xff\xff\xff\xff\x01", "its size is not a number");
  second("\xff\xff\xff\xff\x1f", "its size is not a number");
  second("\x80", "its size is not a number");
  second("\x01", "its size is negative");
  second("\x7e", "beyond the batch's end");
  second("\xfe\xff\xff\xff\x0f", "beyond the batch's end");
  second(sized(""), "no attributes");
  second(sized(std::string("\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11)), "its timestamp is not a number");
  second(sized(std::string("\0\0\xff\xff\xff\xff\x10", 7)), "its offset is not a number");
  second(sized(std::string("\0\0\x02\x02", 4)), "its key does not fit");
  second(sized(std::string("\0\0\x02\x03", 4)), "its key does not fit");
  second(sized(std::string("\0\0\x02\x01\x04x", 6)), "its value does not fit");
  second(sized(std::string("\0\0\x02\x01\x01", 5)), "its number of headers");
  second(sized(std::string("\0\0\x02\x01\x01\x01", 6)), "its number of headers");
  second(sized(std::string("\0\0\x02\x01\x01\x02", 6)), "a header's key");
  second(sized(std::string("\0\0\x02\x01\x01\x02\x01", 7)), "a header's key");
  second(sized(std::string("\0\0\x02\x01\x01\x02\x02k", 8)), "a header's value");
  second(sized(std::string("\0\0\x02\x01\x01\xfe\xff\xff\xff\x0f", 10)), "a header's key");
  second(sized(std::string("\0\0\x02\x01\x01\0\0", 7)), "longer than what it holds");
}

TEST(ValidateRecords, AcceptsTheExtremesOfVarints) {
  const OwnedRecord first{.offset = 0, .timestamp = std::numeric_limits<std::int64_t>::min()};
  const OwnedRecord second{.offset = 1, .timestamp = std::numeric_limits<std::int64_t>::max()};
  EXPECT_TRUE(judged(batch_of({first, second})).is_valid());
  // Longer than need be, as the format permits.
  EXPECT_TRUE(judged(batch_around(sized(std::string("\0\x80\0\x80\0\x01\x01\x80\0", 9)), 1)).is_valid());
}

TEST(ValidateRecords, RefusesCompressedDamageAndBombs) {
  std::string damaged = batch_of(kThree, {.codec = Codec::gzip});
  damaged[kBatchHeaderBytes] = 'x';
  check(damaged, -1, "gzip data is damaged");
  const std::string bomb = batch_of({{.value = std::string(10 << 20, '\0')}}, {.codec = Codec::zstd});
  check(bomb, -1, "zstd data holds more than the 1048576 bytes allowed");
}

}  // namespace
}  // namespace weir::wire
