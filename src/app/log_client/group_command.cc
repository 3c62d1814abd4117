// `weir group list|describe|reset|delete`, and `weir lag`.

#include <algorithm>
#include <cstdio>
#include <memory>

#include "app/log_client/connection_options.h"
#include "app/log_client/group_offsets.h"
#include "app/log_client/log_commands.h"
#include "app/log_client/rows.h"
#include "app/log_client/time_option.h"
#include "base/text.h"
#include "io/clock.h"

namespace weir::app {

namespace {

struct GroupArguments {
  ConnectionOptions connection;
  std::string format;
  std::vector<std::string> groups;
  std::string topic;
  std::vector<std::string> topics;  // Of a reset: "topic" or "topic:0,1".
  bool to_earliest = false;
  bool to_latest = false;
  std::string to_offset;
  std::string to_time;
  std::string by;
  bool only_checks = false;
  bool members = false;
};

Cell cell_of(const std::optional<std::int64_t>& number) {
  return number ? Cell(*number) : Cell();
}

Cell cell_of(const std::optional<double>& number) {
  return number ? Cell(*number) : Cell();
}

Cell cell_of(const std::string& text) {
  return text.empty() ? Cell() : Cell(text);
}

Cell number_cell(std::size_t number) {
  return static_cast<std::int64_t>(number);
}

Result<int> list_groups(const GroupArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat format, chosen_format(arguments.format, terminal));
  TRY(auto settings, connection_settings(arguments.connection));
  kafka::AdminClient client(std::move(settings));
  TRY(const auto groups, client.groups());
  Rows rows({{"group", true}, {"state"}, {"type"}, {"protocol"}});
  for (const kafka::GroupInfo& group : groups) {
    rows.add({group.id, cell_of(group.state), cell_of(group.type), cell_of(group.protocol_type)});
  }
  fmt::print("{}", rows.text(format, terminal));
  if (rows.empty() && format == OutputFormat::table) fmt::print(stderr, "weir: no groups\n");
  return static_cast<int>(kExitFine);
}

Rows member_rows(const std::vector<kafka::GroupDescription>& groups) {
  Rows rows({{"group", true}, {"member", true}, {"client"}, {"host"}, {"instance"}, {"partitions"}});
  for (const kafka::GroupDescription& group : groups) {
    for (const kafka::GroupMember& member : group.members) {
      rows.add({group.id, member.id, cell_of(member.client_id), cell_of(member.host),
                cell_of(member.instance_id.value_or("")), number_cell(member.assignment.size())});
    }
  }
  return rows;
}

const kafka::GroupMember* reader_of(const kafka::GroupDescription& group, const kafka::TopicPartition& where) {
  for (const kafka::GroupMember& member : group.members) {
    if (std::ranges::binary_search(member.assignment, where)) return &member;
  }
  return nullptr;
}

// Partitions with offsets, and those that a member reads without having committed one.
Result<Rows> partition_rows(kafka::AdminClient& client, const std::vector<kafka::GroupDescription>& groups) {
  Rows rows({{"group", true},
             {"state"},
             {"topic", true},
             {"partition"},
             {"committed"},
             {"end"},
             {"lag"},
             {"client"},
             {"host"},
             {"member", true, false}});
  for (const kafka::GroupDescription& group : groups) {
    TRY(const auto positions, group_positions(client, {group.id}, "", false, 0));
    const auto add = [&](const kafka::TopicPartition& where, const GroupPosition* position) {
      const kafka::GroupMember* reader = reader_of(group, where);
      rows.add({group.id, group.state, where.topic, static_cast<std::int64_t>(where.partition),
                position == nullptr ? Cell() : Cell(position->committed),
                position == nullptr ? Cell() : cell_of(position->end),
                position == nullptr ? Cell() : cell_of(position->lag()),
                reader == nullptr ? Cell() : cell_of(reader->client_id),
                reader == nullptr ? Cell() : cell_of(reader->host), reader == nullptr ? Cell() : cell_of(reader->id)});
    };
    for (const GroupPosition& position : positions) add(position.where, &position);
    for (const kafka::GroupMember& member : group.members) {
      for (const kafka::TopicPartition& where : member.assignment) {
        if (std::ranges::find(positions, where, &GroupPosition::where) == positions.end()) add(where, nullptr);
      }
    }
  }
  return rows;
}

Result<int> describe_groups(const GroupArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat format, chosen_format(arguments.format, terminal));
  TRY(auto settings, connection_settings(arguments.connection));
  kafka::AdminClient client(std::move(settings));
  std::vector<kafka::GroupDescription> groups;
  for (const std::string& name : arguments.groups) {
    TRY(groups.emplace_back(), client.group(name));
  }
  if (arguments.members) {
    fmt::print("{}", member_rows(groups).text(format, terminal));
    return static_cast<int>(kExitFine);
  }
  TRY(const Rows rows, partition_rows(client, groups));
  fmt::print("{}", rows.text(format, terminal));
  if (rows.empty() && format == OutputFormat::table) {
    for (const kafka::GroupDescription& group : groups) {
      fmt::print(stderr, "weir: group '{}' is {} and has no offsets\n", visible(group.id), group.state);
    }
  }
  return static_cast<int>(kExitFine);
}

