#pragma once

// Settings as Kafka's clients ask for them: of topics, and of the broker.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/settings.h"
#include "log/log.h"

namespace weir::broker {

// As in DescribeConfigs.
enum class ConfigSource : std::int8_t { topic = 1, broker_static = 4, built_in = 5 };
enum class ConfigType : std::int8_t { boolean = 1, string = 2, int32 = 3, int64 = 5, float64 = 6, list = 7 };

struct ConfigEntry {
  std::string name;
  std::string value;
  ConfigSource source = ConfigSource::built_in;
  ConfigType type = ConfigType::string;
  std::string default_value;
  std::string_view documentation;  // Lives as long as the process.
};

// Sorted by name. `settings` are what users set for the topic.
std::vector<ConfigEntry> topic_config_entries(const std::map<std::string, std::string>& settings);
std::vector<ConfigEntry> broker_config_entries(const BrokerSettings& settings);

}  // namespace weir::broker
