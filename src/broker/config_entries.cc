#include "broker/config_entries.h"

#include <algorithm>

#include "log/topic_config.h"

namespace weir::broker {

namespace {

ConfigType type_of(std::string_view name) {
  if (name == "boolean") return ConfigType::boolean;
  if (name == "int") return ConfigType::int32;
  if (name == "long") return ConfigType::int64;
  if (name == "double") return ConfigType::float64;
  if (name == "list") return ConfigType::list;
  return ConfigType::string;
}

ConfigEntry broker_entry(std::string name, std::string value, ConfigType type, std::string_view documentation) {
  return {std::move(name), value, ConfigSource::broker_static, type, value, documentation};
}

}  // namespace

std::vector<ConfigEntry> topic_config_entries(const std::map<std::string, std::string>& settings) {
  std::vector<ConfigEntry> entries;
  for (const log::SettingInfo& info : log::topic_settings()) {
    ConfigEntry entry;
    entry.name = info.name;
    entry.default_value = info.default_value;
    entry.type = type_of(info.type);
    entry.documentation = info.documentation;
    const auto set = settings.find(entry.name);
    entry.value = set == settings.end() ? entry.default_value : set->second;
    entry.source = set == settings.end() ? ConfigSource::built_in : ConfigSource::topic;
    entries.push_back(std::move(entry));
  }
  return entries;
}

// What clients and tools look for (they read auto.create.topics.enable and num.partitions, for example).
std::vector<ConfigEntry> broker_config_entries(const BrokerSettings& settings) {
  const auto minutes = [](std::chrono::milliseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(time).count());
  };
  const auto milliseconds = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
  std::vector<ConfigEntry> entries = {
      broker_entry("auto.create.topics.enable", settings.creates_topics ? "true" : "false", ConfigType::boolean,
                   "Whether asking for a topic that does not exist creates it."),
      broker_entry("default.replication.factor", "1", ConfigType::int32, "One node holds one copy."),
      broker_entry("group.initial.rebalance.delay.ms", "0", ConfigType::int32,
                   "How long a new group waits for more members: not at all."),
      broker_entry("log.cleanup.policy", "delete", ConfigType::list, "What becomes of old segments, by default."),
      broker_entry("num.partitions", std::to_string(settings.partitions_default), ConfigType::int32,
                   "Partitions of a topic whose number is not given."),
      broker_entry("node.id", std::to_string(settings.node_id), ConfigType::int32, "This node's number."),
      broker_entry("offset.metadata.max.bytes", std::to_string(settings.offset_metadata_max), ConfigType::int32,
                   "The longest text that may go with a committed offset."),
      broker_entry("offsets.retention.minutes", minutes(settings.offsets_retention), ConfigType::int32,
                   "How long offsets are kept after their group has lost its last member."),
      broker_entry("socket.request.max.bytes", std::to_string(settings.frame_bytes_max), ConfigType::int32,
                   "The largest request."),
      broker_entry("transaction.max.timeout.ms", milliseconds(settings.transaction_timeout_max), ConfigType::int32,
                   "The longest time that a transaction may stay open."),
      broker_entry("transactional.id.expiration.ms", milliseconds(settings.transactional_id_retention),
                   ConfigType::int32, "How long an unused transactional id is kept."),
  };
  std::ranges::sort(entries, {}, &ConfigEntry::name);
  return entries;
}

}  // namespace weir::broker
