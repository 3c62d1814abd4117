#include "wire/messages/find_coordinator.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

constexpr std::int8_t kGroup = 0;
constexpr std::int8_t kTransaction = 1;

}  // namespace

// This node coordinates everything.
void handle_find_coordinator(Request& request, Call call) {
  using wire::ErrorCode;
  wire::FindCoordinatorRequest body;
  if (!read_body(request, call, body)) return;
  const io::Address address = request.broker.address_for(request.session);
  const std::int32_t node = request.broker.settings().node_id;
  const bool is_known = body.key_type == kGroup || body.key_type == kTransaction;
  wire::FindCoordinatorResponse response;
  if (call.version() < 4) body.coordinator_keys = {body.key};
  for (const std::string& key : body.coordinator_keys) {
    wire::FindCoordinatorResponse::Coordinator entry;
    entry.key = key;
    entry.node_id = is_known ? node : -1;
    entry.host = is_known ? address.host : "";
    entry.port = is_known ? address.port : -1;
    entry.error_code = is_known ? ErrorCode::none : ErrorCode::invalid_request;
    if (!is_known) entry.error_message = fmt::format("key type {} is not known", body.key_type);
    response.coordinators.push_back(std::move(entry));
  }
  if (call.version() < 4) {
    const auto& only = response.coordinators.front();
    response.error_code = only.error_code;
    response.error_message = only.error_message;
    response.node_id = only.node_id;
    response.host = only.host;
    response.port = only.port;
  }
  call.answer(response);
}

}  // namespace weir::broker
