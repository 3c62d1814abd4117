#include "wire/messages/offset_fetch.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;

// One partition's answer; both shapes of the response have the same fields.
template <typename PartitionResponse>
PartitionResponse answer_partition(const GroupCoordinator::Group* group, const TopicPartition& partition,
                                   bool requires_stable) {
  PartitionResponse response;
  response.partition_index = partition.second;
  response.committed_offset = -1;
  response.metadata = "";
  if (group == nullptr) return response;
  if (requires_stable) {
    for (const auto& [producer, offsets] : group->pending) {
      if (offsets.contains(partition)) {
        response.error_code = ErrorCode::unstable_offset_commit;
        return response;
      }
    }
  }
  const auto found = group->offsets.find(partition);
  if (found == group->offsets.end()) return response;
  response.committed_offset = found->second.offset;
  response.committed_leader_epoch = found->second.leader_epoch;
  response.metadata = found->second.metadata;
  return response;
}

// The topics asked for, or all that the group has offsets of.
template <typename TopicResponse, typename PartitionResponse, typename Topics>
std::vector<TopicResponse> answer_topics(const GroupCoordinator::Group* group, const std::optional<Topics>& wanted,
                                         bool requires_stable) {
  std::vector<TopicResponse> topics;
  const auto add = [&](const std::string& topic, std::int32_t partition) {
    if (topics.empty() || topics.back().name != topic) {
      topics.emplace_back();
      topics.back().name = topic;
    }
    topics.back().partitions.push_back(answer_partition<PartitionResponse>(group, {topic, partition}, requires_stable));
  };
  if (wanted) {
    for (const auto& topic : *wanted) {
      for (const std::int32_t partition : topic.partition_indexes) add(topic.name, partition);
    }
  } else if (group != nullptr) {
    for (const auto& [partition, committed] : group->offsets) add(partition.first, partition.second);
  }
  return topics;
}

}  // namespace

void handle_offset_fetch(Request& request, Call call) {
  using Response = wire::OffsetFetchResponse;
  wire::OffsetFetchRequest body;
  if (!read_body(request, call, body)) return;
  Response response;
  if (call.version() >= 8) {
    for (const auto& wanted : body.groups) {
      Response::OffsetFetchResponseGroup entry;
      entry.group_id = wanted.group_id;
      entry.error_code = request.broker.groups().check_fetch(wanted.group_id, wanted.member_id, wanted.member_epoch);
      if (entry.error_code != ErrorCode::none) {
        response.groups.push_back(std::move(entry));
        continue;
      }
      entry.topics = answer_topics<Response::OffsetFetchResponseTopics, Response::OffsetFetchResponsePartitions>(
          request.broker.groups().find(wanted.group_id), wanted.topics, body.require_stable);
      response.groups.push_back(std::move(entry));
    }
    return call.answer(response);
  }
  response.topics = answer_topics<Response::OffsetFetchResponseTopic, Response::OffsetFetchResponsePartition>(
      request.broker.groups().find(body.group_id), body.topics, body.require_stable);
  call.answer(response);
}

}  // namespace weir::broker
