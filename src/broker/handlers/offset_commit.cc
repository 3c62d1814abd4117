#include "wire/messages/offset_commit.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_offset_commit(Request& request, Call call) {
  using wire::ErrorCode;
  wire::OffsetCommitRequest body;
  if (!read_body(request, call, body)) return;
  wire::OffsetCommitResponse response;
  Offsets offsets;
  for (const auto& topic : body.topics) {
    wire::OffsetCommitResponse::OffsetCommitResponseTopic entry;
    entry.name = topic.name;
    for (const auto& partition : topic.partitions) {
      wire::OffsetCommitResponse::OffsetCommitResponsePartition result;
      result.partition_index = partition.partition_index;
      const std::string metadata = partition.committed_metadata.value_or("");
      if (request.broker.log().find(topic.name, partition.partition_index) == nullptr) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
      } else if (metadata.size() > request.broker.settings().offset_metadata_max) {
        result.error_code = ErrorCode::offset_metadata_too_large;
      } else {
        offsets[{topic.name, partition.partition_index}] = {partition.committed_offset,
                                                            partition.committed_leader_epoch, metadata, 0};
      }
      entry.partitions.push_back(result);
    }
    response.topics.push_back(std::move(entry));
  }
  GroupCoordinator::Committer committer;
  committer.group = body.group_id;
  committer.member_id = body.member_id;
  committer.instance_id = body.group_instance_id;
  committer.generation = body.generation_id_or_member_epoch;
  committer.version = call.version();
  request.broker.groups().commit(committer, std::move(offsets), request.now,
                                 [call = std::move(call), response = std::move(response)](ErrorCode code) mutable {
                                   for (auto& topic : response.topics) {
                                     for (auto& partition : topic.partitions) {
                                       if (partition.error_code == ErrorCode::none) partition.error_code = code;
                                     }
                                   }
                                   call.answer(response);
                                 });
}

}  // namespace weir::broker
