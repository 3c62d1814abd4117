#include "broker/broker.h"

#include <set>

#include <gtest/gtest.h>

#include "broker/testing/broker_harness.h"
#include "wire/messages/add_offsets_to_txn.h"
#include "wire/messages/add_partitions_to_txn.h"
#include "wire/messages/api_versions.h"
#include "wire/messages/create_topics.h"
#include "wire/messages/delete_topics.h"
#include "wire/messages/end_txn.h"
#include "wire/messages/fetch.h"
#include "wire/messages/init_producer_id.h"
#include "wire/messages/list_offsets.h"
#include "wire/messages/metadata.h"
#include "wire/messages/offset_commit.h"
#include "wire/messages/offset_fetch.h"
#include "wire/messages/produce.h"
#include "wire/messages/txn_offset_commit.h"
#include "wire/record_batch.h"

namespace weir::broker {
namespace {

using testing::BrokerHarness;
using wire::ErrorCode;
using namespace std::chrono_literals;

class BrokerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(harness_->open());
    client_ = harness_->connect();
  }

  void create(const std::string& name, std::int32_t partitions) {
    wire::CreateTopicsRequest request;
    wire::CreateTopicsRequest::CreatableTopic topic;
    topic.name = name;
    topic.num_partitions = partitions;
    topic.replication_factor = 1;
    request.topics.push_back(topic);
    const auto response = harness_->ask<wire::CreateTopicsResponse>(client_, request, 7);
    ASSERT_EQ(response.topics.at(0).error_code, ErrorCode::none);
  }

  // One record, outside of idempotence unless `producer` is given.
  static wire::ProduceRequest produce_request(std::string& batch, const std::string& topic, std::int32_t partition,
                                              const std::string& value, std::int16_t acks,
                                              const ProducerIdentity& producer = {}, std::int32_t sequence = -1,
                                              const std::optional<std::string>& transactional_id = {}) {
    wire::BatchWriter::Options options;
    options.producer_id = producer.id;
    options.producer_epoch = producer.epoch;
    options.base_sequence = sequence;
    if (transactional_id) options.attributes = 0x10;
    wire::BatchWriter writer(options);
    wire::Record record;
    record.timestamp = testing::kStart;
    record.key = "key";
    record.value = value;
    writer.add(record);
    batch = writer.take();
    wire::ProduceRequest request;
    request.transactional_id = transactional_id;
    request.acks = acks;
    request.timeout_ms = 1000;
    wire::ProduceRequest::PartitionProduceData data;
    data.index = partition;
    data.records.bytes = batch;
    request.topic_data.push_back({topic, {data}});
    return request;
  }

  wire::ProduceResponse::PartitionProduceResponse produce(
      const std::string& topic, std::int32_t partition, const std::string& value, const ProducerIdentity& producer = {},
      std::int32_t sequence = -1, const std::optional<std::string>& transactional_id = {}, int version = 9) {
    std::string batch;
    const auto request = produce_request(batch, topic, partition, value, -1, producer, sequence, transactional_id);
    return harness_->ask<wire::ProduceResponse>(client_, request, version).responses.at(0).partition_responses.at(0);
  }

  static wire::FetchRequest fetch_request(const std::string& topic, std::int32_t partition, std::int64_t offset,
                                          std::int8_t isolation = 0) {
    wire::FetchRequest request;
    request.max_wait_ms = 500;
    request.min_bytes = 1;
    request.isolation_level = isolation;
    wire::FetchRequest::FetchTopic entry;
    entry.topic = topic;
    wire::FetchRequest::FetchPartition wanted;
    wanted.partition = partition;
    wanted.fetch_offset = offset;
    wanted.partition_max_bytes = 1 << 20;
    entry.partitions.push_back(wanted);
    request.topics.push_back(entry);
    return request;
  }

