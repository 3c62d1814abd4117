// `weir topic list|describe|create|alter|delete`.

#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/log_client/connection_options.h"
#include "app/log_client/log_commands.h"
#include "app/log_client/rows.h"
#include "app/log_client/topic_report.h"
#include "kafka/admin_client.h"

namespace weir::app {

namespace {

struct TopicArguments {
  ConnectionOptions connection;
  std::string format;
  std::vector<std::string> names;
  bool shows_internal = false;
  bool shows_all_settings = false;
  int partitions = -1;
  int replicas = -1;
  std::vector<std::string> set;
  std::vector<std::string> unset;
  bool tolerates = false;  // --if-not-exists, --if-exists.
  bool only_checks = false;
};

Result<kafka::AdminClient> admin(const TopicArguments& arguments) {
  TRY(auto settings, connection_settings(arguments.connection));
  return kafka::AdminClient(std::move(settings));
}

Result<int> list_topics(const TopicArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat format, chosen_format(arguments.format, terminal));
  TRY(auto client, admin(arguments));
  TRY(const auto topics, client.topics());
  Rows rows({{"topic", true}, {"partitions"}, {"replicas"}, {"internal"}});
  for (const kafka::TopicInfo& topic : topics) {
    if (topic.is_internal && !arguments.shows_internal) continue;
    const std::size_t replicas = topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size();
    rows.add({topic.name, static_cast<std::int64_t>(topic.partitions.size()), static_cast<std::int64_t>(replicas),
              topic.is_internal});
  }
  fmt::print("{}", rows.text(format, terminal));
  if (rows.empty() && format == OutputFormat::table) fmt::print(stderr, "weir: no topics\n");
  return static_cast<int>(kExitFine);
}

Result<int> describe_topics(const TopicArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat format, chosen_format(arguments.format, terminal));
  TRY(auto client, admin(arguments));
  TRY(const auto reports, report_topics(client, arguments.names));
  fmt::print("{}", topic_reports_text(reports, format, terminal, arguments.shows_all_settings));
  return static_cast<int>(kExitFine);
}

Result<std::map<std::string, std::optional<std::string>>> parse_changes(const TopicArguments& arguments) {
  std::map<std::string, std::optional<std::string>> changes;
  for (const std::string& text : arguments.set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return fail(ErrorKind::user, "--set {}: write NAME=VALUE", text);
    changes[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const std::string& name : arguments.unset) {
    if (changes.contains(name)) return fail(ErrorKind::user, "--set and --unset both name {}", name);
    changes[name] = std::nullopt;
  }
  return changes;
}

Result<int> create_topics(const TopicArguments& arguments) {
  TRY(const auto settings, parse_changes(arguments));
  TRY(auto client, admin(arguments));
  const auto existing = arguments.tolerates ? client.topics() : std::vector<kafka::TopicInfo>{};
  if (!existing) return std::unexpected(existing.error());
  for (const std::string& name : arguments.names) {
    const auto has_name = [&](const kafka::TopicInfo& topic) { return topic.name == name; };
    if (std::ranges::any_of(*existing, has_name)) {
      fmt::print(stderr, "weir: topic '{}' exists already\n", name);
      continue;
    }
    kafka::NewTopic topic{name, arguments.partitions, static_cast<std::int16_t>(arguments.replicas), {}};
    for (const auto& [key, value] : settings) topic.settings[key] = value.value_or("");
    TRY(client.create_topic(topic, arguments.only_checks));
    fmt::print(stderr, "weir: topic '{}' {}\n", name, arguments.only_checks ? "could be created" : "created");
  }
  return static_cast<int>(kExitFine);
}

Result<int> alter_topic(const TopicArguments& arguments) {
  TRY(const auto changes, parse_changes(arguments));
  if (changes.empty() && arguments.partitions < 0) {
    return fail(ErrorKind::user, "nothing to change: give --set, --unset or --partitions");
  }
  TRY(auto client, admin(arguments));
  // An unknown name is an error before anything has changed.
  TRY(const auto topics, client.topics(arguments.names));
  for (const kafka::TopicInfo& topic : topics) {
    if (!changes.empty()) {
      TRY(client.change_settings(topic.name, changes, arguments.only_checks));
    }
    if (arguments.partitions >= 0) {
      TRY(client.set_partition_count(topic.name, arguments.partitions, arguments.only_checks));
    }
    fmt::print(stderr, "weir: topic '{}' {}\n", topic.name, arguments.only_checks ? "could be changed" : "changed");
  }
  return static_cast<int>(kExitFine);
}

Result<int> delete_topics(const TopicArguments& arguments) {
  TRY(auto client, admin(arguments));
  TRY(const auto existing, client.topics());
  std::vector<std::string> names;
  for (const std::string& name : arguments.names) {
    const auto has_name = [&](const kafka::TopicInfo& topic) { return topic.name == name; };
    if (std::ranges::any_of(existing, has_name)) {
      names.push_back(name);
    } else if (!arguments.tolerates) {
      return fail(ErrorKind::user, "there is no topic '{}'; nothing was deleted; `weir topic list` shows what there is",
                  name);
    }
  }
  for (const std::string& name : names) {
    if (!arguments.only_checks) TRY(client.delete_topic(name));
    fmt::print(stderr, "weir: topic '{}' {}\n", name, arguments.only_checks ? "would be deleted" : "deleted");
  }
  return static_cast<int>(kExitFine);
}

using Run = Result<int> (*)(const TopicArguments&);

CLI::App* add_verb(CLI::App& topic, Action& action, const char* name, const char* help,
                   const std::shared_ptr<TopicArguments>& arguments, Run run) {
  CLI::App* command = topic.add_subcommand(name, help);
  add_connection_options(*command, arguments->connection);
  command->callback([arguments, run, &action] { action = [arguments, run] { return finished(run(*arguments)); }; });
  return command;
}

}  // namespace

