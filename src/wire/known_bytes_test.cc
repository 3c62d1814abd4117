// Frames written by hand from the protocol guide, so that encoder and decoder cannot be wrong together.

#include <gtest/gtest.h>

#include "wire/messages/api_versions.h"
#include "wire/messages/consumer_protocol.h"
#include "wire/messages/fetch.h"
#include "wire/messages/internal_topics.h"
#include "wire/messages/metadata.h"
#include "wire/messages/produce.h"

namespace weir::wire {
namespace {

// "0003 'topic'" to bytes: digits are hexadecimal, text in quotes stands for itself, blanks separate.
std::string bytes_of(std::string_view script) {
  std::string bytes;
  for (std::size_t at = 0; at < script.size();) {
    if (script[at] == '\'') {
      const std::size_t end = script.find('\'', at + 1);
      bytes += script.substr(at + 1, end - at - 1);
      at = end + 1;
    } else if (script[at] == ' ' || script[at] == '\n') {
      ++at;
    } else {
      bytes += static_cast<char>(std::stoi(std::string(script.substr(at, 2)), nullptr, 16));
      at += 2;
    }
  }
  return bytes;
}

template <typename Message>
void check(const Message& message, int version, std::string_view script) {
  SCOPED_TRACE(version);
  const std::string bytes = bytes_of(script);
  Encoder encoder;
  message.encode(encoder, version);
  EXPECT_EQ(encoder.bytes(), bytes);
  Message decoded;
  Decoder decoder(bytes);
  const Status status = decoded.decode(decoder, version);
  ASSERT_TRUE(status.has_value()) << status.error().message;
  EXPECT_EQ(decoder.remaining(), 0);
  EXPECT_TRUE(decoded == message);
}

TEST(KnownBytes, ApiVersions) {
  ApiVersionsRequest request;
  check(request, 0, "");
  request.client_software_name = "kcat";
  request.client_software_version = "1.7";
  check(request, 3, "05 'kcat' 04 '1.7' 00");

  ApiVersionsResponse response;
  response.error_code = ErrorCode::unsupported_version;
  response.api_keys = {{.api_key = 0, .min_version = 0, .max_version = 12}, {.api_key = 18, .max_version = 4}};
  check(response, 0, "0023 00000002 0000 0000 000C  0012 0000 0004");
  response.throttle_time_ms = 5;
  check(response, 3, "0023 03  0000 0000 000C 00  0012 0000 0004 00  00000005 00");
  response.finalized_features_epoch = 1;
  response.finalized_features = {{.name = "tv", .max_version_level = 2, .min_version_level = 1}};
  // Two tagged fields: 1 of 8 bytes, 2 of 9.
  check(response, 3, R"(0023 03  0000 0000 000C 00  0012 0000 0004 00  00000005
                        02  01 08 0000000000000001  02 09 02 03 'tv' 0002 0001 00)");
}

TEST(KnownBytes, Metadata) {
  MetadataRequest request;
  request.topics = std::nullopt;
  check(request, 1, "FFFFFFFF");
  request.topics.emplace().push_back({.name = "logs"});
  check(request, 1, "00000001 0004 'logs'");

  MetadataResponse response;
  response.brokers = {{.node_id = 1, .host = "h", .port = 9092, .rack = std::nullopt}};
  response.controller_id = 1;
  MetadataResponse::MetadataResponseTopic topic;
  topic.error_code = ErrorCode::unknown_topic_or_partition;
  topic.name = "logs";
  topic.is_internal = true;
  MetadataResponse::MetadataResponsePartition partition;
  partition.partition_index = 2;
  partition.leader_id = 1;
  partition.replica_nodes = {1};
  partition.isr_nodes = {1};
  topic.partitions.push_back(partition);
  response.topics.push_back(topic);
  check(response, 1, R"(00000001 00000001 0001 'h' 00002384 FFFF  00000001
                        00000001 0003 0004 'logs' 01
                        00000001 0000 00000002 00000001 00000001 00000001 00000001 00000001)");
}

TEST(KnownBytes, Produce) {
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30000;
  request.topic_data = {{.name = "logs", .partition_data = {{.index = 1, .records = {.bytes = "batch"}}}}};
  check(request, 3, "FFFF FFFF 00007530 00000001 0004 'logs' 00000001 00000001 00000005 'batch'");
  request.transactional_id = "t";
  check(request, 9, "02 't' FFFF 00007530 02 05 'logs' 02 00000001 06 'batch' 00 00 00");
  request.topic_data[0].partition_data[0].records = {.is_null = true};
  check(request, 9, "02 't' FFFF 00007530 02 05 'logs' 02 00000001 00 00 00 00");

  ProduceResponse response;
  ProduceResponse::PartitionProduceResponse partition;
  partition.index = 1;
  partition.base_offset = 7;
  response.responses = {{.name = "logs", .partition_responses = {partition}}};
  check(response, 3, R"(00000001 0004 'logs' 00000001 00000001 0000 0000000000000007 FFFFFFFFFFFFFFFF 00000000)");
  response.responses[0].partition_responses[0].current_leader = {.leader_id = 2, .leader_epoch = 3};
  check(response, 10, R"(02 05 'logs' 02 00000001 0000 0000000000000007 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF 01 00
                         01 00 09 00000002 00000003 00
                         00 00000000 00)");
}

TEST(KnownBytes, Fetch) {
  FetchRequest request;
  request.max_wait_ms = 500;
  request.min_bytes = 1;
  request.max_bytes = 1 << 20;
  request.isolation_level = 1;
  FetchRequest::FetchPartition partition;
  partition.fetch_offset = 9;
  partition.partition_max_bytes = 4096;
  request.topics = {{.topic = "logs", .partitions = {partition}}};
  check(request, 4, R"(FFFFFFFF 000001F4 00000001 00100000 01
                       00000001 0004 'logs' 00000001 00000000 0000000000000009 00001000)");
  request.session_epoch = 0;
  request.rack_id = "r";
  request.cluster_id = "c";
  check(request, 12, R"(FFFFFFFF 000001F4 00000001 00100000 01 00000000 00000000
                        02 05 'logs' 02 00000000 FFFFFFFF 0000000000000009 FFFFFFFF FFFFFFFFFFFFFFFF 00001000 00 00
                        01 02 'r'  01 00 02 02 'c')");

  FetchResponse response;
  FetchResponse::PartitionData data;
  data.high_watermark = 12;
  data.last_stable_offset = 11;
  data.aborted_transactions = {{.producer_id = 5, .first_offset = 6}};
  data.records.bytes = "batch";
  response.responses = {{.topic = "logs", .partitions = {data}}};
  check(response, 4, R"(00000000 00000001 0004 'logs' 00000001
                        00000000 0000 000000000000000C 000000000000000B
                        00000001 0000000000000005 0000000000000006 00000005 'batch')");
  response.responses[0].partitions[0].aborted_transactions.reset();
  check(response, 12, R"(00000000 0000 00000000 02 05 'logs' 02
                         00000000 0000 000000000000000C 000000000000000B FFFFFFFFFFFFFFFF
                         00 FFFFFFFF 06 'batch' 00 00 00)");
}

TEST(KnownBytes, ConsumerProtocol) {
  ConsumerProtocolAssignment assignment;
  assignment.assigned_partitions = {{.topic = "logs", .partitions = {0, 1}}};
  check(assignment, 1, "00000001 0004 'logs' 00000002 00000000 00000001 FFFFFFFF");
}

TEST(KnownBytes, InternalTopics) {
  OffsetCommitKey key;
  key.group = "g";
  key.topic = "logs";
  key.partition = 3;
  check(key, 1, "0001 'g' 0004 'logs' 00000003");
  OffsetCommitValue value;
  value.offset = 9;
  value.commit_timestamp = 16;
  check(value, 3, "0000000000000009 FFFFFFFF 0000 0000000000000010");
}

TEST(KnownBytes, AnErrorNamesMessageFieldAndReason) {
  const std::string bytes = bytes_of("FFFFFFFF 000001F4 00000001 00100000 01 006ACFC0 'twelve bytes'");
  FetchRequest request;
  Decoder decoder(bytes);
  EXPECT_EQ(request.decode(decoder, 4).error().message,
            "FetchRequest v4: topics: array of 7000000 needs more than the 12 bytes left");
}

TEST(KnownBytes, NullWhereTheVersionHasNoNullIsEncodedAsEmpty) {
  MetadataRequest request;
  request.topics = std::nullopt;
  Encoder encoder;
  request.encode(encoder, 0);
  EXPECT_EQ(encoder.bytes(), bytes_of("00000000"));
}

}  // namespace
}  // namespace weir::wire
