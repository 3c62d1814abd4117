#include "wire/messages/describe_topic_partitions.h"

#include <algorithm>
#include <set>

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using Response = wire::DescribeTopicPartitionsResponse;

constexpr std::int32_t kPartitionsMax = 2000;

Response::DescribeTopicPartitionsResponsePartition describe(const log::Topic& topic, std::size_t i, std::int32_t node) {
  Response::DescribeTopicPartitionsResponsePartition partition;
  partition.partition_index = static_cast<std::int32_t>(i);
  partition.leader_id = node;
  partition.leader_epoch = topic.partitions[i]->leader_epoch();
  partition.replica_nodes = {node};
  partition.isr_nodes = {node};
  partition.eligible_leader_replicas.emplace();
  partition.last_known_elr.emplace();
  return partition;
}

}  // namespace

// Topics in the order of their names, so many partitions at a time (KIP-966).
void handle_describe_topic_partitions(Request& request, Call call) {
  wire::DescribeTopicPartitionsRequest body;
  if (!read_body(request, call, body)) return;
  std::set<std::string> names;
  for (const auto& topic : body.topics) names.insert(topic.name);
  if (body.topics.empty()) {
    for (const log::Topic* topic : request.broker.log().topics()) names.insert(topic->name);
  }
  Response response;
  std::int32_t left = std::clamp(body.response_partition_limit, 1, kPartitionsMax);
  for (const std::string& name : names) {
    if (body.cursor && name < body.cursor->topic_name) continue;
    Response::DescribeTopicPartitionsResponseTopic entry;
    entry.name = name;
    const log::Topic* topic = request.broker.log().find(name);
    if (topic == nullptr) {
      entry.error_code =
          log::is_topic_name(name) ? ErrorCode::unknown_topic_or_partition : ErrorCode::invalid_topic_exception;
      response.topics.push_back(std::move(entry));
      continue;
    }
    entry.topic_id = topic->id;
    entry.is_internal = is_internal(name);
    const bool is_resumed = body.cursor && body.cursor->topic_name == name;
    const auto first = static_cast<std::size_t>(is_resumed ? std::max(body.cursor->partition_index, 0) : 0);
    for (std::size_t i = first; i < topic->partitions.size() && left > 0; ++i, --left) {
      entry.partitions.push_back(describe(*topic, i, request.broker.settings().node_id));
    }
    const std::size_t next = first + entry.partitions.size();
    response.topics.push_back(std::move(entry));
    if (next < topic->partitions.size()) {
      response.next_cursor.emplace();
      response.next_cursor->topic_name = name;
      response.next_cursor->partition_index = static_cast<std::int32_t>(next);
      break;
    }
  }
  call.answer(response);
}

}  // namespace weir::broker
