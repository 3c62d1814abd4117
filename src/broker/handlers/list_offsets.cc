#include "wire/messages/list_offsets.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using PartitionRequest = wire::ListOffsetsRequest::ListOffsetsPartition;
using PartitionResponse = wire::ListOffsetsResponse::ListOffsetsPartitionResponse;

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;   // KIP-734.
constexpr std::int64_t kEarliestLocal = -4;  // KIP-405: without tiers, the same as the earliest.
constexpr std::int64_t kLatestTiered = -5;   // KIP-1005: nothing is tiered.

PartitionResponse find_offset(const log::Partition& partition, const PartitionRequest& wanted, bool is_committed) {
  PartitionResponse response;
  response.partition_index = wanted.partition_index;
  const std::int64_t end = is_committed ? partition.last_stable_offset() : partition.high_watermark();
  switch (wanted.timestamp) {
    case kLatest:
      response.offset = end;
      response.leader_epoch = partition.leader_epoch();
      return response;
    case kEarliest:
    case kEarliestLocal:
      response.offset = partition.start_offset();
      response.leader_epoch = partition.leader_epoch();
      return response;
    case kLatestTiered: return response;
    default: break;
  }
  const auto found =
      wanted.timestamp == kMaxTimestamp ? partition.find_max_timestamp() : partition.find_by_time(wanted.timestamp);
  if (!found) {
    response.error_code = ErrorCode::kafka_storage_error;
  } else if (found->offset >= 0 && found->offset < end) {
    response.offset = found->offset;
    response.timestamp = found->timestamp;
    response.leader_epoch = found->leader_epoch;
  }
  return response;
}

}  // namespace

void handle_list_offsets(Request& request, Call call) {
  wire::ListOffsetsRequest body;
  if (!read_body(request, call, body)) return;
  wire::ListOffsetsResponse response;
  for (const auto& topic : body.topics) {
    wire::ListOffsetsResponse::ListOffsetsTopicResponse entry;
    entry.name = topic.name;
    for (const PartitionRequest& wanted : topic.partitions) {
      const log::Partition* partition = request.broker.log().find(topic.name, wanted.partition_index);
      PartitionResponse found;
      found.partition_index = wanted.partition_index;
      if (partition == nullptr) {
        found.error_code = ErrorCode::unknown_topic_or_partition;
      } else if (wanted.current_leader_epoch >= 0 && wanted.current_leader_epoch != partition->leader_epoch()) {
        found.error_code = wanted.current_leader_epoch < partition->leader_epoch() ? ErrorCode::fenced_leader_epoch
                                                                                   : ErrorCode::unknown_leader_epoch;
      } else {
        found = find_offset(*partition, wanted, body.isolation_level == 1);
      }
      if (call.version() == 0 && found.error_code == ErrorCode::none && found.offset >= 0) {
        found.old_style_offsets = {found.offset};
      }
      entry.partitions.push_back(std::move(found));
    }
    response.topics.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
