#include "wire/messages/alter_partition_reassignments.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

// A partition can be where it is; anything else has no place to go.
void handle_alter_partition_reassignments(Request& request, Call call) {
  using wire::ErrorCode;
  wire::AlterPartitionReassignmentsRequest body;
  if (!read_body(request, call, body)) return;
  const std::vector<std::int32_t> here = {request.broker.settings().node_id};
  wire::AlterPartitionReassignmentsResponse response;
  for (const auto& topic : body.topics) {
    wire::AlterPartitionReassignmentsResponse::ReassignableTopicResponse entry;
    entry.name = topic.name;
    for (const auto& wanted : topic.partitions) {
      ErrorCode code = ErrorCode::none;
      if (request.broker.log().find(topic.name, wanted.partition_index) == nullptr) {
        code = ErrorCode::unknown_topic_or_partition;
      } else if (!wanted.replicas) {
        code = ErrorCode::no_reassignment_in_progress;
      } else if (*wanted.replicas != here) {
        code = ErrorCode::invalid_replica_assignment;
      }
      entry.partitions.push_back({wanted.partition_index, code, std::nullopt});
    }
    response.responses.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
