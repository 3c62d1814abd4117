#include "log/log.h"

#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "io/testing/memory_storage.h"
#include "wire/record_batch.h"

namespace weir::log {
namespace {

using io::testing::Failure;
using io::testing::MemoryDisk;
using wire::ErrorCode;

constexpr Millis kNow = 1'000'000;

std::string batch_of(int count, Millis time = kNow, wire::BatchWriter::Options options = {}) {
  wire::BatchWriter writer(options);
  for (int i = 0; i < count; ++i) {
    const std::string value = "value " + std::to_string(i);
    writer.add({.offset = i, .timestamp = time + i, .key = "k", .value = value, .headers = {}});
  }
  return writer.take();
}

std::unique_ptr<Log> open(MemoryDisk& disk) {
  return Log::open(disk.root(), {.now = kNow, .reserve_bytes = 0}).value();
}

Partition& create(Log& log, const std::map<std::string, std::string>& settings = {}) {
  return *log.create_topic("t", 1, settings).value()->partitions[0];
}

ErrorCode append(Partition& partition, std::string batch, Millis now = kNow) {
  const auto appended = partition.append(batch, now);
  return appended ? ErrorCode::none : appended.error().code;
}

Status flush(Partition& partition) {
  const auto plan = partition.take_flush();
  if (!plan) return {};
  const Status synced = sync_files(*plan);
  partition.flushed(*plan, synced);
  return synced;
}

std::string file_below(MemoryDisk& disk, const std::string& name) {
  const auto topics = disk.root()->folder("topics").value()->list().value();
  return "topics/" + topics.at(0) + "/0/" + name;
}

// Offsets of the batches that a reader gets from `offset` on, as "0-2 3-4".
std::string read(const Partition& partition, std::int64_t offset, std::uint64_t size_max = 1 << 20,
                 Isolation isolation = Isolation::uncommitted) {
  const ReadResult result = partition.read(offset, size_max, isolation);
  if (result.code == ErrorCode::offset_out_of_range) return "OFFSET_OUT_OF_RANGE";
  if (result.code != ErrorCode::none) return "KAFKA_STORAGE_ERROR";
  std::string text;
  for (const FileRange& range : result.ranges) {
    std::string bytes(range.size, '\0');
    EXPECT_EQ(range.file->read_at(range.position, bytes).value(), bytes.size());
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto header = wire::read_batch_header(rest).value();
      if (!text.empty()) text += ' ';
      text += std::to_string(header.base_offset) + "-" + std::to_string(header.last_offset());
      rest.remove_prefix(header.size());
    }
  }
  return text;
}

TEST(Log, WhatWasFlushedIsReadAlsoAfterACleanAndAnUncleanStop) {
  const auto disk = MemoryDisk::make();
  {
    auto log = open(*disk);
    Partition& partition = create(*log);
    EXPECT_EQ(append(partition, batch_of(3)), ErrorCode::none);
    EXPECT_EQ(append(partition, batch_of(2)), ErrorCode::none);
    EXPECT_EQ(read(partition, 0), "");
    ASSERT_TRUE(flush(partition));
    EXPECT_EQ(read(partition, 0), "0-2 3-4");
    EXPECT_EQ(read(partition, 2), "0-2 3-4");
    EXPECT_EQ(read(partition, 3), "3-4");
    EXPECT_EQ(read(partition, 0, 1), "0-2");
    EXPECT_EQ(read(partition, 5), "");
    EXPECT_EQ(read(partition, 6), "OFFSET_OUT_OF_RANGE");
    ASSERT_TRUE(log->close());
  }
  for (const bool is_clean : {true, false}) {
    auto log = open(*disk);
    EXPECT_EQ(log->was_clean(), is_clean);
    Partition& partition = *log->find("t", 0);
    EXPECT_EQ(partition.leader_epoch(), is_clean ? 0 : 1);
    EXPECT_EQ(partition.epoch_end(0).end_offset, 5);
    EXPECT_EQ(read(partition, 3), "3-4");
  }
}

TEST(Log, AFolderHasOneOwner) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  const auto second = Log::open(disk->root(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "disk is in use by another weir process; stop that one or choose another folder");
}

TEST(Log, TopicsAreMadeGrownSetAndDeleted) {
  const auto disk = MemoryDisk::make();
  {
    auto log = open(*disk);
    Topic& topic = *log->create_topic("b.1", 1, {{"retention.ms", "5"}}).value();
    ASSERT_TRUE(log->create_topic("a", 2, {}));
    EXPECT_EQ(log->create_topic("a", 2, {}).error().message, "topic 'a' exists");
    EXPECT_FALSE(log->create_topic("a/b", 1, {}));
    EXPECT_FALSE(log->create_topic("c", 0, {}));
    EXPECT_FALSE(log->create_topic("c", 1, {{"nonsense", "5"}}));
    EXPECT_TRUE(log->add_partitions(topic, 3));
    EXPECT_FALSE(log->add_partitions(topic, 3));
    EXPECT_TRUE(log->set_settings(topic, {{"retention.ms", "7"}}));
    ASSERT_TRUE(log->create_topic("gone", 1, {}));
    EXPECT_TRUE(log->delete_topic("gone"));
    EXPECT_EQ(log->find(topic.id), &topic);
  }
  auto log = open(*disk);
  ASSERT_EQ(log->topics().size(), 2U);
  EXPECT_EQ(log->topics()[0]->name, "a");
  EXPECT_EQ(log->topics()[1]->partitions.size(), 3U);
  EXPECT_EQ(log->topics()[1]->config.retention_ms, 7);
  EXPECT_EQ(log->cluster_id().size(), 22U);
}

TEST(Log, ATopicIsWholeOrAbsentWhereverThePowerIsCut) {
  const auto disk = MemoryDisk::make();
  std::size_t begun = 0;
  {
    auto log = open(*disk);
    begun = disk->operation_count();
    ASSERT_TRUE(log->create_topic("t", 2, {}));
    ASSERT_TRUE(log->delete_topic("t"));
  }
  std::mt19937 random(1);
  std::set<std::size_t> counts;
  for (std::size_t point = begun; point <= disk->operation_count(); ++point) {
    for (int i = 0; i < 20; ++i) {
      const auto cut = disk->after_power_cut(point, [&](std::size_t count) { return random() % count; });
      auto log = open(*cut);
      counts.insert(log->topics().size());
      if (!log->topics().empty()) {
        EXPECT_EQ(log->topics()[0]->partitions.size(), 2U);
      }
    }
  }
  EXPECT_EQ(counts, (std::set<std::size_t>{0, 1}));
}

TEST(Partition, RefusesWhatProducersMustNotSend) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log, {{"max.message.bytes", "300"}, {"message.timestamp.after.max.ms", "10"}});
  std::string damaged = batch_of(1);
  damaged.back() = 'X';
  EXPECT_EQ(append(partition, damaged), ErrorCode::corrupt_message);
  EXPECT_EQ(append(partition, batch_of(1).substr(0, 70)), ErrorCode::corrupt_message);
  EXPECT_EQ(append(partition, batch_of(30)), ErrorCode::message_too_large);
  EXPECT_EQ(append(partition, wire::end_marker(1, 0, 0, true, kNow)), ErrorCode::invalid_record);
  std::string late = batch_of(12);
  const auto refused = partition.append(late, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_timestamp);
  ASSERT_EQ(refused.error().records.size(), 1U);
  EXPECT_EQ(refused.error().records[0].index, 11);
  EXPECT_EQ(partition.end_offset(), 0);
}

