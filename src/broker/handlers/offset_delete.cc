#include "wire/messages/offset_delete.h"

#include <algorithm>
#include <set>

#include "broker/handlers/handlers.h"
#include "wire/messages/consumer_protocol.h"

namespace weir::broker {

namespace {

// Topics that the members of the group read now: their offsets stay.
std::set<std::string> subscribed_topics(const ClassicGroup& group) {
  std::set<std::string> topics;
  for (const auto& [id, member] : group.members()) {
    for (const auto& protocol : member.protocols) {
      wire::Decoder decoder(protocol.metadata);
      const int version = std::min<int>(decoder.int16("version"), 3);
      wire::ConsumerProtocolSubscription subscription;
      // Other kinds of groups than consumers subscribe to nothing that we know.
      if (version < 0 || !subscription.decode(decoder, version)) continue;
      topics.insert(subscription.topics.begin(), subscription.topics.end());
    }
  }
  return topics;
}

}  // namespace

void handle_offset_delete(Request& request, Call call) {
  using wire::ErrorCode;
  wire::OffsetDeleteRequest body;
  if (!read_body(request, call, body)) return;
  wire::OffsetDeleteResponse response;
  const GroupCoordinator::Group* group = request.broker.groups().find(body.group_id);
  if (group == nullptr) {
    response.error_code = ErrorCode::group_id_not_found;
    return call.answer(response);
  }
  std::set<std::string> subscribed;
  if (const ClassicGroup* classic = group->classic()) subscribed = subscribed_topics(*classic);
  const auto is_subscribed = [&](const std::string& topic) {
    return subscribed.contains(topic) || (group->consumer() != nullptr && group->consumer()->is_subscribed_to(topic));
  };
  std::vector<TopicPartition> removed;
  for (const auto& topic : body.topics) {
    wire::OffsetDeleteResponse::OffsetDeleteResponseTopic entry;
    entry.name = topic.name;
    for (const auto& partition : topic.partitions) {
      wire::OffsetDeleteResponse::OffsetDeleteResponsePartition result;
      result.partition_index = partition.partition_index;
      if (request.broker.log().find(topic.name, partition.partition_index) == nullptr) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
      } else if (is_subscribed(topic.name)) {
        result.error_code = ErrorCode::group_subscribed_to_topic;
      } else {
        removed.emplace_back(topic.name, partition.partition_index);
      }
      entry.partitions.push_back(result);
    }
    response.topics.push_back(std::move(entry));
  }
  request.broker.groups().remove_offsets(
      body.group_id, removed, request.now,
      [call = std::move(call), response = std::move(response)](ErrorCode code) mutable {
        response.error_code = code;
        call.answer(response);
      });
}

}  // namespace weir::broker
