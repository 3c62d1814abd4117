#pragma once

// One connection to one broker of a cluster: logged in, with the versions of each request agreed on. A call sends one
// request and waits for its answer. One thread.

#include <memory>
#include <string>
#include <vector>

#include "base/byte_buffer.h"
#include "kafka/connection_settings.h"
#include "wire/api.h"
#include "wire/frame.h"

namespace weir::kafka {

// Larger answers are taken for damage.
inline constexpr std::size_t kResponseBytesMax = std::size_t{256} << 20;

class Connection {
 public:
  // ErrorKind::external if nobody answers there or no Kafka does, user if the login is refused. `settings` outlives the
  // connection.
  static Result<std::unique_ptr<Connection>> open(const io::Address& address, const ConnectionSettings& settings);

  const io::Address& address() const { return address_; }
  // False after a call that broke off: nothing more can come of it.
  bool is_usable() const { return is_usable_; }
  // Whether both sides know the request in `version_min` or above.
  bool offers(wire::ApiKey key, int version_min = 0) const;

  // In the highest version that both sides know, at most `version_max`. ErrorKind::external if the broker does not
  // offer the request, gives no answer in time or closes the connection; corrupt if the answer cannot be read. What the
  // answer itself says is the caller's to judge.
  template <typename Response, typename Request>
  Result<Response> call(const Request& request, int version_max = kAnyVersion) {
    TRY(const int version, version_of(Request::kKey, version_max));
    TRY(auto frame,
        exchange(Request::kKey, version, [&](wire::Encoder& encoder) { request.encode(encoder, version); }));
    Response response;
    wire::Decoder body(frame->body);
    TRY(decoded(response.decode(body, version)));
    return response;
  }

  // As call(), for answers that borrow from the bytes that came: they are put into `bytes`.
  template <typename Response, typename Request>
  Result<Response> call_borrowing(const Request& request, int version_max, std::string& bytes) {
    TRY(const int version, version_of(Request::kKey, version_max));
    TRY(auto frame,
        exchange(Request::kKey, version, [&](wire::Encoder& encoder) { request.encode(encoder, version); }));
    const std::size_t body_at = frame->bytes.size() - frame->body.size();
    bytes = std::move(frame->bytes);
    Response response;
    wire::Decoder body(std::string_view(bytes).substr(body_at));
    TRY(decoded(response.decode(body, version)));
    return response;
  }

 private:
  static constexpr int kAnyVersion = 1 << 15;

  struct Frame {
    std::string bytes;
    std::string_view body;  // In `bytes`, after the header.
  };

  Connection(const io::Address& address, const ConnectionSettings& settings) : address_(address), settings_(settings) {}

  Status connect();
  Status agree_on_versions();
  Result<bool> ask_for_versions(int version);
  Status log_in();
  Status log_in_plain();
  Status log_in_scram();
  Result<std::string> authenticate(std::string_view bytes);

  Result<int> version_of(wire::ApiKey key, int version_max) const;
  template <typename EncodeBody>
  Result<std::unique_ptr<Frame>> exchange(wire::ApiKey key, int version, EncodeBody encode_body) {
    begin_request(key, version);
    encode_body(encoder_);
    encoder_.end_frame();
    return send_and_receive(key, version);
  }
  void begin_request(wire::ApiKey key, int version);
  Result<std::unique_ptr<Frame>> send_and_receive(wire::ApiKey key, int version);
  Result<std::unique_ptr<Frame>> transfer(wire::ApiKey key, int version);
  Status decoded(Status status) const;

  const io::Address address_;
  const ConnectionSettings& settings_;
  std::unique_ptr<io::ClientStream> stream_;
  std::vector<std::pair<wire::ApiKey, wire::VersionRange>> versions_;  // What the broker offers.
  wire::Encoder encoder_;
  std::int32_t correlation_id_ = 0;
  bool is_usable_ = true;
};

}  // namespace weir::kafka