int finished(const Result<int>& code) {
  return code ? *code : report_error(code.error());
}

void add_topic_command(CLI::App& root, Action& action) {
  CLI::App* topic = root.add_subcommand("topic", "List, describe, create, change and delete topics");
  topic->require_subcommand(1);

  auto list = std::make_shared<TopicArguments>();
  CLI::App* list_command = add_verb(*topic, action, "list", "List topics", list, list_topics);
  list_command->add_flag("--internal", list->shows_internal, "Those that the cluster keeps for itself, too");
  list_command->add_option("--format", list->format, "table, json or csv")->type_name("FORMAT");
  list_command->footer("Example:\n  weir topic list --bootstrap kafka1:9092");

  auto describe = std::make_shared<TopicArguments>();
  CLI::App* describe_command =
      add_verb(*topic, action, "describe", "Show partitions, offsets, sizes and settings", describe, describe_topics);
  describe_command->add_option("TOPIC", describe->names, "Topics (default: all but internal ones)");
  describe_command->add_flag("--all-settings", describe->shows_all_settings, "Settings at their defaults, too");
  describe_command->add_option("--format", describe->format, "table, json or csv")->type_name("FORMAT");
  describe_command->footer("Example:\n  weir topic describe proxy");

  auto create = std::make_shared<TopicArguments>();
  CLI::App* create_command = add_verb(*topic, action, "create", "Create topics", create, create_topics);
  create_command->add_option("TOPIC", create->names, "Names of the new topics")->required();
  create_command->add_option("--partitions", create->partitions, "How many (default: the cluster's)")
      ->check(CLI::Range(1, 1'000'000));
  create_command->add_option("--replicas", create->replicas, "Copies of each partition (default: the cluster's)")
      ->check(CLI::Range(1, 32'767));
  create_command->add_option("--set", create->set, "A setting, for example retention.ms=604800000; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  create_command->add_flag("--if-not-exists", create->tolerates, "A topic that exists already is no error");
  create_command->add_flag("--dry-run", create->only_checks, "Have the cluster check it, and create nothing");
  create_command->footer("Example:\n  weir topic create proxy --partitions 4 --set retention.ms=604800000");

  auto alter = std::make_shared<TopicArguments>();
  CLI::App* alter_command = add_verb(*topic, action, "alter", "Change settings, or add partitions", alter, alter_topic);
  alter_command->add_option("TOPIC", alter->names, "Topics")->required();
  alter_command->add_option("--partitions", alter->partitions, "How many there shall be; never fewer than there are")
      ->check(CLI::Range(1, 1'000'000));
  alter_command->add_option("--set", alter->set, "A setting; others stay as they are")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  alter_command->add_option("--unset", alter->unset, "A setting that takes its default back")
      ->type_name("NAME")
      ->allow_extra_args(false);
  alter_command->add_flag("--dry-run", alter->only_checks, "Have the cluster check it, and change nothing");
  alter_command->footer("Example:\n  weir topic alter proxy --set cleanup.policy=compact --unset retention.ms");

  auto remove = std::make_shared<TopicArguments>();
  CLI::App* delete_command =
      add_verb(*topic, action, "delete", "Delete topics with all records", remove, delete_topics);
  delete_command->add_option("TOPIC", remove->names, "Topics")->required();
  delete_command->add_flag("--if-exists", remove->tolerates, "A topic that does not exist is no error");
  delete_command->add_flag("--dry-run", remove->only_checks, "Say what would be deleted");
  delete_command->footer("Example:\n  weir topic delete proxy");
}

}  // namespace weir::app