Result<Reset> parse_reset(const GroupArguments& arguments) {
  const int ways = int{arguments.to_earliest} + int{arguments.to_latest} + int{!arguments.to_offset.empty()} +
                   int{!arguments.to_time.empty()} + int{!arguments.by.empty()};
  if (ways != 1) {
    return fail(ErrorKind::user, "say where to: one of --to-earliest, --to-latest, --to-offset, --to-time, --by");
  }
  if (arguments.to_earliest) return Reset{ResetTo::earliest, 0};
  if (arguments.to_latest) return Reset{ResetTo::latest, 0};
  if (!arguments.to_time.empty()) {
    TRY(const auto time, parse_time_option("--to-time", arguments.to_time, io::wall_milliseconds()));
    return Reset{ResetTo::time, time};
  }
  const bool is_by = !arguments.by.empty();
  const std::string_view text = is_by ? arguments.by : arguments.to_offset;
  const auto number = parse_int(text.starts_with('+') ? text.substr(1) : text);
  if (!number || (!is_by && *number < 0)) {
    return fail(ErrorKind::user, "{} {}: it takes a number", is_by ? "--by" : "--to-offset", text);
  }
  return Reset{is_by ? ResetTo::by : ResetTo::offset, *number};
}

// "topic" is all its partitions, "topic:0,2" some of them.
Result<std::vector<kafka::TopicPartition>> chosen_partitions(kafka::AdminClient& client,
                                                             const std::vector<std::string>& texts) {
  std::vector<kafka::TopicPartition> chosen;
  for (const std::string& text : texts) {
    const std::size_t colon = text.find(':');
    const std::string name = text.substr(0, colon);
    TRY(const auto topics, client.topics({name}));
    const auto& partitions = topics.front().partitions;
    if (colon == std::string::npos) {
      for (const kafka::PartitionInfo& partition : partitions) chosen.push_back({name, partition.index});
      continue;
    }
    for (const std::string_view number : split(std::string_view(text).substr(colon + 1), ',')) {
      const auto index = parse_int(number);
      const auto has_index = [&](const kafka::PartitionInfo& partition) { return partition.index == index; };
      if (std::ranges::none_of(partitions, has_index)) {
        return fail(ErrorKind::user, "--topic {}: topic '{}' has no partition '{}'", text, name, number);
      }
      chosen.push_back({name, static_cast<std::int32_t>(*index)});
    }
  }
  std::ranges::sort(chosen);
  chosen.erase(std::ranges::unique(chosen).begin(), chosen.end());
  return chosen;
}

Result<int> reset_group(const GroupArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat format, chosen_format(arguments.format, terminal));
  TRY(const Reset reset, parse_reset(arguments));
  TRY(auto settings, connection_settings(arguments.connection));
  kafka::AdminClient client(std::move(settings));
  TRY(const auto partitions, chosen_partitions(client, arguments.topics));
  const std::string& group = arguments.groups.front();
  // A group that does not exist yet may be given offsets to begin at.
  const auto described = client.group(group);
  if (described && !described->members.empty()) {
    return fail(ErrorKind::user, "group '{}' has {}; stop them first: they would overwrite the offsets", group,
                counted(described->members.size(), "member"));
  }
  TRY(const auto moves, plan_reset(client, group, partitions, reset));
  std::map<kafka::TopicPartition, std::int64_t> offsets;
  Rows rows({{"group", true}, {"topic", true}, {"partition"}, {"old"}, {"new"}});
  for (const OffsetMove& move : moves) {
    offsets[move.where] = move.to;
    rows.add({group, move.where.topic, static_cast<std::int64_t>(move.where.partition), cell_of(move.from), move.to});
  }
  if (!arguments.only_checks) TRY(client.commit(group, offsets));
  fmt::print("{}", rows.text(format, terminal));
  if (arguments.only_checks) fmt::print(stderr, "weir: nothing was changed (--dry-run)\n");
  return static_cast<int>(kExitFine);
}

Result<int> delete_groups(const GroupArguments& arguments) {
  TRY(auto settings, connection_settings(arguments.connection));
  kafka::AdminClient client(std::move(settings));
  for (const std::string& name : arguments.groups) {
    TRY(client.delete_group(name));
    fmt::print(stderr, "weir: group '{}' deleted\n", name);
  }
  return static_cast<int>(kExitFine);
}