TEST(Partition, TheCoordinatorsBatchesHaveNoSequenceAndOpenATransaction) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log);
  const wire::BatchWriter::Options options{.attributes = 0x10, .producer_id = 5, .producer_epoch = 1};
  for (int i = 0; i < 2; ++i) {
    std::string batch = batch_of(1, kNow, options);
    ASSERT_TRUE(partition.append(batch, kNow, Origin::coordinator));
  }
  ASSERT_TRUE(flush(partition));
  EXPECT_EQ(partition.last_stable_offset(), 0);
  std::string old = batch_of(1, kNow, {.attributes = 0x10, .producer_id = 5, .producer_epoch = 0});
  EXPECT_EQ(partition.append(old, kNow, Origin::coordinator).error().code, ErrorCode::invalid_producer_epoch);
  EXPECT_EQ(append(partition, batch_of(1, kNow, options)), ErrorCode::out_of_order_sequence_number);
  ASSERT_TRUE(partition.append_end_marker(5, 2, 0, false, kNow));
  ASSERT_TRUE(flush(partition));
  EXPECT_EQ(partition.last_stable_offset(), 3);
  EXPECT_EQ(partition.read(0, 1000, Isolation::committed).aborted.at(0).first_offset, 0);
}

TEST(Partition, ConvertsCompressionAndTimesAsTheTopicAsks) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log, {{"compression.type", "lz4"}, {"message.timestamp.type", "LogAppendTime"}});
  std::string batch = batch_of(50, 5, {.codec = wire::Codec::gzip});
  EXPECT_EQ(partition.append(batch, kNow)->log_append_time, kNow);
  ASSERT_TRUE(flush(partition));
  const ReadResult result = partition.read(0, 1, Isolation::uncommitted);
  std::string bytes(result.size, '\0');
  ASSERT_TRUE(result.ranges.at(0).file->read_at(0, bytes));
  EXPECT_TRUE(wire::is_crc_right(bytes));
  const auto header = wire::read_batch_header(bytes).value();
  EXPECT_EQ(header.codec(), wire::Codec::lz4);
  EXPECT_EQ(header.max_timestamp, kNow);
  EXPECT_EQ(partition.find_by_time(kNow)->offset, 0);
  EXPECT_EQ(partition.find_by_time(kNow + 1)->offset, -1);
}

