#pragma once

// One request, from when it came in until it is answered, which may be much later: a Call is moved to whatever it waits
// for. Belongs to the broker's thread. A call that is dropped unanswered is never answered: its connection has gone.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "broker/session.h"
#include "log/partition.h"
#include "wire/api.h"
#include "wire/frame.h"

namespace weir::broker {

// A whole frame to be sent, its length in front. What lies in files is not copied: `inserts` name what the sender puts
// between the bytes, in order.
struct Frame {
  struct Insert {
    std::size_t position = 0;  // In `bytes`, before which it stands.
    log::FileRange range;
  };
  ByteBuffer bytes;
  std::vector<Insert> inserts;

  std::uint64_t size() const;
};

// Where answers go. A connection gets its answers in the order of its requests, whatever the order of these calls.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual void answer(ConnectionId connection, std::uint64_t request, Frame frame) = 0;
  // The request has no answer (acks=0).
  virtual void pass_over(ConnectionId connection, std::uint64_t request) = 0;
  // The connection is to be closed, once what was answered before is sent.
  virtual void close(ConnectionId connection, const std::string& reason) = 0;
};

class Call {
 public:
  Call(AnswerSink& sink, ConnectionId connection, std::uint64_t request, wire::RequestHeader header)
      : sink_(&sink), connection_(connection), request_(request), header_(std::move(header)) {}
  Call(Call&&) = default;
  Call& operator=(Call&&) = default;

  const wire::RequestHeader& header() const { return header_; }
  int version() const { return header_.request_api_version; }
  ConnectionId connection() const { return connection_; }

  template <typename Response>
  void answer(const Response& response) {
    answer_as(response, version());
  }
  // In another version than the request's (ApiVersions, KIP-511).
  template <typename Response>
  void answer_as(const Response& response, int version) {
    send(encode(response, version), {});
  }
  // `fillings` go into the gaps of the response's record fields, one for each that is not empty, in their order.
  template <typename Response>
  void answer(const Response& response, std::vector<std::vector<log::FileRange>> fillings) {
    send(encode(response, version()), std::move(fillings));
  }
  void pass_over() { sink_->pass_over(connection_, request_); }
  void close(const std::string& reason) { sink_->close(connection_, reason); }

 private:
  template <typename Response>
  wire::Encoder encode(const Response& response, int version) const {
    wire::Encoder encoder;
    begin_response(encoder);
    response.encode(encoder, version);
    return encoder;
  }
  void begin_response(wire::Encoder& encoder) const;
  void send(wire::Encoder encoder, std::vector<std::vector<log::FileRange>> fillings);

  AnswerSink* sink_;
  ConnectionId connection_;
  std::uint64_t request_;  // Of the connection, counted from 0.
  wire::RequestHeader header_;
};

}  // namespace weir::broker
