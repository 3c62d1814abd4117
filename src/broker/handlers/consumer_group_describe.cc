#include "wire/messages/consumer_group_describe.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using Response = wire::ConsumerGroupDescribeResponse;

constexpr std::int8_t kConsumerMember = 1;  // One that speaks the new protocol (KIP-1099).

Response::Assignment describe(log::Log& log, const PartitionSet& partitions) {
  Response::Assignment described;
  described.topic_partitions = by_topic<Response::TopicPartitions>(partitions);
  // Topics that were deleted have no name any more; members still have to let go of them.
  std::erase_if(described.topic_partitions, [&](Response::TopicPartitions& entry) {
    const log::Topic* topic = log.find(entry.topic_id);
    if (topic != nullptr) entry.topic_name = topic->name;
    return topic == nullptr;
  });
  return described;
}

Response::Member describe(log::Log& log, const ConsumerGroup::Member& member) {
  Response::Member described;
  described.member_id = member.id;
  described.instance_id = member.instance_id;
  described.rack_id = member.rack_id;
  described.member_epoch = member.epoch;
  described.client_id = member.client_id;
  described.client_host = member.client_host;
  described.subscribed_topic_names = {member.topic_names.begin(), member.topic_names.end()};
  if (!member.topic_regex.empty()) described.subscribed_topic_regex = member.topic_regex;
  described.assignment = describe(log, member.assigned);
  described.target_assignment = describe(log, member.target);
  described.member_type = kConsumerMember;
  return described;
}

}  // namespace

void handle_consumer_group_describe(Request& request, Call call) {
  wire::ConsumerGroupDescribeRequest body;
  if (!read_body(request, call, body)) return;
  Response response;
  for (const std::string& id : body.group_ids) {
    Response::DescribedGroup entry;
    entry.group_id = id;
    const GroupCoordinator::Group* group = request.broker.groups().find(id);
    if (group == nullptr || group->consumer() == nullptr) {
      entry.error_code = wire::ErrorCode::group_id_not_found;
      entry.error_message = group == nullptr ? fmt::format("Group {} not found.", id)
                                             : fmt::format("Group {} is not a consumer group.", id);
      response.groups.push_back(std::move(entry));
      continue;
    }
    const ConsumerGroup& consumer = *group->consumer();
    entry.group_state = std::string(group->state_name());
    entry.group_epoch = consumer.epoch();
    entry.assignment_epoch = consumer.epoch();
    entry.assignor_name = std::string(consumer.assignor());
    for (const auto& [member_id, member] : consumer.members()) {
      entry.members.push_back(describe(request.broker.log(), member));
    }
    response.groups.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