  // Values of what can be read, without control batches; for committed isolation without what was aborted.
  std::vector<std::string> values(const std::string& topic, std::int32_t partition, std::int8_t isolation = 0) {
    wire::FetchRequest request = fetch_request(topic, partition, 0, isolation);
    request.max_wait_ms = 0;
    const auto response = harness_->ask<wire::FetchResponse>(client_, request, 12);
    const auto& data = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(data.error_code, ErrorCode::none);
    std::vector<std::string> values;
    std::set<std::int64_t> aborted;
    for (std::string_view rest = data.records.bytes; !rest.empty();) {
      const auto header = wire::read_batch_header(rest);
      if (!header) {
        ADD_FAILURE() << header.error().message;
        break;
      }
      // As clients do it: from the first offset that is listed to the producer's next end marker.
      if (isolation == 1 && data.aborted_transactions) {
        for (const auto& listed : *data.aborted_transactions) {
          if (listed.first_offset == header->base_offset) aborted.insert(listed.producer_id);
        }
      }
      const bool is_aborted = aborted.contains(header->producer_id);
      if (header->is_control()) aborted.erase(header->producer_id);
      auto reader = wire::RecordReader::open(rest.substr(0, header->size()), 1 << 20);
      wire::Record record;
      while (reader && !header->is_control() && !is_aborted && *reader->next(record)) {
        values.emplace_back(*record.value);
      }
      rest.remove_prefix(header->size());
    }
    return values;
  }

  ProducerIdentity init(const std::string& transactional_id, int version = 4) {
    wire::InitProducerIdRequest request;
    request.transactional_id = transactional_id;
    request.transaction_timeout_ms = 60'000;
    const auto response = harness_->ask<wire::InitProducerIdResponse>(client_, request, version);
    EXPECT_EQ(response.error_code, ErrorCode::none);
    return {response.producer_id, response.producer_epoch};
  }

  ErrorCode add_partition(const std::string& id, const ProducerIdentity& producer, const std::string& topic,
                          std::int32_t partition) {
    wire::AddPartitionsToTxnRequest request;
    request.v3_and_below_transactional_id = id;
    request.v3_and_below_producer_id = producer.id;
    request.v3_and_below_producer_epoch = producer.epoch;
    request.v3_and_below_topics.push_back({topic, {partition}});
    return harness_->ask<wire::AddPartitionsToTxnResponse>(client_, request, 3)
        .results_by_topic_v3_and_below.at(0)
        .results_by_partition.at(0)
        .partition_error_code;
  }

  static wire::EndTxnRequest end_request(const std::string& id, const ProducerIdentity& producer, bool is_commit) {
    wire::EndTxnRequest request;
    request.transactional_id = id;
    request.producer_id = producer.id;
    request.producer_epoch = producer.epoch;
    request.committed = is_commit;
    return request;
  }

  wire::EndTxnResponse end(const std::string& id, const ProducerIdentity& producer, bool is_commit, int version = 3) {
    return harness_->ask<wire::EndTxnResponse>(client_, end_request(id, producer, is_commit), version);
  }

  ErrorCode commit_offset(const std::string& group, const std::string& topic, std::int64_t offset) {
    wire::OffsetCommitRequest request;
    request.group_id = group;
    wire::OffsetCommitRequest::OffsetCommitRequestPartition partition;
    partition.committed_offset = offset;
    request.topics.push_back({topic, {partition}});
    return harness_->ask<wire::OffsetCommitResponse>(client_, request, 8).topics.at(0).partitions.at(0).error_code;
  }

  wire::OffsetFetchResponse::OffsetFetchResponsePartition fetch_offset(const std::string& group,
                                                                       const std::string& topic) {
    wire::OffsetFetchRequest request;
    request.group_id = group;
    request.topics.emplace();
    request.topics->push_back({topic, {0}});
    request.require_stable = true;
    return harness_->ask<wire::OffsetFetchResponse>(client_, request, 7).topics.at(0).partitions.at(0);
  }

  std::unique_ptr<BrokerHarness> harness_ = std::make_unique<BrokerHarness>();
  ConnectionId client_ = 0;
};

TEST_F(BrokerTest, AnswersAcksAllOnlyAfterTheFlush) {
  create("t", 1);
  std::string batch;
  const auto ticket = harness_->send(client_, produce_request(batch, "t", 0, "v", -1), 9);
  EXPECT_FALSE(harness_->is_answered(ticket));
  EXPECT_EQ(values("t", 0), std::vector<std::string>());
  harness_->flush();
  EXPECT_EQ(harness_->take<wire::ProduceResponse>(ticket, 9).responses.at(0).partition_responses.at(0).base_offset, 0);
  EXPECT_EQ(values("t", 0), std::vector<std::string>{"v"});
}