TEST(Partition, FindsTimesToTheRecordAcrossSegments) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log, {{"segment.bytes", "400"}, {"index.interval.bytes", "100"}});
  for (int i = 0; i < 20; ++i) ASSERT_EQ(append(partition, batch_of(3, kNow + i * 10)), ErrorCode::none);
  ASSERT_TRUE(flush(partition));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(partition.find_by_time(kNow + i * 10 + 1)->offset, i * 3 + 1);
    EXPECT_EQ(partition.find_by_time(kNow + i * 10 + 2)->timestamp, kNow + i * 10 + 2);
  }
  EXPECT_EQ(partition.find_by_time(0)->offset, 0);
  EXPECT_EQ(partition.find_max_timestamp()->offset, 59);
}

TEST(Partition, RetentionTakesWholeSegmentsByTimeBySizeAndWhatWasDeleted) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log, {{"segment.bytes", "400"}, {"retention.ms", "100"}});
  for (int i = 0; i < 12; ++i) ASSERT_EQ(append(partition, batch_of(3, kNow + i * 10)), ErrorCode::none);
  ASSERT_TRUE(flush(partition));
  EXPECT_EQ(partition.apply_retention(kNow).value(), 0U);
  EXPECT_GT(partition.apply_retention(kNow + 160).value(), 0U);
  const std::int64_t start = partition.start_offset();
  EXPECT_GT(start, 0);
  EXPECT_EQ(read(partition, start - 1), "OFFSET_OUT_OF_RANGE");
  EXPECT_EQ(partition.delete_records(start + 4).value(), start + 4);
  EXPECT_EQ(partition.delete_records(1000).error(), ErrorCode::offset_out_of_range);
  TopicConfig config = partition.config();
  config.retention_ms = -1;
  config.retention_bytes = 1;
  partition.set_config(config);
  EXPECT_GT(partition.apply_retention(kNow).value(), 0U);
  EXPECT_GT(partition.start_offset(), start + 4);
}

TEST(Partition, DamageBeforeTheFlushedMarkIsSetAsideAndBothSidesAreServed) {
  const auto disk = MemoryDisk::make();
  {
    auto log = open(*disk);
    Partition& partition = create(*log);
    for (int i = 0; i < 5; ++i) ASSERT_EQ(append(partition, batch_of(2)), ErrorCode::none);
    ASSERT_TRUE(flush(partition));
    ASSERT_TRUE(log->close());
  }
  const std::size_t size = batch_of(2).size();
  std::string& bytes = *disk->bytes_of(file_below(*disk, "00000000000000000000.log"));
  const std::string whole = bytes;
  bytes[2 * size + 16] = 9;  // The magic of the third batch.
  {
    auto log = open(*disk);
    Partition& partition = *log->find("t", 0);
    EXPECT_EQ(read(partition, 4), "KAFKA_STORAGE_ERROR");
    EXPECT_EQ(partition.read(4, 100, Isolation::uncommitted).next, 6);
    EXPECT_EQ(read(partition, 0), "0-1 2-3");
    EXPECT_EQ(read(partition, 6), "6-7 8-9");
    ASSERT_EQ(partition.quarantined().size(), 1U);
    EXPECT_EQ(partition.quarantined()[0].bytes, size);
    EXPECT_EQ(append(partition, batch_of(1)), ErrorCode::none);
    EXPECT_EQ(partition.end_offset(), 11);
  }
  {
    auto log = open(*disk);
    Partition& partition = *log->find("t", 0);
    ASSERT_EQ(partition.quarantined().size(), 1U);
    EXPECT_FALSE(partition.release_quarantine(5));
    ASSERT_TRUE(partition.release_quarantine(4));
    EXPECT_EQ(read(partition, 4), "6-7 8-9 10-10");
    EXPECT_TRUE(partition.quarantined()[0].is_released);
    // The file was put right from elsewhere.
    disk->bytes_of(file_below(*disk, "00000000000000000000.log"))->replace(0, whole.size(), whole);
    ASSERT_TRUE(partition.release_quarantine(4));
    EXPECT_TRUE(partition.quarantined().empty());
    EXPECT_EQ(read(partition, 4), "4-5 6-7 8-9 10-10");
  }
}

