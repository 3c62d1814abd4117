#include "broker/server.h"

#include <algorithm>

#include "base/log_line.h"
#include "io/clock.h"

namespace weir::broker {

namespace {

constexpr std::uint64_t kListenerToken = 0;
constexpr std::size_t kScratchBytes = 1U << 20;
constexpr std::chrono::seconds kIdleCheckInterval{10};

Now now_of_machine() {
  return {io::steady_now(), io::wall_milliseconds()};
}

}  // namespace

Server::Server(io::Listener listener, io::Poller poller, ServerSettings settings)
    : settings_(std::move(settings)),
      listener_(std::move(listener)),
      poller_(std::move(poller)),
      scratch_(kScratchBytes) {}

Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::open(std::unique_ptr<log::Log> log, ServerSettings settings) {
  TRY(auto listener, io::Listener::open(settings.listen));
  TRY(auto poller, io::Poller::open());
  std::unique_ptr<Server> server(new Server(std::move(listener), std::move(poller), std::move(settings)));
  const Now now = now_of_machine();
  server->idle_check_due_ = now.steady + kIdleCheckInterval;
  TRY(server->broker_, Broker::open(std::move(log), server->settings_.broker, *server, now));
  TRY(server->poller_.add(server->listener_.number(), kListenerToken, {.read = true}));
  const auto wake = [poller = &server->poller_] { poller->wake(); };
  server->flusher_ = std::make_unique<Worker<Flush, std::vector<Status>>>(sync_parts, wake);
  server->cleaner_ =
      std::make_unique<Worker<Cleaning, Status>>([](Cleaning& cleaning) { return cleaning.compaction->run(); }, wake);
  return server;
}

// ---------------------------------------------------------------- the loop

Status Server::run() {
  while (!is_stopping_) {
    const auto& ready = poller_.wait(time_to_wait(now_of_machine()));
    const Now now = now_of_machine();
    for (const io::Poller::Ready& event : ready) {
      if (event.token == kListenerToken) {
        accept_all(now);
        continue;
      }
      if (event.can_write) answered_.push_back(event.token);
      if (event.can_read) receive(event.token, now);
    }
    start_and_end_jobs(now);
    broker_->tick(now);
    start_and_end_jobs(now);
    send_answers(now);
    drop_idle(now);
  }
  // The log closes only when no flush is under way.
  if (const auto done = flusher_->stop()) broker_->flushed(done->first, done->second);
  const std::size_t open_connections = connections_.size();
  while (!connections_.empty()) drop(connections_.begin()->first);
  TRY(broker_->close());
  log_info("stopped", {{"connections", open_connections}});
  return {};
}

void Server::stop() {
  is_stopping_ = true;
  poller_.wake();
}

std::optional<std::chrono::milliseconds> Server::time_to_wait(Now now) const {
  SteadyTime next = idle_check_due_;
  if (const auto deadline = broker_->next_deadline()) next = std::min(next, *deadline);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now.steady);
  return std::max(left, std::chrono::milliseconds(0));
}

void Server::start_and_end_jobs(Now now) {
  if (const auto done = flusher_->take_done()) broker_->flushed(done->first, done->second);
  if (auto flush = broker_->take_flush(now)) flusher_->start(std::move(*flush));
  if (const auto done = cleaner_->take_done()) broker_->cleaned(done->first, done->second, now);
  if (auto cleaning = broker_->take_cleaning(now)) cleaner_->start(std::move(*cleaning));
}

// ---------------------------------------------------------------- connections

void Server::accept_all(Now now) {
  while (true) {
    auto accepted = listener_.accept();
    if (!accepted) return log_warn("connection refused", {{"reason", accepted.error().message}});
    if (!accepted->valid()) return;
    Connection connection(io::Socket(std::move(*accepted)), ++last_id_, settings_.broker.frame_bytes_max, now);
    const std::string host = connection.session().remote.host;
    std::size_t& from_there = connections_by_address_[host];
    if (connections_.size() >= settings_.connections_max || from_there >= settings_.connections_per_address_max) {
      log_warn("connection refused", {{"address", host}, {"reason", "too many connections"}});
      if (from_there == 0) connections_by_address_.erase(host);
      continue;
    }
    const Status added = poller_.add(connection.socket().number(), last_id_, {.read = true});
    if (!added) {
      log_warn("connection refused", {{"address", host}, {"reason", added.error().message}});
      continue;
    }
    ++from_there;
    connections_.emplace(last_id_, std::move(connection));
  }
}

void Server::receive(ConnectionId id, Now now) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const bool is_open = connection.receive(
      scratch_,
      [&](std::uint64_t request, std::span<char> frame) { broker_->handle(connection.session(), request, frame, now); },
      now);
  if (!is_open) return drop(id);
  if (connection.is_overloaded()) answered_.push_back(id);  // No more is read until some has been answered.
}

void Server::watch(Connection& connection) {
  poller_.change(connection.socket().number(), connection.session().id,
                 {.read = !connection.is_overloaded(), .write = connection.has_unsent()});
}

void Server::send_answers(Now now) {
  std::ranges::sort(answered_);
  const auto repeated = std::ranges::unique(answered_);
  answered_.erase(repeated.begin(), repeated.end());
  for (const ConnectionId id : answered_) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) continue;
    Connection& connection = found->second;
    if (!connection.send(now)) {
      drop(id);
      continue;
    }
    const bool is_for_more = connection.has_unsent() || connection.is_overloaded();
    if (is_for_more || connection.is_watched_for_more()) watch(connection);
    connection.set_watched_for_more(is_for_more);
  }
  answered_.clear();
}

void Server::drop(ConnectionId id) {
  const auto found = connections_.find(id);
  Connection& connection = found->second;
  const Session& session = connection.session();
  if (is_logged(LogLevel::debug) || connection.is_refused()) {
    log_line(
        connection.is_refused() ? LogLevel::warn : LogLevel::debug, "connection closed",
        {{"address", session.remote.text()}, {"client", session.client_software}, {"reason", connection.reason()}});
  }
  poller_.remove(connection.socket().number());
  broker_->connection_closed(id);
  const auto count = connections_by_address_.find(session.remote.host);
  if (count != connections_by_address_.end() && --count->second == 0) connections_by_address_.erase(count);
  connections_.erase(found);
}

void Server::drop_idle(Now now) {
  if (now.steady < idle_check_due_) return;
  idle_check_due_ = now.steady + kIdleCheckInterval;
  std::vector<ConnectionId> idle;
  for (auto& [id, connection] : connections_) {
    if (connection.is_idle() && now.steady - connection.last_active() > settings_.idle_max) idle.push_back(id);
  }
  for (const ConnectionId id : idle) drop(id);
}

// ---------------------------------------------------------------- answers

void Server::answer(ConnectionId connection, std::uint64_t request, Frame frame) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  found->second.answer(request, std::move(frame));
  answered_.push_back(connection);
}

void Server::pass_over(ConnectionId connection, std::uint64_t request) {
  answer(connection, request, {});
}

void Server::close(ConnectionId connection, const std::string& reason) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  found->second.close_when_sent(reason);
  answered_.push_back(connection);
}

}  // namespace weir::broker
