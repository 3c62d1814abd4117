#include "wire/record_batch.h"

#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/big_endian.h"
#include "wire/test_records.h"

namespace weir::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Codec kCodecs[] = {Codec::none, Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};

// A transactional batch at offset 1000, leader epoch 7, of producer 4711 with epoch 3 from sequence 70000 on, with
// three records; worked out from the specification without this module's code.
const std::string kBatch(
    // Base offset, length, leader epoch, magic, CRC.
    "\x00\x00\x00\x00\x00\x00\x03\xe8\x00\x00\x00\x55\x00\x00\x00\x07\x02\x37\x11\x8a\x1c"
    // Attributes, last offset delta, base and maximal timestamp.
    "\x00\x10\x00\x00\x00\x02\x00\x00\x01\x8b\xcf\xe5\x68\x00\x00\x00\x01\x8b\xcf\xe5\x69\x2c"
    // Producer id, producer epoch, base sequence, record count.
    "\x00\x00\x00\x00\x00\x00\x12\x67\x00\x03\x00\x01\x11\x70\x00\x00\x00\x03"
    // Time + 0, offset + 0, "k" = "value".
    "\x18\x00\x00\x00\x02k\x0avalue\x00"
    // Time + 300, offset + 1, no key, "v", the headers "h" = "x" and "n" without a value.
    "\x1e\x00\xd8\x04\x02\x01\x02v\x04\x02h\x02x\x02n\x01"
    // Time - 1, offset + 2, an empty key, no value.
    "\x0c\x00\x01\x04\x00\x01\x00",
    97);
const std::vector<OwnedRecord> kRecords = {
    {.offset = 1000, .timestamp = 1'700'000'000'000, .key = "k", .value = "value"},
    {.offset = 1001, .timestamp = 1'700'000'000'300, .value = "v", .headers = {{"h", "x"}, {"n", std::nullopt}}},
    {.offset = 1002, .timestamp = 1'699'999'999'999, .key = ""}};
