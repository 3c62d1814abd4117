#include "kafka/librdkafka.h"

#include <array>

namespace weir::kafka {

namespace {

std::string joined(const std::vector<io::Address>& addresses) {
  std::string text;
  for (const io::Address& address : addresses) text += (text.empty() ? "" : ",") + address.text();
  return text;
}

RdProperties properties_of(const ConnectionSettings& settings) {
  const bool uses_sasl = settings.mechanism != SaslMechanism::none;
  RdProperties properties{
      {"bootstrap.servers", joined(settings.bootstrap)},
      {"client.id", settings.client_id},
      {"security.protocol",
       uses_sasl ? (settings.uses_tls ? "sasl_ssl" : "sasl_plaintext") : (settings.uses_tls ? "ssl" : "plaintext")},
      {"socket.timeout.ms", std::to_string(settings.request_timeout.count())},
  };
  if (uses_sasl) {
    properties.emplace_back("sasl.mechanism", name_of(settings.mechanism));
    properties.emplace_back("sasl.username", settings.user);
    properties.emplace_back("sasl.password", settings.password);
  }
  if (!settings.uses_tls) return properties;
  const io::TlsSettings& tls = settings.tls;
  properties.emplace_back("ssl.endpoint.identification.algorithm", tls.checks_host_name ? "https" : "none");
  if (!tls.authorities.empty()) properties.emplace_back("ssl.ca.pem", tls.authorities);
  if (!tls.certificates.empty()) properties.emplace_back("ssl.certificate.pem", tls.certificates);
  if (!tls.private_key.empty()) properties.emplace_back("ssl.key.pem", tls.private_key);
  if (!tls.private_key_password.empty()) properties.emplace_back("ssl.key.password", tls.private_key_password);
  return properties;
}

}  // namespace

void Trouble::set(rd_kafka_resp_err_t code, const char* reason) {
  const std::lock_guard lock(mutex_);
  text_ = reason == nullptr ? rd_kafka_err2str(code) : reason;
  is_lasting_ = is_lasting_ || code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
                code == RD_KAFKA_RESP_ERR__FATAL;
}

std::string Trouble::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

bool Trouble::is_lasting() const {
  const std::lock_guard lock(mutex_);
  return is_lasting_;
}

void Trouble::forget() {
  const std::lock_guard lock(mutex_);
  text_.clear();
}

Result<RdConf> make_conf(const ConnectionSettings& settings, const RdProperties& more) {
  RdConf conf(rd_kafka_conf_new());
  std::array<char, 512> reason{};
  RdProperties properties = properties_of(settings);
  properties.insert(properties.end(), more.begin(), more.end());
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size()) != RD_KAFKA_CONF_OK) {
      return fail(ErrorKind::user, "the Kafka client refuses {}: {}", name, reason.data());
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  return conf;
}

Result<RdHandle> make_handle(rd_kafka_type_t type, RdConf conf) {
  std::array<char, 512> reason{};
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (handle == nullptr) return fail(ErrorKind::user, "the Kafka client cannot start: {}", reason.data());
  conf.release();  // NOLINT: librdkafka has taken it over.
  return RdHandle(handle);
}

Error rd_error(std::string_view doing, rd_kafka_resp_err_t code, std::string_view reason) {
  return {ErrorKind::external,
          fmt::format("cannot {}: {}", doing, reason.empty() ? std::string_view(rd_kafka_err2str(code)) : reason)};
}

}  // namespace weir::kafka
