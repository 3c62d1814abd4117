#include "wire/messages/api_versions.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

// KIP-890: the epoch of a producer is bumped with every transaction, and partitions join a transaction as they are
// written to.
constexpr std::int16_t kTransactionVersion = 2;
// KIP-848: clients may use the new consumer group protocol.
constexpr std::int16_t kGroupVersion = 1;

// What a client says of itself goes to logs and metrics: letters, digits, dots and dashes alone (KIP-511).
bool is_software_text(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (text.empty() || text.size() > 128 || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back()))
    return false;
  return std::ranges::all_of(text, [&](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; });
}

}  // namespace

void handle_api_versions(Request& request, Call call) {
  wire::ApiVersionsResponse response;
  for (const wire::ApiInfo& api : wire::apis()) {
    if (handler_of(api.key) == nullptr) continue;
    wire::ApiVersionsResponse::ApiVersion entry;
    entry.api_key = static_cast<std::int16_t>(api.key);
    entry.min_version = static_cast<std::int16_t>(api.advertised.min);
    entry.max_version = static_cast<std::int16_t>(api.advertised.max);
    response.api_keys.push_back(entry);
  }
  if (!wire::ApiVersionsRequest::kVersions.contains(call.version())) {
    // The client's version is newer than ours: it is told which there are, in the form that every client reads.
    response.error_code = wire::ErrorCode::unsupported_version;
    return call.answer_as(response, 0);
  }
  wire::ApiVersionsRequest body;
  if (!read_body(request, call, body)) return;
  if (call.version() >= 3) {
    if (is_software_text(body.client_software_name) && is_software_text(body.client_software_version)) {
      request.session.client_software = body.client_software_name + " " + body.client_software_version;
    } else {
      response = {};
      response.error_code = wire::ErrorCode::invalid_request;
      return call.answer(response);
    }
  }
  response.finalized_features_epoch = 0;
  response.supported_features.push_back({"group.version", 0, kGroupVersion});
  response.finalized_features.push_back({"group.version", kGroupVersion, kGroupVersion});
  response.supported_features.push_back({"transaction.version", 0, kTransactionVersion});
  response.finalized_features.push_back({"transaction.version", kTransactionVersion, kTransactionVersion});
  call.answer(response);
}

}  // namespace weir::broker
