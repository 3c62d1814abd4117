#pragma once

// A broker on a disk in memory and a clock of its own, driven request by request, for tests. Nothing happens by itself:
// flushes are carried out when a test says so, and time passes when it does.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/check.h"
#include "broker/broker.h"
#include "io/testing/memory_storage.h"

namespace weir::broker::testing {

// When the harness's clock begins.
inline constexpr log::Millis kStart = 1'800'000'000'000;

class BrokerHarness final : private AnswerSink {
 public:
  explicit BrokerHarness(std::shared_ptr<io::testing::MemoryDisk> disk = io::testing::MemoryDisk::make(),
                         BrokerSettings settings = {});
  ~BrokerHarness() override;
  BrokerHarness(const BrokerHarness&) = delete;
  BrokerHarness& operator=(const BrokerHarness&) = delete;

  // ErrorKind as Log::open and Broker::open.
  Status open();
  // The broker goes as a process that is killed goes; the disk stays as it is.
  void kill();
  Status close() { return broker_->close(); }

  Broker& broker() { return *broker_; }
  io::testing::MemoryDisk& disk() { return *disk_; }
  Now now() const { return now_; }

  // Carries out flushes until none is wanted any more, time standing still.
  void flush();
  // One flush, if one is wanted. False if none was.
  bool flush_once();
  // Time passes, and the broker is told; flushes are carried out.
  void pass(std::chrono::milliseconds time);

  struct Ticket {
    ConnectionId connection = 0;
    std::uint64_t request = 0;
  };
  ConnectionId connect();
  void disconnect(ConnectionId connection) { broker_->connection_closed(connection); }

  template <typename Body>
  Ticket send(ConnectionId connection, const Body& body, int version) {
    wire::Encoder encoder;
    wire::RequestHeader header;
    header.request_api_key = static_cast<std::int16_t>(Body::kKey);
    header.request_api_version = static_cast<std::int16_t>(version);
    header.correlation_id = 7;
    header.client_id = "test";
    const wire::ApiInfo* api = wire::find_api(static_cast<int>(Body::kKey));
    header.encode(encoder, wire::request_header_version(*api, version));
    body.encode(encoder, version);
    return send_bytes(connection, std::string(encoder.bytes()));
  }
  Ticket send_bytes(ConnectionId connection, std::string frame);

  bool is_answered(const Ticket& ticket) const { return answers_.contains({ticket.connection, ticket.request}); }
  bool is_closed(ConnectionId connection) const { return closed_.contains(connection); }
  const std::string& closing_reason(ConnectionId connection) const { return closed_.at(connection); }

  // The answer, whose files' bytes stand where they would be sent.
  template <typename Body>
  Body take(const Ticket& ticket, int version) {
    Body body;
    const auto found = answers_.find({ticket.connection, ticket.request});
    CHECK(found != answers_.end());  // It was answered.
    // Records borrow from the frame.
    frames_.push_back(std::move(found->second));
    answers_.erase(found);
    wire::Decoder decoder(std::string_view(frames_.back()).substr(4));
    wire::ResponseHeader header;
    const wire::ApiInfo* api = wire::find_api(static_cast<int>(Body::kKey));
    CHECK(header.decode(decoder, wire::response_header_version(*api, version)).has_value());
    CHECK_EQ(header.correlation_id, 7);
    CHECK(body.decode(decoder, version).has_value());
    CHECK_EQ(decoder.remaining(), 0U);
    return body;
  }
  // Sends, flushes what the answer waits for, and takes the answer.
  template <typename Response, typename Body>
  Response ask(ConnectionId connection, const Body& body, int version) {
    const Ticket ticket = send(connection, body, version);
    if (!is_answered(ticket)) flush();
    return take<Response>(ticket, version);
  }

 private:
  void answer(ConnectionId connection, std::uint64_t request, Frame frame) override;
  void pass_over(ConnectionId, std::uint64_t) override {}
  void close(ConnectionId connection, const std::string& reason) override { closed_[connection] = reason; }

  std::shared_ptr<io::testing::MemoryDisk> disk_;
  const BrokerSettings settings_;
  Now now_;
  std::unique_ptr<Broker> broker_;
  std::map<ConnectionId, Session> sessions_;
  std::map<ConnectionId, std::uint64_t> request_counts_;
  std::map<std::pair<ConnectionId, std::uint64_t>, std::string> answers_;
  std::map<ConnectionId, std::string> closed_;
  std::vector<std::string> frames_;
  ConnectionId last_connection_ = 0;
};

}  // namespace weir::broker::testing