TEST_F(BrokerTest, AnswersAcksOneAtOnceAndShowsItAfterTheInterval) {
  create("t", 1);
  std::string batch;
  const auto ticket = harness_->send(client_, produce_request(batch, "t", 0, "v", 1), 9);
  EXPECT_TRUE(harness_->is_answered(ticket));
  EXPECT_EQ(values("t", 0), std::vector<std::string>());
  harness_->pass(99ms);
  EXPECT_EQ(values("t", 0), std::vector<std::string>());
  harness_->pass(1ms);
  EXPECT_EQ(values("t", 0), std::vector<std::string>{"v"});
}

TEST_F(BrokerTest, WakesAFetchThatWaitsAndFlushesForIt) {
  create("t", 1);
  const auto fetch = harness_->send(client_, fetch_request("t", 0, 0), 12);
  EXPECT_FALSE(harness_->is_answered(fetch));
  std::string batch;
  harness_->send(client_, produce_request(batch, "t", 0, "v", 1), 9);
  EXPECT_FALSE(harness_->is_answered(fetch));
  EXPECT_TRUE(harness_->flush_once());
  ASSERT_TRUE(harness_->is_answered(fetch));
  const auto response = harness_->take<wire::FetchResponse>(fetch, 12);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).high_watermark, 1);
  EXPECT_GT(response.responses.at(0).partitions.at(0).records.bytes.size(), wire::kBatchHeaderBytes);
}

TEST_F(BrokerTest, AnswersAFetchThatFindsNothingWhenItsTimeIsUp) {
  create("t", 1);
  const auto fetch = harness_->send(client_, fetch_request("t", 0, 0), 12);
  harness_->pass(499ms);
  EXPECT_FALSE(harness_->is_answered(fetch));
  harness_->pass(1ms);
  EXPECT_TRUE(harness_->is_answered(fetch));
}

TEST_F(BrokerTest, TellsAFetchThatItsTopicWasDeleted) {
  create("t", 1);
  const auto fetch = harness_->send(client_, fetch_request("t", 0, 0), 12);
  wire::DeleteTopicsRequest request;
  request.topics.push_back({"t", {}});
  harness_->ask<wire::DeleteTopicsResponse>(client_, request, 6);
  ASSERT_TRUE(harness_->is_answered(fetch));
  EXPECT_EQ(harness_->take<wire::FetchResponse>(fetch, 12).responses.at(0).partitions.at(0).error_code,
            ErrorCode::unknown_topic_or_partition);
}

TEST_F(BrokerTest, AnswersAnUnknownVersionOfApiVersionsInVersionZero) {
  const auto ticket = harness_->send(client_, wire::ApiVersionsRequest(), 4);
  EXPECT_TRUE(harness_->is_answered(ticket));
  // Version 99: the header alone, flexible.
  const auto newer = harness_->send_bytes(client_, std::string("\x00\x12\x00\x63\x00\x00\x00\x07\xff\xff\x00", 11));
  const auto response = harness_->take<wire::ApiVersionsResponse>(newer, 0);
  EXPECT_EQ(response.error_code, ErrorCode::unsupported_version);
  EXPECT_FALSE(response.api_keys.empty());
}

TEST_F(BrokerTest, ClosesAConnectionThatSendsAMalformedFrame) {
  harness_->send_bytes(client_, "nonsense");
  EXPECT_TRUE(harness_->is_closed(client_));
  const ConnectionId other = harness_->connect();
  EXPECT_TRUE(harness_->is_answered(harness_->send(other, wire::ApiVersionsRequest(), 3)));
}

TEST_F(BrokerTest, RefusesWritesToItsOwnTopics) {
  EXPECT_EQ(produce("__consumer_offsets", 0, "v").error_code, ErrorCode::invalid_topic_exception);
}

TEST_F(BrokerTest, KeepsCommittedOffsetsThroughAKill) {
  create("t", 1);
  EXPECT_EQ(commit_offset("g", "t", 42), ErrorCode::none);
  EXPECT_EQ(fetch_offset("g", "t").committed_offset, 42);
  harness_->kill();
  ASSERT_TRUE(harness_->open());
  EXPECT_EQ(fetch_offset("g", "t").committed_offset, 42);
}

