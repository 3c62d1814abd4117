#include "kafka/connection.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "io/random.h"
#include "wire/messages/api_versions.h"
#include "wire/messages/sasl_authenticate.h"
#include "wire/messages/sasl_handshake.h"
#include "wire/sasl/scram.h"

namespace weir::kafka {

namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kNonceBytes = 18;

std::int32_t big_endian(std::span<const char, kLengthBytes> bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(value);
}

std::string fresh_nonce() {
  std::array<char, kNonceBytes> bytes{};
  io::random_bytes(bytes);
  return to_base64(std::string_view(bytes.data(), bytes.size()));
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const io::Address& address, const ConnectionSettings& settings) {
  std::unique_ptr<Connection> connection(new Connection(address, settings));
  TRY(connection->connect());
  TRY(connection->agree_on_versions());
  TRY(connection->log_in());
  return connection;
}

Status Connection::connect() {
  const auto deadline = std::chrono::steady_clock::now() + settings_.request_timeout;
  auto stream =
      settings_.uses_tls ? io::connect_tls(address_, settings_.tls, deadline) : io::connect_plain(address_, deadline);
  if (!stream) {
    return fail(stream.error().kind, "cannot connect to {}{}: {}", address_.text(),
                settings_.uses_tls ? " with TLS" : "", stream.error().message);
  }
  stream_ = std::move(*stream);
  return {};
}

// The newest version first; a broker that does not know it says so in version 0 (KIP-511).
Status Connection::agree_on_versions() {
  TRY(const bool is_known, ask_for_versions(wire::ApiVersionsRequest::kVersions.max));
  if (is_known) return {};
  TRY(const int version, version_of(wire::ApiKey::api_versions, wire::ApiVersionsRequest::kVersions.max));
  TRY(const bool is_known_now, ask_for_versions(version));
  if (is_known_now) return {};
  return fail(ErrorKind::external, "{} tells no versions of its requests", address_.text());
}

Result<bool> Connection::ask_for_versions(int version) {
  wire::ApiVersionsRequest request;
  request.client_software_name = "weir";
  request.client_software_version = "1";
  auto frame =
      exchange(wire::ApiKey::api_versions, version, [&](wire::Encoder& encoder) { request.encode(encoder, version); });
  if (!frame) {
    return fail(ErrorKind::external, "{}; is a Kafka broker listening there{}?", frame.error().message,
                settings_.uses_tls ? ", with TLS" : ", without TLS");
  }
  wire::Decoder code((*frame)->body);
  const bool is_known = code.error_code("error_code") != wire::ErrorCode::unsupported_version;
  wire::ApiVersionsResponse response;
  wire::Decoder body((*frame)->body);
  TRY(decoded(response.decode(body, is_known ? version : 0)));
  if (is_known && response.error_code != wire::ErrorCode::none) {
    return fail(ErrorKind::external, "{} tells no versions of its requests: {}", address_.text(),
                wire::name_of(response.error_code));
  }
  versions_.clear();
  for (const auto& api : response.api_keys) {
    versions_.push_back({static_cast<wire::ApiKey>(api.api_key), {api.min_version, api.max_version}});
  }
  return is_known;
}

Status Connection::log_in() {
  if (settings_.mechanism == SaslMechanism::none) return {};
  wire::SaslHandshakeRequest request;
  request.mechanism = name_of(settings_.mechanism);
  TRY(const auto response, call<wire::SaslHandshakeResponse>(request));
  if (response.error_code == wire::ErrorCode::unsupported_sasl_mechanism) {
    std::string offered;
    for (const std::string& mechanism : response.mechanisms) offered += (offered.empty() ? "" : ", ") + mechanism;
    return fail(ErrorKind::user, "{} does not log in by {}; it offers {}", address_.text(), request.mechanism, offered);
  }
  if (response.error_code != wire::ErrorCode::none) {
    return fail(ErrorKind::external, "{} refuses to log anyone in: {}; is its port one for SASL?", address_.text(),
                wire::name_of(response.error_code));
  }
  return settings_.mechanism == SaslMechanism::plain ? log_in_plain() : log_in_scram();
}

// RFC 4616: authorization id (none), user, password.
Status Connection::log_in_plain() {
  TRY(authenticate(std::string(1, '\0') + settings_.user + '\0' + settings_.password));
  return {};
}

Status Connection::log_in_scram() {
  const auto hash =
      settings_.mechanism == SaslMechanism::scram_sha256 ? wire::ScramHash::sha256 : wire::ScramHash::sha512;
  wire::ScramClient client(hash, settings_.user, settings_.password, fresh_nonce());
  TRY(const auto server_first, authenticate(client.first()));
  TRY(const auto last, client.answer(server_first));
  TRY(const auto server_final, authenticate(last));
  return client.finish(server_final);
}

Result<std::string> Connection::authenticate(std::string_view bytes) {
  wire::SaslAuthenticateRequest request;
  request.auth_bytes = bytes;
  TRY(auto response, call<wire::SaslAuthenticateResponse>(request));
  if (response.error_code != wire::ErrorCode::none) {
    return fail(ErrorKind::user, "{} refuses user '{}': {}", address_.text(), settings_.user,
                response.error_message.value_or(std::string(wire::name_of(response.error_code))));
  }
  return std::move(response.auth_bytes);
}

bool Connection::offers(wire::ApiKey key, int version_min) const {
  const auto version = version_of(key, kAnyVersion);
  return version && *version >= version_min;
}

Result<int> Connection::version_of(wire::ApiKey key, int version_max) const {
  const wire::ApiInfo* api = wire::find_api(static_cast<int>(key));
  const auto offered = std::ranges::find(versions_, key, &std::pair<wire::ApiKey, wire::VersionRange>::first);
  if (offered == versions_.end()) {
    return fail(ErrorKind::external, "{} does not offer {}", address_.text(), api->name);
  }
  const int version = std::min({api->served.max, offered->second.max, version_max});
  if (version < api->served.min || version < offered->second.min) {
    return fail(ErrorKind::external, "{} offers {} in versions {} to {}, of which none is known here", address_.text(),
                api->name, offered->second.min, offered->second.max);
  }
  return version;
}

void Connection::begin_request(wire::ApiKey key, int version) {
  const wire::ApiInfo* api = wire::find_api(static_cast<int>(key));
  wire::RequestHeader header;
  header.request_api_key = static_cast<std::int16_t>(key);
  header.request_api_version = static_cast<std::int16_t>(version);
  header.correlation_id = ++correlation_id_;
  header.client_id = settings_.client_id;
  encoder_.clear();
  encoder_.begin_frame();
  header.encode(encoder_, wire::request_header_version(*api, version));
}

Result<std::unique_ptr<Connection::Frame>> Connection::send_and_receive(wire::ApiKey key, int version) {
  auto frame = transfer(key, version);
  if (frame) return frame;
  is_usable_ = false;
  return fail(frame.error().kind, "{}: {}: {}", address_.text(), wire::find_api(static_cast<int>(key))->name,
              frame.error().message);
}

Result<std::unique_ptr<Connection::Frame>> Connection::transfer(wire::ApiKey key, int version) {
  const auto deadline = std::chrono::steady_clock::now() + settings_.request_timeout;
  TRY(stream_->send(encoder_.bytes(), deadline));
  std::array<char, kLengthBytes> length{};
  TRY(stream_->receive(length, deadline));
  const std::int32_t size = big_endian(length);
  if (size < 4 || static_cast<std::size_t>(size) > kResponseBytesMax) {
    return fail(ErrorKind::corrupt, "an answer of {} bytes cannot be", size);
  }
  auto frame = std::make_unique<Frame>();
  frame->bytes.resize(static_cast<std::size_t>(size));
  TRY(stream_->receive(frame->bytes, deadline));
  const wire::ApiInfo* api = wire::find_api(static_cast<int>(key));
  const int header_version = wire::response_header_version(*api, version);
  wire::Decoder decoder(frame->bytes);
  const std::int32_t correlation_id = decoder.int32("correlation_id");
  if (header_version > 0) decoder.skip_tags("tags");
  TRY(decoder.status("ResponseHeader", header_version));
  if (correlation_id != correlation_id_) return fail(ErrorKind::corrupt, "the answer is to another request");
  frame->body = std::string_view(frame->bytes).substr(frame->bytes.size() - decoder.remaining());
  return frame;
}

Status Connection::decoded(Status status) const {
  if (status) return {};
  return fail(ErrorKind::corrupt, "{} answered with what cannot be read: {}", address_.text(), status.error().message);
}

}  // namespace weir::kafka
