#pragma once

// The broker with its sockets: one thread that accepts, reads, handles and answers, and one that syncs files.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/connection.h"
#include "broker/worker.h"
#include "io/poller.h"
#include "io/socket.h"

namespace weir::broker {

struct ServerSettings {
  io::Address listen{"127.0.0.1", 9092};
  BrokerSettings broker;
  std::size_t connections_max = 20'000;
  std::size_t connections_per_address_max = 20'000;
  std::chrono::milliseconds idle_max = std::chrono::minutes(10);
};

class Server final : private AnswerSink {
 public:
  // ErrorKind::external if the port or the folder is taken; see Listener::open and Log::open.
  static Result<std::unique_ptr<Server>> open(std::unique_ptr<log::Log> log, ServerSettings settings);
  ~Server() override;

  // With the port that was taken.
  const io::Address& address() const { return listener_.address(); }

  // Serves until stop() is called, then answers no more, flushes and closes.
  Status run();
  // Any thread, or a signal handler.
  void stop();

 private:
  Server(io::Listener listener, io::Poller poller, ServerSettings settings);

  void answer(ConnectionId connection, std::uint64_t request, Frame frame) override;
  void pass_over(ConnectionId connection, std::uint64_t request) override;
  void close(ConnectionId connection, const std::string& reason) override;

  void accept_all(Now now);
  void receive(ConnectionId id, Now now);
  void send_answers(Now now);
  void start_and_end_jobs(Now now);
  void drop(ConnectionId id);
  void drop_idle(Now now);
  void watch(Connection& connection);
  std::optional<std::chrono::milliseconds> time_to_wait(Now now) const;

  const ServerSettings settings_;
  io::Listener listener_;
  io::Poller poller_;
  std::unique_ptr<Broker> broker_;
  std::unique_ptr<Worker<Flush, std::vector<Status>>> flusher_;
  std::unique_ptr<Worker<Cleaning, Status>> cleaner_;
  std::map<ConnectionId, Connection> connections_;
  std::map<std::string, std::size_t> connections_by_address_;
  std::vector<ConnectionId> answered_;  // Since send_answers() ran last.
  std::vector<char> scratch_;
  ConnectionId last_id_ = 0;
  SteadyTime idle_check_due_;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace weir::broker