const BatchWriter::Options kOptions = {
    .attributes = 0x10, .producer_id = 4711, .producer_epoch = 3, .base_sequence = 70'000, .leader_epoch = 7};

BatchHeader header_of(std::string_view batch) {
  const Result<BatchHeader> header = read_batch_header(batch);
  EXPECT_TRUE(header.has_value()) << header.error().message;
  return header.value_or(BatchHeader{});
}

void expect_records(std::string_view batch, const std::vector<OwnedRecord>& expected) {
  const Result<std::vector<OwnedRecord>> records = records_of(batch);
  ASSERT_TRUE(records.has_value()) << records.error().message;
  EXPECT_EQ(*records, expected);
}

void expect_damaged(std::string_view batch, std::string_view reason) {
  const Result<std::vector<OwnedRecord>> records = records_of(batch);
  ASSERT_FALSE(records.has_value());
  EXPECT_EQ(records.error().kind, ErrorKind::corrupt);
  EXPECT_THAT(records.error().message, HasSubstr(reason));
}

// kBatch with another number at `at`.
template <typename Number>
std::string changed(std::size_t at, Number number) {
  std::string batch = kBatch;
  store_big(batch.data() + at, number);
  return batch;
}

TEST(BatchHeader, IsReadAsSpecified) {
  const BatchHeader header = header_of(kBatch);
  EXPECT_EQ(header.base_offset, 1000);
  EXPECT_EQ(header.size(), kBatch.size());
  EXPECT_EQ(header.leader_epoch, 7);
  EXPECT_EQ(header.magic, 2);
  EXPECT_EQ(header.crc, 0x37118a1cU);
  EXPECT_EQ(header.codec(), Codec::none);
  EXPECT_TRUE(header.is_transactional());
  EXPECT_FALSE(header.is_control());
  EXPECT_FALSE(header.has_log_append_time());
  EXPECT_FALSE(header.has_delete_horizon());
  EXPECT_EQ(header.last_offset(), 1002);
  EXPECT_EQ(header.next_offset(), 1003);
  EXPECT_EQ(header.base_timestamp, 1'700'000'000'000);
  EXPECT_EQ(header.max_timestamp, 1'700'000'000'300);
  EXPECT_EQ(header.producer_id, 4711);
  EXPECT_EQ(header.producer_epoch, 3);
  EXPECT_EQ(header.base_sequence, 70'000);
  EXPECT_EQ(header.last_sequence(), 70'002);
  EXPECT_EQ(header.record_count, 3);
  EXPECT_TRUE(is_crc_right(kBatch));
}

TEST(BatchHeader, MayBeFollowedByAnything) {
  EXPECT_EQ(header_of(kBatch + kBatch).base_offset, 1000);
  EXPECT_EQ(header_of(kBatch.substr(0, kBatchHeaderBytes)).base_offset, 1000);
}

TEST(BatchHeader, SequencesWrapToZero) {
  BatchHeader header{.last_offset_delta = 2, .base_sequence = std::numeric_limits<std::int32_t>::max() - 1};
  EXPECT_EQ(header.last_sequence(), 0);
  header.last_offset_delta = 1;
  EXPECT_EQ(header.last_sequence(), std::numeric_limits<std::int32_t>::max());
  header.base_sequence = -1;
  EXPECT_EQ(header.last_sequence(), -1);
}

TEST(BatchHeader, CannotBeCutOff) {
  for (std::size_t size = 0; size < kBatchHeaderBytes; ++size) {
    const Result<BatchHeader> header = read_batch_header(std::string_view(kBatch).substr(0, size));
    ASSERT_FALSE(header.has_value()) << size;
    EXPECT_EQ(header.error().kind, ErrorKind::corrupt);
  }
}

TEST(BatchHeader, RefusesNumbersThatCannotBe) {
  const auto check = [](const std::string& batch, std::string_view reason) {
    const Result<BatchHeader> header = read_batch_header(batch);
    ASSERT_FALSE(header.has_value()) << reason;
    EXPECT_EQ(header.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(header.error().message, HasSubstr(reason));
  };
  check(changed(16, std::int8_t{1}), "record batch has format 1; only format 2 is supported");
  check(changed(16, std::int8_t{1}).substr(0, 34), "format 1");  // An empty message of format 1.
  check(changed(8, 48), "a length of 48");
  check(changed(8, -1), "a length of -1");
  check(changed(23, -1), "last offset delta of -1");
  check(changed(23, 1), "3 records with a last offset delta of 1");
  check(changed(57, -1), "-1 records");
  check(changed(0, std::numeric_limits<std::int64_t>::max() - 2), "beyond 2^63");
  EXPECT_EQ(header_of(changed(0, std::numeric_limits<std::int64_t>::max() - 3)).next_offset(),
            std::numeric_limits<std::int64_t>::max());
}

TEST(Crc, CoversEverythingFromTheAttributesOn) {
  for (std::size_t at = 0; at < kBatch.size(); ++at) {
    std::string batch = kBatch;
    batch[at] = static_cast<char>(batch[at] ^ 0x40);
    const bool is_covered = at >= 17;  // Or is the CRC.
    EXPECT_EQ(is_crc_right(batch), !is_covered) << at;
  }
}

TEST(Crc, StaysWhenTheLogPlacesTheBatch) {
  std::string batch = kBatch;
  set_base_offset(batch.data(), 123'456'789'012);
  set_leader_epoch(batch.data(), 8);
  EXPECT_TRUE(is_crc_right(batch));
  const BatchHeader header = header_of(batch);
  EXPECT_EQ(header.base_offset, 123'456'789'012);
  EXPECT_EQ(header.leader_epoch, 8);
  EXPECT_EQ(header.crc, header_of(kBatch).crc);
}

TEST(LogAppendTime, IsTheTimeOfEveryRecord) {
  std::string batch = kBatch;
  set_log_append_time(batch.data(), batch.size(), 1'800'000'000'000);
  EXPECT_TRUE(is_crc_right(batch));
  EXPECT_TRUE(header_of(batch).has_log_append_time());
  EXPECT_TRUE(header_of(batch).is_transactional());
  std::vector<OwnedRecord> expected = kRecords;
  for (OwnedRecord& record : expected) record.timestamp = 1'800'000'000'000;
  expect_records(batch, expected);
}

TEST(RecordReader, ReadsAsSpecified) {
  expect_records(kBatch, kRecords);
}

TEST(RecordReader, RefusesEveryTruncation) {
  for (std::size_t size = kBatchHeaderBytes; size < kBatch.size(); ++size) {
    expect_damaged(std::string_view(kBatch).substr(0, size), "and says 97");
    // The same with a length that fits.
    expect_damaged(changed(8, static_cast<std::int32_t>(size - kBatchPrefixBytes)).substr(0, size), "record ");
  }
}

TEST(RecordReader, RefusesLeftOverBytes) {
  expect_damaged(changed(57, 2), "7 bytes are left over behind its 2 records");
  expect_damaged(changed(57, 0), "bytes are left over behind its 0 records");
}

TEST(RecordReader, RefusesMissingRecords) {
  std::string batch = changed(57, 4);
  store_big(batch.data() + 23, 3);
  expect_damaged(batch, "record 3 of the batch at offset 1000: its size is not a number");
}

TEST(RecordReader, RefusesOffsetsThatDoNotRiseOrLeaveTheBatch) {
  const std::size_t second = kBatchHeaderBytes + 13;
  std::string same = kBatch;
  same[second + 4] = 0;
  expect_damaged(same, "record 1 of the batch at offset 1000: its offset does not lie");
  std::string negative = kBatch;
  negative[second + 4] = 1;
  expect_damaged(negative, "its offset does not lie");
  std::string beyond = kBatch;
  beyond[kBatch.size() - 4] = 6;
  expect_damaged(beyond, "record 2 of the batch at offset 1000: its offset does not lie");
}

TEST(RecordReader, SurvivesDamage) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const Codec codec : kCodecs) {
    const std::string batch = batch_of(random_records(random, 20), {.codec = codec});
    for (int turn = 0; turn < 2'000; ++turn) {
      std::string damaged = batch;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      static_cast<void>(records_of(damaged, 1 << 20));
    }
  }
}

TEST(RecordReader, RefusesBombs) {
  for (const Codec codec : {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd}) {
    const std::string batch = batch_of({{.value = std::string(10 << 20, '\0')}}, {.codec = codec});
    const Result<std::vector<OwnedRecord>> records = records_of(batch, 1 << 20);
    ASSERT_FALSE(records.has_value());
    EXPECT_EQ(records.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(records.error().message, HasSubstr("more than the 1048576 bytes allowed"));
  }
}

TEST(RecordReader, CanBeMovedBetweenRecords) {
  // Decompressed into fewer bytes than a string keeps inside itself.
  Result<RecordReader> first = RecordReader::open(batch_of({{.key = "k"}}, {.codec = Codec::gzip}), 100);
  ASSERT_TRUE(first.has_value());
  RecordReader second = std::move(*first);
  Record record;
  ASSERT_TRUE(second.next(record).value());
  EXPECT_EQ(record.key, "k");
  EXPECT_FALSE(second.next(record).value());
}

TEST(BatchWriter, WritesAsSpecified) {
  EXPECT_EQ(batch_of(kRecords, kOptions), kBatch);
}

TEST(BatchWriter, WritesWhatTheReaderReads) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const Codec codec : kCodecs) {
    for (int turn = 0; turn < 30; ++turn) {
      std::vector<OwnedRecord> records = random_records(random, 1 + random() % 200);
      const std::int64_t gap = static_cast<std::int64_t>(random() % 3) + 1;
      for (OwnedRecord& record : records) record.offset = 5'000'000'000 + record.offset * gap;
      BatchWriter::Options options = kOptions;
      options.codec = codec;
      const std::string batch = batch_of(records, options);
      expect_records(batch, records);
      EXPECT_TRUE(is_crc_right(batch));
      const BatchHeader header = header_of(batch);
      EXPECT_EQ(header.codec(), codec);
      EXPECT_EQ(header.base_offset, records.front().offset);
      EXPECT_EQ(header.last_offset(), records.back().offset);
      EXPECT_EQ(header.max_timestamp, std::ranges::max(records, {}, &OwnedRecord::timestamp).timestamp);
    }
  }
}

TEST(BatchWriter, IsAsNewAfterABatch) {
  BatchWriter writer({.codec = Codec::lz4});
  EXPECT_TRUE(writer.empty());
  for (const OwnedRecord& record : kRecords) {
    writer.add(borrowed(record));
    EXPECT_FALSE(writer.empty());
    const std::string batch = writer.take();
    EXPECT_TRUE(writer.empty());
    EXPECT_EQ(writer.uncompressed_size(), 0U);
    expect_records(batch, {record});
  }
}

TEST(BatchWriter, KeepsTheOffsetsOfWhatCompactionDrops) {
  BatchWriter::Options options = kOptions;
  options.base_offset = 990;
  options.last_offset = 1010;
  const std::string batch = batch_of(kRecords, options);
  EXPECT_EQ(header_of(batch).base_offset, 990);
  EXPECT_EQ(header_of(batch).last_offset(), 1010);
  EXPECT_EQ(header_of(batch).last_sequence(), 70'020);
  expect_records(batch, kRecords);
}

TEST(BatchWriter, WritesEmptiedBatches) {
  BatchWriter::Options options = kOptions;
  options.codec = Codec::gzip;
  options.base_offset = 990;
  options.last_offset = 1010;
  const std::string batch = batch_of({}, options);
  EXPECT_EQ(batch.size(), kBatchHeaderBytes);
  EXPECT_TRUE(is_crc_right(batch));
  EXPECT_EQ(header_of(batch).next_offset(), 1011);
  expect_records(batch, {});
}

TEST(BatchWriter, KeepsTimesBesideADeleteHorizon) {
  BatchWriter::Options options = kOptions;
  options.delete_horizon = 1'800'000'000'000;
  const std::string batch = batch_of(kRecords, options);
  EXPECT_TRUE(header_of(batch).has_delete_horizon());
  EXPECT_EQ(header_of(batch).base_timestamp, 1'800'000'000'000);
  EXPECT_EQ(header_of(batch).max_timestamp, 1'700'000'000'300);
  expect_records(batch, kRecords);
}

TEST(BatchWriterDeathTest, WantsRisingOffsets) {
  BatchWriter writer({});
  writer.add({.offset = 5});
  EXPECT_DEATH(writer.add({.offset = 5}), "5 and 5");
}

TEST(EndMarker, IsWrittenAsSpecified) {
  const std::string batch = end_marker(4711, 3, 12, true, 1'700'000'000'000);
  EXPECT_TRUE(is_crc_right(batch));
  const BatchHeader header = header_of(batch);
  EXPECT_EQ(header.attributes, 0x30);
  EXPECT_EQ(header.record_count, 1);
  EXPECT_EQ(header.producer_id, 4711);
  EXPECT_EQ(header.producer_epoch, 3);
  EXPECT_EQ(header.base_sequence, -1);
  // KIP-98: version 0 and type 1; version 0 and the coordinator's epoch.
  expect_records(batch, {{.offset = 0,
                          .timestamp = 1'700'000'000'000,
                          .key = std::string("\0\0\0\1", 4),
                          .value = std::string("\0\0\0\0\0\x0c", 6)}});
}

TEST(EndMarker, IsReadBack) {
  for (const bool is_commit : {false, true}) {
    const Result<EndMarker> marker = read_end_marker(end_marker(1, 2, 34, is_commit, 5));
    ASSERT_TRUE(marker.has_value()) << marker.error().message;
    EXPECT_EQ(marker->is_commit, is_commit);
    EXPECT_EQ(marker->coordinator_epoch, 34);
  }
}

TEST(EndMarker, IsNotReadFromOtherBatches) {
  const auto check = [](const std::string& batch, std::string_view reason) {
    const Result<EndMarker> marker = read_end_marker(batch);
    ASSERT_FALSE(marker.has_value()) << reason;
    EXPECT_EQ(marker.error().kind, ErrorKind::corrupt);
    EXPECT_THAT(marker.error().message, HasSubstr(reason));
  };
  const BatchWriter::Options control = {.attributes = 0x30};
  const OwnedRecord marker = records_of(end_marker(1, 2, 3, true, 4)).value().front();
  OwnedRecord after = marker;
  after.offset = 1;
  OwnedRecord other = marker;
  other.key->back() = 2;
  OwnedRecord cut = marker;
  cut.value->pop_back();
  check(kBatch, "a data batch");
  check(batch_of({other}, control), "its type is 2");
  check(batch_of({cut}, control), "too short");
  check(batch_of({{}}, control), "too short");
  check(batch_of({marker, after}, control), "more than one record");
  check(batch_of({}, {.attributes = 0x30, .base_offset = 0, .last_offset = 0}), "is empty");
}

}  // namespace
}  // namespace weir::wire