TEST(Partition, VerificationFindsWhatOnlyAChecksumTells) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log, {{"segment.bytes", "300"}});
  for (int i = 0; i < 8; ++i) ASSERT_EQ(append(partition, batch_of(2)), ErrorCode::none);
  ASSERT_TRUE(flush(partition));
  EXPECT_EQ(partition.verify()->batches, 8U);
  disk->bytes_of(file_below(*disk, "00000000000000000006.log"))->back() ^= 1;
  const auto verification = partition.verify().value();
  EXPECT_EQ(verification.batches, 7U);
  ASSERT_EQ(verification.found.size(), 1U);
  EXPECT_EQ(verification.found[0].first_offset, 10);
  EXPECT_EQ(verification.found[0].end_offset, 12);
  EXPECT_EQ(read(partition, 10), "KAFKA_STORAGE_ERROR");
}

TEST(Partition, BytesThatWereFlushedAndAreMissingAreReportedAndTheirOffsetsNotGivenAgain) {
  const auto disk = MemoryDisk::make();
  {
    auto log = open(*disk);
    Partition& partition = create(*log);
    for (int i = 0; i < 5; ++i) ASSERT_EQ(append(partition, batch_of(2)), ErrorCode::none);
    ASSERT_TRUE(flush(partition));
    ASSERT_TRUE(log->write_checkpoint());
  }
  std::string& bytes = *disk->bytes_of(file_below(*disk, "00000000000000000000.log"));
  bytes.resize(2 * batch_of(2).size() + 20);
  auto log = open(*disk);
  Partition& partition = *log->find("t", 0);
  EXPECT_EQ(partition.end_offset(), 10);
  ASSERT_EQ(partition.quarantined().size(), 1U);
  EXPECT_EQ(partition.quarantined()[0].first_offset, 4);
  EXPECT_EQ(append(partition, batch_of(1)), ErrorCode::none);
  ASSERT_TRUE(flush(partition));
  EXPECT_EQ(read(partition, 0), "0-1 2-3");
  EXPECT_EQ(partition.read(4, 1, Isolation::uncommitted).next, 10);
  EXPECT_EQ(read(partition, 10), "10-10");
}

TEST(Partition, ASegmentThatLostItsEndWhileStoppedIsReported) {
  const auto disk = MemoryDisk::make();
  {
    auto log = open(*disk);
    Partition& partition = create(*log, {{"segment.bytes", "300"}});
    for (int i = 0; i < 8; ++i) ASSERT_EQ(append(partition, batch_of(2)), ErrorCode::none);
    ASSERT_TRUE(flush(partition));
    ASSERT_TRUE(log->close());
  }
  disk->bytes_of(file_below(*disk, "00000000000000000006.log"))->resize(batch_of(2).size());
  auto log = open(*disk);
  Partition& partition = *log->find("t", 0);
  ASSERT_EQ(partition.quarantined().size(), 1U);
  EXPECT_EQ(partition.quarantined()[0].first_offset, 8);
  EXPECT_EQ(partition.read(9, 1, Isolation::uncommitted).next, 12);
  EXPECT_EQ(read(partition, 0), "0-1 2-3 4-5 6-7");
  EXPECT_EQ(read(partition, 12), "12-13 14-15");
}

TEST(Partition, AfterAFailedSyncNothingIsAcknowledgedUntilItIsOpenedAnew) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log);
  ASSERT_EQ(append(partition, batch_of(1)), ErrorCode::none);
  disk->fail_call(disk->call_count(), Failure::io_error_and_drop);
  EXPECT_FALSE(flush(partition));
  EXPECT_EQ(partition.high_watermark(), 0);
  EXPECT_EQ(append(partition, batch_of(1)), ErrorCode::kafka_storage_error);
  EXPECT_FALSE(partition.take_flush());
  EXPECT_FALSE(partition.failure().empty());
}

