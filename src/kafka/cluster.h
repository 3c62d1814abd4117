#pragma once

// The brokers of a cluster and the connections to them, opened when they are first needed. One thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kafka/connection.h"
#include "kafka/server_error.h"
#include "wire/messages/metadata.h"

namespace weir::kafka {

class Cluster {
 public:
  explicit Cluster(ConnectionSettings settings) : settings_(std::move(settings)) {}

  const ConnectionSettings& settings() const { return settings_; }

  // Asks any broker, and remembers which brokers there are. No names: all topics.
  Result<wire::MetadataResponse> metadata(const std::optional<std::vector<std::string>>& topics,
                                          bool creates_topics = false);

  // Some broker: one that is connected already, or the first of the bootstrap list that answers. ErrorKind::external if
  // none does; the message tells of each.
  Result<Connection*> any();
  // The broker of that id. ErrorKind::external if the cluster has none or it cannot be reached.
  Result<Connection*> broker(std::int32_t id);
  Result<Connection*> controller();
  // The broker that looks after a group.
  Result<Connection*> coordinator(const std::string& group);
  // Ids of all brokers.
  Result<std::vector<std::int32_t>> brokers();

  // Calls `attempt(code)` until it leaves `code` at none or sets it to one that does not pass by itself, and for the
  // time of a request at most; gives what the last attempt gave.
  template <typename Attempt>
  auto until_settled(Attempt attempt) {
    const auto deadline = std::chrono::steady_clock::now() + settings_.request_timeout;
    while (true) {
      auto code = wire::ErrorCode::none;
      auto result = attempt(code);
      if (!is_passing(code) || std::chrono::steady_clock::now() >= deadline) return result;
      addresses_.clear();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

 private:
  Status learn();
  Result<Connection*> usable(std::unique_ptr<Connection>& slot, const io::Address& address);

  const ConnectionSettings settings_;
  std::unique_ptr<Connection> bootstrap_;
  std::map<std::int32_t, std::unique_ptr<Connection>> connections_;
  std::map<std::int32_t, io::Address> addresses_;  // Empty: not asked yet.
  std::int32_t controller_ = -1;
};

}  // namespace weir::kafka
