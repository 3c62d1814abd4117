#include "kafka/cluster.h"

#include "wire/messages/find_coordinator.h"

namespace weir::kafka {

Result<wire::MetadataResponse> Cluster::metadata(const std::optional<std::vector<std::string>>& topics,
                                                 bool creates_topics) {
  TRY(auto* connection, any());
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = creates_topics;
  if (topics) {
    request.topics.emplace();
    for (const std::string& topic : *topics) request.topics->emplace_back().name = topic;
  } else {
    request.topics.reset();
  }
  TRY(auto response, connection->call<wire::MetadataResponse>(request));
  addresses_.clear();
  for (const auto& broker : response.brokers) {
    addresses_[broker.node_id] = {broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  controller_ = response.controller_id;
  return response;
}

Status Cluster::learn() {
  if (!addresses_.empty()) return {};
  TRY(metadata(std::vector<std::string>{}));
  return {};
}

Result<Connection*> Cluster::usable(std::unique_ptr<Connection>& slot, const io::Address& address) {
  if (slot && slot->is_usable() && slot->address() == address) return slot.get();
  slot.reset();
  TRY(slot, Connection::open(address, settings_));
  return slot.get();
}

Result<Connection*> Cluster::any() {
  if (bootstrap_ && bootstrap_->is_usable()) return bootstrap_.get();
  Error failed{ErrorKind::external, ""};
  for (const io::Address& address : settings_.bootstrap) {
    auto connection = usable(bootstrap_, address);
    if (connection) return connection;
    failed.kind = connection.error().kind;
    if (!failed.message.empty()) failed.message += "; ";
    failed.message += connection.error().message;
  }
  return std::unexpected(std::move(failed));
}

Result<Connection*> Cluster::broker(std::int32_t id) {
  TRY(learn());
  const auto found = addresses_.find(id);
  if (found == addresses_.end()) return fail(ErrorKind::external, "the cluster knows no broker {} at present", id);
  // Most often the cluster has one broker, which is connected already.
  if (bootstrap_ && bootstrap_->is_usable() && bootstrap_->address() == found->second) return bootstrap_.get();
  auto connection = usable(connections_[id], found->second);
  if (connection) return connection;
  return fail(connection.error().kind,
              "{} (the address that the cluster gives for broker {}: its advertised.listeners)",
              connection.error().message, id);
}

Result<Connection*> Cluster::controller() {
  TRY(learn());
  return controller_ < 0 ? any() : broker(controller_);
}

Result<Connection*> Cluster::coordinator(const std::string& group) {
  return until_settled([&](wire::ErrorCode& code) -> Result<Connection*> {
    TRY(auto* connection, any());
    wire::FindCoordinatorRequest request;
    request.key = group;
    request.coordinator_keys = {group};
    TRY(const auto response, connection->call<wire::FindCoordinatorResponse>(request));
    std::int32_t node = response.node_id;
    code = response.error_code;
    auto message = response.error_message;
    if (!response.coordinators.empty()) {
      node = response.coordinators.front().node_id;
      code = response.coordinators.front().error_code;
      message = response.coordinators.front().error_message;
    }
    if (code != wire::ErrorCode::none) {
      return std::unexpected(server_error(fmt::format("find the coordinator of group '{}'", group), code, message));
    }
    return broker(node);
  });
}

Result<std::vector<std::int32_t>> Cluster::brokers() {
  TRY(learn());
  std::vector<std::int32_t> ids;
  for (const auto& [id, address] : addresses_) ids.push_back(id);
  return ids;
}

}  // namespace weir::kafka
