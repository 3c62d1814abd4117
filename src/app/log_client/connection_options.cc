#include "app/log_client/connection_options.h"

#include <cstdlib>

#include "base/text.h"
#include "io/files.h"

namespace weir::app {

namespace {

constexpr std::size_t kFileBytesMax = 1U << 20;

Result<std::string> read_secret(std::string_view source) {
  if (take(source, "env:")) {
    const char* value = std::getenv(std::string(source).c_str());
    if (value == nullptr) return fail(ErrorKind::user, "--password env:{}: that variable is not set", source);
    return std::string(value);
  }
  if (!take(source, "file:")) {
    return fail(ErrorKind::user,
                "--password takes env:NAME or file:PATH, so that no other user of the machine sees it");
  }
  TRY(std::string text, io::read_file(std::string(source), kFileBytesMax));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

std::string_view security_protocol(bool uses_tls, bool has_user) {
  if (has_user) return uses_tls ? "SASL_SSL" : "SASL_PLAINTEXT";
  return uses_tls ? "SSL" : "PLAINTEXT";
}

Status set_properties(kafka::SettingsReader& reader, const std::vector<std::string>& properties) {
  for (const std::string& property : properties) {
    const std::size_t equals = property.find('=');
    if (equals == std::string::npos) return fail(ErrorKind::user, "--property {}: write NAME=VALUE", property);
    const std::string_view text = property;
    const Status status = reader.set(trim(text.substr(0, equals)), trim(text.substr(equals + 1)));
    if (!status) return fail(status.error().kind, "--property {}", status.error().message);
  }
  return {};
}

}  // namespace

void add_connection_options(CLI::App& command, ConnectionOptions& options) {
  const auto add = [&](const char* name, std::string& into, const char* help, const char* type) {
    command.add_option(name, into, help)->type_name(type)->group("Connection");
  };
  add("--bootstrap", options.bootstrap, "Brokers, divided by commas (default: 127.0.0.1:9092)", "HOST:PORT,...");
  add("--config", options.config, "Properties file with Kafka's names, e.g. bootstrap.servers", "FILE");
  command.add_option("--property", options.properties, "One property, over the file's; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false)
      ->group("Connection");
  command.add_flag("--tls", options.uses_tls, "Encrypt, and check the brokers' certificates")->group("Connection");
  add("--ca", options.authorities, "Certificates to trust, PEM (default: the system's)", "FILE");
  add("--cert", options.certificate, "Own certificate, PEM", "FILE");
  add("--key", options.key, "Its private key, PEM", "FILE");
  add("--user", options.user, "User to log in as", "NAME");
  add("--password", options.password, "Where the password stands: env:NAME or file:PATH", "SOURCE");
  add("--mechanism", options.mechanism, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 (default)", "NAME");
}

Result<kafka::ConnectionSettings> connection_settings(const ConnectionOptions& options) {
  kafka::SettingsReader reader([](const std::string& path) { return io::read_file(path, kFileBytesMax); });
  if (!options.config.empty()) TRY(reader.set_all(options.config));
  TRY(set_properties(reader, options.properties));
  if (!options.bootstrap.empty()) {
    auto parsed = kafka::parse_bootstrap(options.bootstrap);
    if (!parsed) return fail(parsed.error().kind, "--bootstrap: {}", parsed.error().message);
    TRY(reader.set("bootstrap.servers", options.bootstrap));
  }
  const std::pair<std::string_view, const std::string*> files[] = {
      {"ssl.ca.location", &options.authorities},
      {"ssl.certificate.location", &options.certificate},
      {"ssl.key.location", &options.key},
  };
  bool uses_tls = options.uses_tls;
  for (const auto& [name, path] : files) {
    if (path->empty()) continue;
    uses_tls = true;
    TRY(reader.set(name, *path));
  }
  if (!options.user.empty()) {
    TRY(reader.set("sasl.username", options.user));
    TRY(reader.set("sasl.mechanism", options.mechanism.empty() ? "SCRAM-SHA-512" : options.mechanism));
    if (options.password.empty()) return fail(ErrorKind::user, "--user needs --password env:NAME or file:PATH");
  } else if (!options.mechanism.empty()) {
    TRY(reader.set("sasl.mechanism", options.mechanism));
  }
  if (!options.password.empty()) {
    TRY(const auto password, read_secret(options.password));
    TRY(reader.set("sasl.password", password));
  }
  // These options say what the connection is; what a file says of it holds where they say nothing.
  if (uses_tls || !options.user.empty()) {
    const bool was_tls = reader.uses_tls();
    const bool was_sasl = reader.uses_sasl();
    TRY(reader.set("security.protocol", security_protocol(uses_tls || was_tls, was_sasl || !options.user.empty())));
  }
  return reader.finish();
}

}  // namespace weir::app
