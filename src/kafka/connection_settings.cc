#include "kafka/connection_settings.h"

#include <array>

#include "base/text.h"
#include "kafka/jaas.h"
#include "kafka/properties.h"

namespace weir::kafka {

namespace {

// For "did you mean"; SettingsReader::set knows the same.
constexpr std::array<std::string_view, 25> kNames{
    "bootstrap.servers",
    "client.id",
    "request.timeout.ms",
    "sasl.jaas.config",
    "sasl.mechanism",
    "sasl.mechanisms",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "ssl.ca",
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.certificate.pem",
    "ssl.endpoint.identification.algorithm",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.certificate.chain",
    "ssl.keystore.key",
    "ssl.keystore.location",
    "ssl.keystore.type",
    "ssl.truststore.certificates",
    "ssl.truststore.location",
    "ssl.truststore.type",
};

bool is_pem(std::string_view text) {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

Status pem_type(std::string_view name, std::string_view value) {
  if (upper(value) == "PEM") return {};
  return fail(ErrorKind::user,
              "{}: '{}' cannot be read; convert the store to PEM (openssl pkcs12 -in STORE -out STORE.pem)", name,
              value);
}

Status inline_pem(std::string_view name, std::string_view value, std::string& into) {
  if (!is_pem(value)) return fail(ErrorKind::user, "{}: this is no text in PEM form (-----BEGIN …)", name);
  into = value;
  return {};
}

Status assign(std::string& into, std::string_view value) {
  into = value;
  return {};
}

std::unexpected<Error> not_one_of(std::string_view name, std::string_view value, std::string_view known) {
  return fail(ErrorKind::user, "{}: '{}' is not known; it is one of {}", name, value, known);
}

}  // namespace

std::string_view name_of(SaslMechanism mechanism) {
  switch (mechanism) {
    case SaslMechanism::none: return "";
    case SaslMechanism::plain: return "PLAIN";
    case SaslMechanism::scram_sha256: return "SCRAM-SHA-256";
    case SaslMechanism::scram_sha512: return "SCRAM-SHA-512";
  }
  return "";
}

Result<std::vector<io::Address>> parse_bootstrap(std::string_view text) {
  std::vector<io::Address> addresses;
  for (const std::string_view entry : split(text, ',')) {
    std::string_view address = trim(entry);
    if (address.empty()) continue;
    // As in librdkafka's and old Java's lists.
    const std::size_t scheme = address.find("://");
    if (scheme != std::string_view::npos) address.remove_prefix(scheme + 3);
    TRY(auto parsed, io::parse_address(address));
    if (parsed.port == 0) return fail(ErrorKind::user, "'{}' is no address: port 0 cannot be connected to", address);
    addresses.push_back(std::move(parsed));
  }
  if (addresses.empty()) return fail(ErrorKind::user, "no address: write HOST:PORT[,HOST:PORT]…");
  return addresses;
}

Status SettingsReader::set(std::string_view name, std::string_view value) {
  io::TlsSettings& tls = settings_.tls;
  const std::string path(value);
  if (name == "bootstrap.servers") {
    auto parsed = parse_bootstrap(value);
    if (!parsed) return fail(parsed.error().kind, "{}: {}", name, parsed.error().message);
    settings_.bootstrap = std::move(*parsed);
    return {};
  }
  if (name == "client.id") return assign(settings_.client_id, value);
  if (name == "request.timeout.ms") {
    const auto number = parse_int(value);
    if (!number || *number < 1 || *number > 3'600'000) {
      return fail(ErrorKind::user, "{}: '{}' is no number of milliseconds from 1 to 3600000", name, value);
    }
    settings_.request_timeout = std::chrono::milliseconds(*number);
    return {};
  }
  if (name == "security.protocol") return set_security(value);
  if (name == "sasl.mechanism" || name == "sasl.mechanisms") return set_mechanism(value);
  if (name == "sasl.username") return assign(settings_.user, value);
  if (name == "sasl.password") return assign(settings_.password, value);
  if (name == "sasl.jaas.config") return set_jaas(value);
  if (name == "ssl.truststore.type" || name == "ssl.keystore.type") return pem_type(name, value);
  if (name == "ssl.truststore.location" || name == "ssl.ca" || name == "ssl.ca.location") {
    return read_pem(path, tls.authorities);
  }
  if (name == "ssl.truststore.certificates" || name == "ssl.ca.pem") return inline_pem(name, value, tls.authorities);
  if (name == "ssl.keystore.location") {
    TRY(read_pem(path, tls.certificates));
    tls.private_key = tls.certificates;
    return {};
  }
  if (name == "ssl.certificate.location") return read_pem(path, tls.certificates);
  if (name == "ssl.key.location") return read_pem(path, tls.private_key);
  if (name == "ssl.keystore.certificate.chain" || name == "ssl.certificate.pem") {
    return inline_pem(name, value, tls.certificates);
  }
  if (name == "ssl.keystore.key" || name == "ssl.key.pem") return inline_pem(name, value, tls.private_key);
  if (name == "ssl.key.password") return assign(tls.private_key_password, value);
  if (name == "ssl.endpoint.identification.algorithm") {
    const std::string wanted = lower(value);
    if (wanted != "https" && wanted != "none" && !wanted.empty()) return not_one_of(name, value, "https, none");
    tls.checks_host_name = wanted == "https";
    return {};
  }
  const std::string_view near = nearest(name, kNames);
  return fail(ErrorKind::user, "unknown property '{}'{}", name,
              near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near));
}

Status SettingsReader::set_security(std::string_view value) {
  const std::string protocol = lower(value);
  if (protocol != "plaintext" && protocol != "ssl" && protocol != "sasl_plaintext" && protocol != "sasl_ssl") {
    return not_one_of("security.protocol", value, "PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
  }
  settings_.uses_tls = protocol.ends_with("ssl");
  uses_sasl_ = protocol.starts_with("sasl");
  names_sasl_ = true;
  return {};
}

Status SettingsReader::set_mechanism(std::string_view value) {
  const std::string name = upper(value);
  for (const SaslMechanism mechanism :
       {SaslMechanism::plain, SaslMechanism::scram_sha256, SaslMechanism::scram_sha512}) {
    if (name != name_of(mechanism)) continue;
    settings_.mechanism = mechanism;
    return {};
  }
  return not_one_of("sasl.mechanism", value, "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
}

Status SettingsReader::set_jaas(std::string_view value) {
  auto login = parse_jaas(value);
  if (!login) return fail(login.error().kind, "sasl.jaas.config: {}", login.error().message);
  settings_.user = std::move(login->user);
  settings_.password = std::move(login->password);
  is_jaas_scram_ = login->is_scram;
  has_jaas_ = true;
  return {};
}

Status SettingsReader::read_pem(const std::string& path, std::string& into) const {
  TRY(into, read_file_(path));
  if (!is_pem(into)) {
    return fail(ErrorKind::user,
                "{} is not in PEM form (-----BEGIN …); convert a store with: openssl pkcs12 -in STORE -out STORE.pem",
                path);
  }
  return {};
}

Status SettingsReader::set_all(const std::string& path) {
  TRY(const auto text, read_file_(path));
  const auto properties = parse_properties(text);
  if (!properties) return fail(properties.error().kind, "{}:{}", path, properties.error().message);
  for (const Property& property : *properties) {
    const Status status = set(property.key, property.value);
    if (!status) return fail(status.error().kind, "{}:{}: {}", path, property.line, status.error().message);
  }
  return {};
}

Result<ConnectionSettings> SettingsReader::finish() const {
  ConnectionSettings settings = settings_;
  if (settings.tls.certificates.empty() != settings.tls.private_key.empty()) {
    return fail(ErrorKind::user, "a client certificate needs its private key, and the key its certificate");
  }
  const bool has_user = !settings.user.empty();
  const bool uses_sasl = names_sasl_ ? uses_sasl_ : has_user || settings.mechanism != SaslMechanism::none;
  if (!uses_sasl) {
    settings.mechanism = SaslMechanism::none;
    settings.user.clear();
    settings.password.clear();
    return settings;
  }
  if (!has_user)
    return fail(ErrorKind::user, "a user is missing: set sasl.jaas.config, or sasl.username and sasl.password");
  if (settings.mechanism == SaslMechanism::none) {
    return fail(ErrorKind::user, "set sasl.mechanism: one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
  }
  if (has_jaas_ && is_jaas_scram_ == (settings.mechanism == SaslMechanism::plain)) {
    return fail(ErrorKind::user, "sasl.mechanism {} does not fit the login module of sasl.jaas.config",
                name_of(settings.mechanism));
  }
  return settings;
}

}  // namespace weir::kafka
