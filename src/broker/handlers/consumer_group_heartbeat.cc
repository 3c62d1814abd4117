#include "wire/messages/consumer_group_heartbeat.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_consumer_group_heartbeat(Request& request, Call call) {
  wire::ConsumerGroupHeartbeatRequest body;
  if (!read_body(request, call, body)) return;
  if (body.group_id.empty()) {
    wire::ConsumerGroupHeartbeatResponse response;
    response.error_code = wire::ErrorCode::invalid_request;
    response.error_message = "GroupId can't be empty.";
    return call.answer(response);
  }
  request.broker.groups().consumer_heartbeat(std::move(call), body, request.session, request.now);
}

}  // namespace weir::broker
