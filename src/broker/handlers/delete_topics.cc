#include "wire/messages/delete_topics.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_delete_topics(Request& request, Call call) {
  using wire::ErrorCode;
  wire::DeleteTopicsRequest body;
  if (!read_body(request, call, body)) return;
  if (call.version() < 6) {
    for (const std::string& name : body.topic_names) body.topics.push_back({name, {}});
  }
  wire::DeleteTopicsResponse response;
  for (const auto& wanted : body.topics) {
    wire::DeleteTopicsResponse::DeletableTopicResult result;
    const log::Topic* topic =
        wanted.name ? request.broker.log().find(*wanted.name) : request.broker.log().find(wanted.topic_id);
    result.name = wanted.name;
    result.topic_id = wanted.topic_id;
    if (topic == nullptr) {
      result.error_code = wanted.name ? ErrorCode::unknown_topic_or_partition : ErrorCode::unknown_topic_id;
    } else if (is_internal(topic->name)) {
      result.error_code = ErrorCode::invalid_topic_exception;
      result.error_message = "weir's internal topics cannot be deleted";
    } else {
      const std::string name = topic->name;
      result.name = name;
      result.topic_id = topic->id;
      if (const Status deleted = request.broker.delete_topic(name, request.now); !deleted) {
        result.error_code = ErrorCode::kafka_storage_error;
        result.error_message = deleted.error().message;
      }
    }
    response.responses.push_back(std::move(result));
  }
  call.answer(response);
}

}  // namespace weir::broker
