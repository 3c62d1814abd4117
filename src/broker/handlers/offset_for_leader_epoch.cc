#include "wire/messages/offset_for_leader_epoch.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_offset_for_leader_epoch(Request& request, Call call) {
  using wire::ErrorCode;
  wire::OffsetForLeaderEpochRequest body;
  if (!read_body(request, call, body)) return;
  wire::OffsetForLeaderEpochResponse response;
  for (const auto& topic : body.topics) {
    wire::OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult entry;
    entry.topic = topic.topic;
    for (const auto& wanted : topic.partitions) {
      wire::OffsetForLeaderEpochResponse::EpochEndOffset found;
      found.partition = wanted.partition;
      const log::Partition* partition = request.broker.log().find(topic.topic, wanted.partition);
      if (partition == nullptr) {
        found.error_code = ErrorCode::unknown_topic_or_partition;
      } else if (wanted.current_leader_epoch >= 0 && wanted.current_leader_epoch < partition->leader_epoch()) {
        found.error_code = ErrorCode::fenced_leader_epoch;
      } else if (wanted.current_leader_epoch > partition->leader_epoch()) {
        found.error_code = ErrorCode::unknown_leader_epoch;
      } else {
        const auto end = partition->epoch_end(wanted.leader_epoch);
        found.leader_epoch = end.epoch;
        found.end_offset = end.end_offset;
      }
      entry.partitions.push_back(found);
    }
    response.topics.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