Result<int> show_lag(const GroupArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat format, chosen_format(arguments.format, terminal));
  TRY(auto settings, connection_settings(arguments.connection));
  kafka::AdminClient client(std::move(settings));
  std::vector<std::string> groups = arguments.groups;
  if (groups.empty()) {
    TRY(const auto all, client.groups());
    for (const kafka::GroupInfo& group : all) groups.push_back(group.id);
  }
  TRY(auto positions, group_positions(client, groups, arguments.topic, true, io::wall_milliseconds()));
  // Without a known time last, and among equals the larger lag first.
  std::ranges::stable_sort(positions, [](const GroupPosition& a, const GroupPosition& b) {
    const double a_seconds = a.lag_seconds.value_or(-1);
    const double b_seconds = b.lag_seconds.value_or(-1);
    return a_seconds != b_seconds ? a_seconds > b_seconds : a.lag().value_or(-1) > b.lag().value_or(-1);
  });
  Rows rows({{"group", true},
             {"topic", true},
             {"partition"},
             {"committed"},
             {"end"},
             {"lag"},
             {"lag_seconds"},
             {"backlog_seconds"},
             {"lost"}});
  for (const GroupPosition& position : positions) {
    rows.add({position.group, position.where.topic, static_cast<std::int64_t>(position.where.partition),
              position.committed, cell_of(position.end), cell_of(position.lag()), cell_of(position.lag_seconds),
              cell_of(position.backlog_seconds), cell_of(position.lost())});
  }
  fmt::print("{}", rows.text(format, terminal));
  if (rows.empty() && format == OutputFormat::table) fmt::print(stderr, "weir: no group has offsets\n");
  return static_cast<int>(kExitFine);
}

using Run = Result<int> (*)(const GroupArguments&);

CLI::App* add_verb(CLI::App& parent, Action& action, const char* name, const char* help,
                   const std::shared_ptr<GroupArguments>& arguments, Run run) {
  CLI::App* command = parent.add_subcommand(name, help);
  add_connection_options(*command, arguments->connection);
  command->callback([arguments, run, &action] { action = [arguments, run] { return finished(run(*arguments)); }; });
  return command;
}

void add_format(CLI::App& command, GroupArguments& arguments) {
  command.add_option("--format", arguments.format, "table, json or csv")->type_name("FORMAT");
}

}  // namespace

void add_group_command(CLI::App& root, Action& action) {
  CLI::App* group = root.add_subcommand("group", "List, describe, reset and delete consumer groups");
  group->require_subcommand(1);

  auto list = std::make_shared<GroupArguments>();
  CLI::App* list_command = add_verb(*group, action, "list", "List groups", list, list_groups);
  add_format(*list_command, *list);
  list_command->footer("Example:\n  weir group list");

  auto describe = std::make_shared<GroupArguments>();
  CLI::App* describe_command =
      add_verb(*group, action, "describe", "Show offsets, lag and members", describe, describe_groups);
  describe_command->add_option("GROUP", describe->groups, "Groups")->required();
  describe_command->add_flag("--members", describe->members, "One row for each member in place of each partition");
  add_format(*describe_command, *describe);
  describe_command->footer("Example:\n  weir group describe indexer");

  auto reset = std::make_shared<GroupArguments>();
  CLI::App* reset_command =
      add_verb(*group, action, "reset", "Move a group that has no members to other offsets", reset, reset_group);
  reset->groups.resize(1);
  reset_command->add_option("GROUP", reset->groups.front(), "Group")->required();
  reset_command->add_option("--topic", reset->topics, "TOPIC, or TOPIC:0,2 for some partitions; may be repeated")
      ->required()
      ->type_name("TOPIC")
      ->allow_extra_args(false);
  reset_command->add_flag("--to-earliest", reset->to_earliest, "To the first record");
  reset_command->add_flag("--to-latest", reset->to_latest, "To the end");
  reset_command->add_option("--to-offset", reset->to_offset, "To this offset")->type_name("N");
  reset_command
      ->add_option("--to-time", reset->to_time, "To the first record of this time or later; or 10m, 2h, 7d ago")
      ->type_name("TIME");
  reset_command->add_option("--by", reset->by, "So many on, or, negative, back")->type_name("N");
  reset_command->add_flag("--dry-run", reset->only_checks, "Show the moves, and make none");
  add_format(*reset_command, *reset);
  reset_command->footer("Example:\n  weir group reset indexer --topic proxy --to-time 2h --dry-run");

  auto remove = std::make_shared<GroupArguments>();
  CLI::App* delete_command = add_verb(*group, action, "delete",
                                      "Delete groups that have no members, with their offsets", remove, delete_groups);
  delete_command->add_option("GROUP", remove->groups, "Groups")->required();
  delete_command->footer("Example:\n  weir group delete indexer");
}

void add_lag_command(CLI::App& root, Action& action) {
  auto lag = std::make_shared<GroupArguments>();
  CLI::App* command =
      add_verb(root, action, "lag", "How far groups are behind, in seconds and in records", lag, show_lag);
  command->add_option("GROUP", lag->groups, "Groups (default: all)");
  command->add_option("--topic", lag->topic, "Only this topic")->type_name("TOPIC");
  add_format(*command, *lag);
  command->footer("Example:\n  weir lag");
}

}  // namespace weir::app
