// Topics: what there is, making, changing and deleting them.

#include <algorithm>

#include "kafka/admin_client.h"
#include "wire/messages/create_partitions.h"
#include "wire/messages/create_topics.h"
#include "wire/messages/delete_topics.h"
#include "wire/messages/describe_configs.h"
#include "wire/messages/describe_log_dirs.h"
#include "wire/messages/incremental_alter_configs.h"

namespace weir::kafka {

namespace {

using wire::ErrorCode;

constexpr std::int8_t kTopicResource = 2;  // Kafka's ConfigResource.Type.
constexpr std::int8_t kSet = 0;            // Kafka's AlterConfigOp.OpType.
constexpr std::int8_t kDelete = 1;
// How long a cluster that makes topics by itself may take for it.
constexpr std::chrono::milliseconds kTopicCreationMax{1'500};
constexpr std::int8_t kTopicSource = 1;  // Kafka's DescribeConfigsResponse.ConfigSource: set on the topic itself.

TopicInfo info_of(const wire::MetadataResponse::MetadataResponseTopic& topic) {
  TopicInfo info{topic.name.value_or(""), topic.is_internal, {}};
  for (const auto& partition : topic.partitions) {
    info.partitions.push_back(
        {partition.partition_index, partition.leader_id, partition.replica_nodes, partition.isr_nodes});
  }
  std::ranges::sort(info.partitions, {}, &PartitionInfo::index);
  return info;
}

}  // namespace

Result<std::vector<TopicInfo>> AdminClient::topics_of(const std::optional<std::vector<std::string>>& names,
                                                      bool creates) {
  return cluster_.until_settled([&](ErrorCode& code) -> Result<std::vector<TopicInfo>> {
    TRY(const auto response, cluster_.metadata(names, creates));
    std::vector<TopicInfo> found;
    for (const auto& topic : response.topics) {
      // A topic some of whose partitions have no leader is shown as it is.
      if (topic.error_code != ErrorCode::none && topic.error_code != ErrorCode::leader_not_available) {
        code = topic.error_code;
        return std::unexpected(server_error(fmt::format("find topic '{}'", topic.name.value_or("")), code));
      }
      if (topic.partitions.empty()) {
        code = ErrorCode::leader_not_available;
        return std::unexpected(server_error(fmt::format("find topic '{}'", topic.name.value_or("")), code));
      }
      found.push_back(info_of(topic));
    }
    return found;
  });
}

Result<std::vector<TopicInfo>> AdminClient::topics() {
  TRY(auto found, topics_of(std::nullopt, false));
  std::ranges::sort(found, {}, &TopicInfo::name);
  return found;
}

Result<std::vector<TopicInfo>> AdminClient::topics(const std::vector<std::string>& names) {
  TRY(const auto found, topics_of(names, false));
  std::vector<TopicInfo> ordered;
  for (const std::string& name : names) {
    const auto topic = std::ranges::find(found, name, &TopicInfo::name);
    if (topic == found.end()) {
      return std::unexpected(server_error(fmt::format("find topic '{}'", name), ErrorCode::unknown_topic_or_partition));
    }
    ordered.push_back(*topic);
  }
  return ordered;
}

Result<TopicInfo> AdminClient::topic_to_write(const std::string& name) {
  const auto unknown_until = std::chrono::steady_clock::now() + kTopicCreationMax;
  return cluster_.until_settled([&](ErrorCode& code) -> Result<TopicInfo> {
    TRY(const auto response, cluster_.metadata(std::vector<std::string>{name}, true));
    code = response.topics.empty() ? ErrorCode::unknown_topic_or_partition : response.topics.front().error_code;
    if (code == ErrorCode::none) {
      TopicInfo info = info_of(response.topics.front());
      const auto leaderless = [](const PartitionInfo& partition) { return partition.leader < 0; };
      if (!info.partitions.empty() && std::ranges::none_of(info.partitions, leaderless)) return info;
      code = ErrorCode::leader_not_available;
    }
    auto error = server_error(fmt::format("write to topic '{}'", name), code);
    // A topic that the cluster is only about to make is unknown to it, too.
    if (code == ErrorCode::unknown_topic_or_partition && std::chrono::steady_clock::now() < unknown_until) {
      code = ErrorCode::leader_not_available;
    }
    return std::unexpected(std::move(error));
  });
}

Status AdminClient::create_topic(const NewTopic& topic, bool only_checks) {
  return cluster_.until_settled([&](ErrorCode& code) -> Status {
    TRY(auto* controller, cluster_.controller());
    wire::CreateTopicsRequest request;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic.name;
    wanted.num_partitions = topic.partitions;
    wanted.replication_factor = topic.replicas;
    for (const auto& [name, value] : topic.settings) wanted.configs.push_back({name, value});
    request.timeout_ms = static_cast<std::int32_t>(settings().request_timeout.count());
    request.validate_only = only_checks;
    TRY(const auto response, controller->call<wire::CreateTopicsResponse>(request));
    for (const auto& result : response.topics) {
      if (result.error_code == ErrorCode::none) continue;
      code = result.error_code;
      return std::unexpected(server_error(fmt::format("create topic '{}'", topic.name), code, result.error_message));
    }
    return {};
  });
}

Status AdminClient::delete_topic(const std::string& name) {
  return cluster_.until_settled([&](ErrorCode& code) -> Status {
    TRY(auto* controller, cluster_.controller());
    wire::DeleteTopicsRequest request;
    request.topics.emplace_back().name = name;
    request.topic_names = {name};
    request.timeout_ms = static_cast<std::int32_t>(settings().request_timeout.count());
    TRY(const auto response, controller->call<wire::DeleteTopicsResponse>(request));
    for (const auto& result : response.responses) {
      if (result.error_code == ErrorCode::none) continue;
      code = result.error_code;
      return std::unexpected(server_error(fmt::format("delete topic '{}'", name), code, result.error_message));
    }
    return {};
  });
}

Status AdminClient::set_partition_count(const std::string& topic, std::int32_t count, bool only_checks) {
  return cluster_.until_settled([&](ErrorCode& code) -> Status {
    TRY(auto* controller, cluster_.controller());
    wire::CreatePartitionsRequest request;
    auto& wanted = request.topics.emplace_back();
    wanted.name = topic;
    wanted.count = count;
    wanted.assignments.reset();
    request.timeout_ms = static_cast<std::int32_t>(settings().request_timeout.count());
    request.validate_only = only_checks;
    TRY(const auto response, controller->call<wire::CreatePartitionsResponse>(request));
    for (const auto& result : response.results) {
      if (result.error_code == ErrorCode::none) continue;
      code = result.error_code;
      return std::unexpected(
          server_error(fmt::format("give topic '{}' {} partitions", topic, count), code, result.error_message));
    }
    return {};
  });
}

Result<std::vector<Setting>> AdminClient::settings_of(const std::string& topic) {
  TRY(auto* connection, cluster_.any());
  wire::DescribeConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = kTopicResource;
  resource.resource_name = topic;
  resource.configuration_keys.reset();
  TRY(auto response, connection->call<wire::DescribeConfigsResponse>(request));
  std::vector<Setting> settings;
  for (auto& result : response.results) {
    if (result.error_code != ErrorCode::none) {
      return std::unexpected(
          server_error(fmt::format("read the settings of topic '{}'", topic), result.error_code, result.error_message));
    }
    for (auto& config : result.configs) {
      // Version 0 has a flag, later ones the source.
      const bool is_default = config.config_source < 0 ? config.is_default : config.config_source != kTopicSource;
      settings.push_back(
          {std::move(config.name), std::move(config.value), is_default, config.is_sensitive, config.read_only});
    }
  }
  std::ranges::sort(settings, {}, &Setting::name);
  return settings;
}

Status AdminClient::change_settings(const std::string& topic,
                                    const std::map<std::string, std::optional<std::string>>& changes,
                                    bool only_checks) {
  return cluster_.until_settled([&](ErrorCode& code) -> Status {
    TRY(auto* controller, cluster_.controller());
    wire::IncrementalAlterConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kTopicResource;
    resource.resource_name = topic;
    for (const auto& [name, value] : changes) resource.configs.push_back({name, value ? kSet : kDelete, value});
    request.validate_only = only_checks;
    TRY(const auto response, controller->call<wire::IncrementalAlterConfigsResponse>(request));
    for (const auto& result : response.responses) {
      if (result.error_code == ErrorCode::none) continue;
      code = result.error_code;
      return std::unexpected(
          server_error(fmt::format("change the settings of topic '{}'", topic), code, result.error_message));
    }
    return {};
  });
}

Result<std::map<TopicPartition, std::int64_t>> AdminClient::sizes(const std::vector<TopicInfo>& topics) {
  std::map<TopicPartition, std::int32_t> leaders;
  wire::DescribeLogDirsRequest request;
  request.topics.emplace();
  for (const TopicInfo& topic : topics) {
    auto& wanted = request.topics->emplace_back();
    wanted.topic = topic.name;
    for (const PartitionInfo& partition : topic.partitions) {
      wanted.partitions.push_back(partition.index);
      leaders[{topic.name, partition.index}] = partition.leader;
    }
  }
  std::map<TopicPartition, std::int64_t> sizes;
  TRY(const auto ids, cluster_.brokers());
  for (const std::int32_t id : ids) {
    TRY(auto* connection, cluster_.broker(id));
    if (!connection->offers(wire::ApiKey::describe_log_dirs)) continue;
    TRY(const auto response, connection->call<wire::DescribeLogDirsResponse>(request));
    for (const auto& folder : response.results) {
      for (const auto& topic : folder.topics) {
        for (const auto& partition : topic.partitions) {
          const TopicPartition where{topic.name, partition.partition_index};
          // A copy that is being moved to another disk is not the partition.
          if (leaders.contains(where) && leaders[where] == id && !partition.is_future_key) {
            sizes[where] = partition.partition_size;
          }
        }
      }
    }
  }
  return sizes;
}

}  // namespace weir::kafka
