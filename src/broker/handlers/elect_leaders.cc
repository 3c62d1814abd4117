#include "wire/messages/elect_leaders.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

// One node leads everything already.
void handle_elect_leaders(Request& request, Call call) {
  using wire::ErrorCode;
  wire::ElectLeadersRequest body;
  if (!read_body(request, call, body)) return;
  wire::ElectLeadersResponse response;
  if (body.topic_partitions) {
    for (const auto& topic : *body.topic_partitions) {
      wire::ElectLeadersResponse::ReplicaElectionResult entry;
      entry.topic = topic.topic;
      for (const std::int32_t index : topic.partitions) {
        const bool is_known = request.broker.log().find(topic.topic, index) != nullptr;
        entry.partition_result.push_back(
            {index, is_known ? ErrorCode::election_not_needed : ErrorCode::unknown_topic_or_partition, std::nullopt});
      }
      response.replica_election_results.push_back(std::move(entry));
    }
  }
  call.answer(response);
}

}  // namespace weir::broker
