#include "wire/messages/create_partitions.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_create_partitions(Request& request, Call call) {
  using wire::ErrorCode;
  wire::CreatePartitionsRequest body;
  if (!read_body(request, call, body)) return;
  wire::CreatePartitionsResponse response;
  for (const auto& wanted : body.topics) {
    wire::CreatePartitionsResponse::CreatePartitionsTopicResult result;
    result.name = wanted.name;
    log::Topic* topic = request.broker.log().find(wanted.name);
    const auto refuse = [&](ErrorCode code, std::string message) {
      result.error_code = code;
      result.error_message = std::move(message);
    };
    if (topic == nullptr) {
      refuse(ErrorCode::unknown_topic_or_partition, fmt::format("there is no topic {}", wanted.name));
    } else if (is_internal(topic->name)) {
      refuse(ErrorCode::invalid_topic_exception, "weir's internal topics keep their partitions");
    } else if (wanted.count <= static_cast<std::int32_t>(topic->partitions.size())) {
      refuse(ErrorCode::invalid_partitions, fmt::format("Topic currently has {} partitions, which is higher than or "
                                                        "equal to the requested {}.",
                                                        topic->partitions.size(), wanted.count));
    } else if (wanted.assignments &&
               wanted.assignments->size() != static_cast<std::size_t>(wanted.count) - topic->partitions.size()) {
      refuse(ErrorCode::invalid_replica_assignment, "an assignment is given for other than the new partitions");
    } else if (!body.validate_only) {
      if (const Status added = request.broker.add_partitions(*topic, wanted.count); !added) {
        refuse(ErrorCode::kafka_storage_error, added.error().message);
      }
    }
    response.results.push_back(std::move(result));
  }
  call.answer(response);
}

}  // namespace weir::broker
