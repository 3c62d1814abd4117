#pragma once

// The offsets that groups have committed: a table in the topic __consumer_offsets, in the form that Kafka's tools read.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/internal_topic.h"
#include "broker/now.h"

namespace weir::broker {

using TopicPartition = std::pair<std::string, std::int32_t>;

struct CommittedOffset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata;
  log::Millis committed_at = 0;
};

using Offsets = std::map<TopicPartition, CommittedOffset>;

Row offset_row(const std::string& group, const TopicPartition& partition, const CommittedOffset& committed);
Row forgotten_offset_row(const std::string& group, const TopicPartition& partition);

struct StoredOffset {
  std::string group;
  TopicPartition partition;
  std::optional<CommittedOffset> committed;  // Absent: forgotten.
};
// nullopt if the row holds no offset.
Result<std::optional<StoredOffset>> read_offset_row(const StoredRow& row);

}  // namespace weir::broker
