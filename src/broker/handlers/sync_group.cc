#include "wire/messages/sync_group.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_sync_group(Request& request, Call call) {
  wire::SyncGroupRequest body;
  if (!read_body(request, call, body)) return;
  request.broker.groups().sync(std::move(call), body, request.now);
}

}  // namespace weir::broker