TEST_F(BrokerTest, ShowsATransactionWhenItIsCommittedAndNeverWhenItIsAborted) {
  create("t", 2);
  const ProducerIdentity producer = init("x");
  for (const bool is_commit : {false, true}) {
    const std::string value = is_commit ? "committed" : "aborted";
    EXPECT_EQ(add_partition("x", producer, "t", 0), ErrorCode::none);
    EXPECT_EQ(produce("t", 0, value, producer, is_commit ? 1 : 0, "x").error_code, ErrorCode::none);
    EXPECT_EQ(values("t", 0, 1), std::vector<std::string>());
    EXPECT_EQ(end("x", producer, is_commit).error_code, ErrorCode::none);
  }
  EXPECT_EQ(values("t", 0, 0), (std::vector<std::string>{"aborted", "committed"}));
  EXPECT_EQ(values("t", 0, 1), std::vector<std::string>{"committed"});
}

TEST_F(BrokerTest, RefusesAWriteToAPartitionThatIsNotInTheTransaction) {
  create("t", 2);
  const ProducerIdentity producer = init("x");
  EXPECT_EQ(add_partition("x", producer, "t", 0), ErrorCode::none);
  EXPECT_EQ(produce("t", 1, "v", producer, 0, "x").error_code, ErrorCode::invalid_txn_state);
}

TEST_F(BrokerTest, AddsAPartitionByWritingFromVersion12OnAndBumpsTheEpoch) {
  create("t", 1);
  const ProducerIdentity producer = init("x");
  EXPECT_EQ(produce("t", 0, "v", producer, 0, "x", 12).error_code, ErrorCode::none);
  const auto ended = end("x", producer, true, 5);
  EXPECT_EQ(ended.error_code, ErrorCode::none);
  EXPECT_EQ(ended.producer_id, producer.id);
  EXPECT_EQ(ended.producer_epoch, producer.epoch + 1);
  EXPECT_EQ(values("t", 0, 1), std::vector<std::string>{"v"});
  // The answer was lost, and the client asks again.
  EXPECT_EQ(end("x", producer, true, 5).producer_epoch, producer.epoch + 1);
  // Records of the transaction that has ended come late.
  EXPECT_NE(produce("t", 0, "late", producer, 1, "x", 12).error_code, ErrorCode::none);
  EXPECT_EQ(produce("t", 0, "next", {producer.id, ended.producer_epoch}, 0, "x", 12).error_code, ErrorCode::none);
}

TEST_F(BrokerTest, FencesAProducerWhoseIdWasTakenOver) {
  create("t", 1);
  const ProducerIdentity first = init("x");
  EXPECT_EQ(add_partition("x", first, "t", 0), ErrorCode::none);
  EXPECT_EQ(produce("t", 0, "zombie", first, 0, "x").error_code, ErrorCode::none);
  const ProducerIdentity second = init("x");
  EXPECT_EQ(second.id, first.id);
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_EQ(end("x", first, true).error_code, ErrorCode::producer_fenced);
  wire::InitProducerIdRequest zombie;
  zombie.transactional_id = "x";
  zombie.transaction_timeout_ms = 60'000;
  zombie.producer_id = first.id;
  zombie.producer_epoch = first.epoch;
  EXPECT_EQ(harness_->ask<wire::InitProducerIdResponse>(client_, zombie, 4).error_code, ErrorCode::producer_fenced);
  EXPECT_EQ(add_partition("x", second, "t", 0), ErrorCode::none);
  EXPECT_EQ(produce("t", 0, "owner", second, 0, "x").error_code, ErrorCode::none);
  EXPECT_EQ(end("x", second, true).error_code, ErrorCode::none);
  EXPECT_EQ(values("t", 0, 1), std::vector<std::string>{"owner"});
}

TEST_F(BrokerTest, AbortsATransactionWhoseProducerWentAway) {
  create("t", 1);
  const ProducerIdentity producer = init("x");
  EXPECT_EQ(add_partition("x", producer, "t", 0), ErrorCode::none);
  EXPECT_EQ(produce("t", 0, "v", producer, 0, "x").error_code, ErrorCode::none);
  EXPECT_EQ(produce("t", 0, "after").error_code, ErrorCode::none);
  EXPECT_EQ(values("t", 0, 1), std::vector<std::string>());
  harness_->pass(61s);
  EXPECT_EQ(values("t", 0, 1), std::vector<std::string>{"after"});
  EXPECT_NE(end("x", producer, true).error_code, ErrorCode::none);
}

