#pragma once

// What the broker is told when it starts. Times and sizes in the units of their types.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "io/address.h"

namespace weir::broker {

struct BrokerSettings {
  std::int32_t node_id = 1;
  // Where clients are told to connect; by default, the address that each has reached.
  std::optional<io::Address> advertised;
  bool creates_topics = true;  // auto.create.topics.enable
  std::int32_t partitions_default = 1;
  std::map<std::string, std::string> topic_defaults;  // Settings of topics that do not set their own.
  std::chrono::milliseconds flush_interval{100};      // Of what nobody waits for.
  std::uint64_t flush_bytes = 1U << 20;
  std::size_t frame_bytes_max = 100U << 20;
  std::size_t offset_metadata_max = 4096;  // offset.metadata.max.bytes
  std::chrono::milliseconds offsets_retention = std::chrono::hours(24 * 7);
  std::chrono::milliseconds transaction_timeout_max = std::chrono::minutes(15);
  std::chrono::milliseconds transactional_id_retention = std::chrono::hours(24 * 7);
};

}  // namespace weir::broker
