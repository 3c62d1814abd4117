#pragma once

// The options by which every command of this folder says which cluster it means (docs/cli.md).

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "kafka/connection_settings.h"

namespace weir::app {

struct ConnectionOptions {
  std::string bootstrap;
  std::string config;                   // A properties file.
  std::vector<std::string> properties;  // "name=value", over the file.
  bool uses_tls = false;
  std::string authorities;
  std::string certificate;
  std::string key;
  std::string mechanism;
  std::string user;
  std::string password;  // "env:NAME" or "file:PATH".
};

void add_connection_options(CLI::App& command, ConnectionOptions& options);

// File, then --property, then the other options. ErrorKind::user for what is unknown or does not fit together.
Result<kafka::ConnectionSettings> connection_settings(const ConnectionOptions& options);

}  // namespace weir::app
