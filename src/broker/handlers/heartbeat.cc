#include "wire/messages/heartbeat.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_heartbeat(Request& request, Call call) {
  wire::HeartbeatRequest body;
  if (!read_body(request, call, body)) return;
  wire::HeartbeatResponse response;
  response.error_code = request.broker.groups().heartbeat(body, request.now);
  call.answer(response);
}

}  // namespace weir::broker
