#include "wire/messages/delete_groups.h"

#include <memory>

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_delete_groups(Request& request, Call call) {
  wire::DeleteGroupsRequest body;
  if (!read_body(request, call, body)) return;
  // Answered when the last of the groups is settled.
  struct Pending {
    Call call;
    wire::DeleteGroupsResponse response;
    std::size_t left = 0;
  };
  auto pending = std::make_shared<Pending>(Pending{std::move(call), {}, body.groups_names.size()});
  if (body.groups_names.empty()) return pending->call.answer(pending->response);
  for (const std::string& id : body.groups_names) pending->response.results.push_back({id, wire::ErrorCode::none});
  for (std::size_t i = 0; i < body.groups_names.size(); ++i) {
    request.broker.groups().remove(body.groups_names[i], request.now, [pending, i](wire::ErrorCode code) {
      pending->response.results[i].error_code = code;
      if (--pending->left == 0) pending->call.answer(pending->response);
    });
  }
}

}  // namespace weir::broker