TEST(Partition, AFullDiskLeavesNothingHalfWrittenAndPasses) {
  const auto disk = MemoryDisk::make();
  auto log = open(*disk);
  Partition& partition = create(*log);
  ASSERT_EQ(append(partition, batch_of(1)), ErrorCode::none);
  const std::uint64_t size = partition.size_bytes();
  disk->set_capacity(1);
  EXPECT_EQ(append(partition, batch_of(1)), ErrorCode::kafka_storage_error);
  EXPECT_EQ(partition.size_bytes(), size);
  disk->set_capacity(1 << 30);
  EXPECT_EQ(append(partition, batch_of(1)), ErrorCode::none);
  ASSERT_TRUE(flush(partition));
  EXPECT_EQ(read(partition, 0), "0-0 1-1");
}

// A short life, with the call numbered `failing` failing. Returns what was acknowledged.
std::int64_t live(MemoryDisk& disk) {
  auto log = Log::open(disk.root(), {.now = kNow, .reserve_bytes = 0});
  if (!log) return 0;
  auto topic = (*log)->create_topic("t", 1, {{"segment.bytes", "300"}});
  if (!topic) return 0;
  Partition& partition = *(*topic)->partitions[0];
  for (int i = 0; i < 4; ++i) {
    static_cast<void>(append(partition, batch_of(2)));
    static_cast<void>(append(
        partition, batch_of(1, kNow, {.attributes = 0x10, .producer_id = 5, .producer_epoch = 0, .base_sequence = i})));
    static_cast<void>(partition.append_end_marker(5, 0, 0, i % 2 == 0, kNow));
    static_cast<void>(flush(partition));
    static_cast<void>((*log)->write_checkpoint());
  }
  const std::int64_t acknowledged = partition.high_watermark();
  static_cast<void>((*log)->close());
  return acknowledged;
}

TEST(Partition, NothingAcknowledgedIsLostWhicheverCallFails) {
  const auto sample = MemoryDisk::make();
  EXPECT_EQ(live(*sample), 16);
  const std::uint64_t calls = sample->call_count();
  std::mt19937 random(1);
  for (const Failure failure : {Failure::no_space, Failure::io_error, Failure::io_error_and_drop}) {
    for (const bool is_lasting : {false, true}) {
      for (std::uint64_t call = 0; call < calls; ++call) {
        SCOPED_TRACE("call " + std::to_string(call) + " failure " + std::to_string(static_cast<int>(failure)));
        const auto disk = MemoryDisk::make();
        disk->fail_call(call, failure, is_lasting);
        const std::int64_t acknowledged = live(*disk);
        disk->stop_failing();
        const auto cut =
            disk->after_power_cut(disk->operation_count(), [&](std::size_t count) { return random() % count; });
        auto log = Log::open(cut->root(), {.now = kNow, .reserve_bytes = 0});
        ASSERT_TRUE(log) << log.error().message;
        const Partition* partition = (*log)->find("t", 0);
        if (acknowledged == 0) continue;
        ASSERT_NE(partition, nullptr);
        EXPECT_GE(partition->end_offset(), acknowledged);
        EXPECT_TRUE(partition->quarantined().empty());
        std::int64_t offset = 0;
        while (offset < acknowledged) {
          const std::string text = read(*partition, offset);
          ASSERT_FALSE(text.empty() || text[0] == 'K') << text;
          offset = std::stoll(text.substr(text.rfind('-') + 1)) + 1;
        }
      }
    }
  }
}

TEST(Log, ADamagedCheckpointIsNoticedAndTheOlderOneHolds) {
  const auto disk = MemoryDisk::make();
  {
    auto log = open(*disk);
    Partition& partition = create(*log);
    ASSERT_EQ(append(partition, batch_of(3)), ErrorCode::none);
    ASSERT_TRUE(flush(partition));
    ASSERT_TRUE(log->write_checkpoint());
    ASSERT_TRUE(log->close());
  }
  disk->bytes_of("checkpoint.1")->at(30) ^= 1;
  auto log = open(*disk);
  EXPECT_FALSE(log->was_clean());
  ASSERT_EQ(log->notices().size(), 1U);
  EXPECT_EQ(read(*log->find("t", 0), 0), "0-2");
}

}  // namespace
}  // namespace weir::log
