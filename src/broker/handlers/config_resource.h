#pragma once

#include <cstdint>

namespace weir::broker {

// Whose settings are asked for (Kafka's ConfigResource.Type).
enum class ConfigResource : std::int8_t { topic = 2, broker = 4, broker_logger = 8, client_metrics = 16, group = 32 };

}  // namespace weir::broker
