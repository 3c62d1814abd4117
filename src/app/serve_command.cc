// weir serve: the log, until it is told to stop.

#include <atomic>
#include <csignal>

#include <fmt/format.h>

#include "app/command.h"
#include "base/log_line.h"
#include "broker/server.h"
#include "io/clock.h"
#include "log/log.h"

namespace weir::app {

namespace {

struct ServeArguments {
  std::string data = "./weir-data";
  std::string listen = "127.0.0.1:9092";
  std::string advertise;
  bool is_insecure = false;
  std::string log_level = "info";
  std::string log_format = "text";
};

// The server that a signal stops; set while it runs.
std::atomic<broker::Server*> running = nullptr;

void stop_running(int) {
  if (broker::Server* server = running.load()) server->stop();
}

LogLevel level_named(const std::string& name) {
  if (name == "debug") return LogLevel::debug;
  if (name == "warn") return LogLevel::warn;
  return name == "error" ? LogLevel::error : LogLevel::info;
}

Result<broker::ServerSettings> settings_of(const ServeArguments& arguments) {
  broker::ServerSettings settings;
  TRY(settings.listen, io::parse_address(arguments.listen));
  TRY(const bool is_local, io::is_loopback(settings.listen.host));
  if (!is_local && !arguments.is_insecure) {
    return fail(ErrorKind::user,
                "--listen {}: other machines can reach it, and anyone could read and write; TLS and credentials are "
                "missing (--insecure goes without)",
                arguments.listen);
  }
  if (!arguments.advertise.empty()) {
    TRY(settings.broker.advertised, io::parse_address(arguments.advertise));
  }
  return settings;
}

Status serve(const ServeArguments& arguments) {
  set_log_output(level_named(arguments.log_level), arguments.log_format == "json" ? LogFormat::json : LogFormat::text);
  const auto started = io::steady_now();
  TRY(auto settings, settings_of(arguments));
  if (arguments.is_insecure) log_warn("anyone who reaches the port may read and write", {{"listen", arguments.listen}});
  TRY(auto directory, io::open_directory(arguments.data));
  log::LogOptions options;
  options.now = io::wall_milliseconds();
  TRY(auto log, log::Log::open(std::move(directory), options));
  const bool was_clean = log->was_clean();
  TRY(auto server, broker::Server::open(std::move(log), std::move(settings)));
  running = server.get();
  struct sigaction action{};
  action.sa_handler = stop_running;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(io::steady_now() - started);
  log_info("ready", {{"listen", server->address().text()},
                     {"data", arguments.data},
                     {"milliseconds", took.count()},
                     {"last_stop", was_clean ? "clean" : "unclean"}});
  const Status stopped = server->run();
  running = nullptr;
  return stopped;
}

}  // namespace

void add_serve_command(CLI::App& root, Action& action) {
  CLI::App* command = root.add_subcommand("serve", "Run the log: a broker that any Kafka client can use");
  auto arguments = std::make_shared<ServeArguments>();
  command->add_option("--data", arguments->data, "Folder that everything is kept in")->capture_default_str();
  command->add_option("--listen", arguments->listen, "Where clients connect; port 0 takes a free one")
      ->capture_default_str();
  command->add_option("--advertise", arguments->advertise,
                      "HOST:PORT that clients are told to connect to (default: what each has reached)");
  command->add_flag("--insecure", arguments->is_insecure, "Let other machines in without TLS and credentials");
  command->add_option("--log-level", arguments->log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  command->add_option("--log-format", arguments->log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer("Example:\n  weir serve --data ./weir-data --listen 127.0.0.1:9092");
  command->callback([arguments, &action] {
    action = [arguments]() -> int {
      const Status served = serve(*arguments);
      return served ? static_cast<int>(kExitFine) : report_error(served.error());
    };
  });
}

}  // namespace weir::app
