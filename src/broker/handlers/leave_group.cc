#include "wire/messages/leave_group.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_leave_group(Request& request, Call call) {
  wire::LeaveGroupRequest body;
  if (!read_body(request, call, body)) return;
  wire::LeaveGroupResponse response;
  if (call.version() < 3) {
    response.error_code = request.broker.groups().leave(body.group_id, body.member_id, std::nullopt, request.now);
    return call.answer(response);
  }
  for (const auto& member : body.members) {
    wire::LeaveGroupResponse::MemberResponse left;
    left.member_id = member.member_id;
    left.group_instance_id = member.group_instance_id;
    left.error_code =
        request.broker.groups().leave(body.group_id, member.member_id, member.group_instance_id, request.now);
    response.members.push_back(std::move(left));
  }
  call.answer(response);
}

}  // namespace weir::broker