TEST_F(BrokerTest, HoldsOffsetsOfATransactionUntilItsEnd) {
  create("t", 1);
  const ProducerIdentity producer = init("x");
  wire::AddOffsetsToTxnRequest add;
  add.transactional_id = "x";
  add.producer_id = producer.id;
  add.producer_epoch = producer.epoch;
  add.group_id = "g";
  for (const bool is_commit : {false, true}) {
    EXPECT_EQ(harness_->ask<wire::AddOffsetsToTxnResponse>(client_, add, 3).error_code, ErrorCode::none);
    wire::TxnOffsetCommitRequest commit;
    commit.transactional_id = "x";
    commit.group_id = "g";
    commit.producer_id = producer.id;
    commit.producer_epoch = producer.epoch;
    wire::TxnOffsetCommitRequest::TxnOffsetCommitRequestPartition partition;
    partition.committed_offset = is_commit ? 7 : 5;
    commit.topics.push_back({"t", {partition}});
    EXPECT_EQ(harness_->ask<wire::TxnOffsetCommitResponse>(client_, commit, 3).topics.at(0).partitions.at(0).error_code,
              ErrorCode::none);
    EXPECT_EQ(fetch_offset("g", "t").error_code, ErrorCode::unstable_offset_commit);
    EXPECT_EQ(end("x", producer, is_commit).error_code, ErrorCode::none);
    EXPECT_EQ(fetch_offset("g", "t").committed_offset, is_commit ? 7 : -1);
  }
  harness_->kill();
  ASSERT_TRUE(harness_->open());
  EXPECT_EQ(fetch_offset("g", "t").committed_offset, 7);
}

// A power cut after every operation of a transaction over two partitions: whole or absent, and whole once acknowledged.
TEST_F(BrokerTest, KeepsATransactionWholeThroughAPowerCutAtAnyMoment) {
  create("t", 2);
  const ProducerIdentity producer = init("x");
  harness_->flush();
  const std::size_t first = harness_->disk().operation_count();
  for (const std::int32_t partition : {0, 1}) {
    EXPECT_EQ(add_partition("x", producer, "t", partition), ErrorCode::none);
    EXPECT_EQ(produce("t", partition, "v", producer, 0, "x").error_code, ErrorCode::none);
  }
  const auto ended = harness_->send(client_, end_request("x", producer, true), 3);
  std::optional<std::size_t> acknowledged;
  while (harness_->flush_once()) {
    if (!acknowledged && harness_->is_answered(ended)) acknowledged = harness_->disk().operation_count();
  }
  ASSERT_TRUE(acknowledged);
  const std::shared_ptr<io::testing::MemoryDisk> recorded = harness_->disk().shared_from_this();
  for (std::size_t cut = first; cut <= recorded->operation_count(); ++cut) {
    for (std::size_t choice = 0; choice < 4; ++choice) {
      SCOPED_TRACE(fmt::format("cut after operation {}, choice {}", cut, choice));
      // Nothing, everything, or every other of what was not synced survives.
      std::size_t turn = choice;
      harness_ = std::make_unique<BrokerHarness>(recorded->after_power_cut(cut, [&](std::size_t count) {
        if (choice == 0) return std::size_t{0};
        return choice == 1 ? count - 1 : turn++ % count;
      }));
      const Status opened = harness_->open();
      ASSERT_TRUE(opened) << opened.error().message;
      client_ = harness_->connect();
      harness_->pass(61s);
      const auto left = values("t", 0, 1);
      EXPECT_EQ(left, values("t", 1, 1));
      if (cut >= *acknowledged) {
        EXPECT_EQ(left, std::vector<std::string>{"v"});
      }
      // Nothing hangs: what is written next can be read.
      EXPECT_EQ(produce("t", 0, "next").error_code, ErrorCode::none);
      EXPECT_EQ(values("t", 0, 1).back(), "next");
    }
  }
}

}  // namespace
}  // namespace weir::broker
