#pragma once

// Changes of settings, as both calls that Kafka has for them ask for.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"

namespace weir::broker {

// As in IncrementalAlterConfigs.
enum class ConfigOperation : std::int8_t { set = 0, remove = 1, append = 2, subtract = 3 };

struct ConfigChange {
  std::string name;
  ConfigOperation operation = ConfigOperation::set;
  std::optional<std::string> value;
};

// What the changes are made to.
enum class ConfigBase { nothing, current };

struct ConfigOutcome {
  wire::ErrorCode code = wire::ErrorCode::none;
  std::optional<std::string> message;
};

// All changes of one resource are made or none.
ConfigOutcome change_config(Broker& broker, std::int8_t resource_type, const std::string& resource_name,
                            const std::vector<ConfigChange>& changes, ConfigBase base, bool validate_only);

}  // namespace weir::broker
