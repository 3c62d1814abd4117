#include "wire/messages/join_group.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_join_group(Request& request, Call call) {
  wire::JoinGroupRequest body;
  if (!read_body(request, call, body)) return;
  if (body.group_id.empty()) {
    wire::JoinGroupResponse response;
    response.error_code = wire::ErrorCode::invalid_group_id;
    response.member_id = body.member_id;
    return call.answer(response);
  }
  request.broker.groups().join(std::move(call), body, request.session, request.now);
}

}  // namespace weir::broker
