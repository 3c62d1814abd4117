#pragma once

// How to reach a Kafka cluster: where, with which encryption, as whom. Settings come from properties by the names that
// Kafka's Java clients and librdkafka have for them, later ones over earlier ones, and are checked as a whole at the
// end. Plain data.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/address.h"
#include "io/client_stream.h"

namespace weir::kafka {

enum class SaslMechanism : std::uint8_t { none, plain, scram_sha256, scram_sha512 };

// "SCRAM-SHA-256", empty for none.
std::string_view name_of(SaslMechanism mechanism);

struct ConnectionSettings {
  std::vector<io::Address> bootstrap{{"127.0.0.1", 9092}};
  std::string client_id = "weir";
  bool uses_tls = false;
  io::TlsSettings tls;
  SaslMechanism mechanism = SaslMechanism::none;
  std::string user;
  std::string password;
  // For connecting, and for an answer to each request.
  std::chrono::milliseconds request_timeout{30'000};
};

// Host names with ports, divided by commas.
Result<std::vector<io::Address>> parse_bootstrap(std::string_view text);

// Gathers properties; `read_file` gives what lies at a path, or ErrorKind::user.
class SettingsReader {
 public:
  using ReadFile = std::function<Result<std::string>(const std::string& path)>;
  explicit SettingsReader(ReadFile read_file) : read_file_(std::move(read_file)) {}

  // ErrorKind::user if the name is not known or the value cannot be; the message names the key, and no password.
  Status set(std::string_view name, std::string_view value);
  // All of a properties file; messages begin with "path:line:".
  Status set_all(const std::string& path);

  // What security.protocol, or the lack of it, says so far.
  bool uses_tls() const { return settings_.uses_tls; }
  bool uses_sasl() const { return names_sasl_ ? uses_sasl_ : !settings_.user.empty(); }

  // ErrorKind::user if what was set does not fit together.
  Result<ConnectionSettings> finish() const;

 private:
  Status set_security(std::string_view value);
  Status set_mechanism(std::string_view value);
  Status set_jaas(std::string_view value);
  Status read_pem(const std::string& path, std::string& into) const;

  ReadFile read_file_;
  ConnectionSettings settings_;
  bool uses_sasl_ = false;
  bool names_sasl_ = false;  // That security.protocol was given.
  bool is_jaas_scram_ = false;
  bool has_jaas_ = false;
};

}  // namespace weir::kafka
