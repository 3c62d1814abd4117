#pragma once

// Where `weir consume` begins and ends in each partition.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/admin_client.h"

namespace weir::app {

struct Extent {
  std::int64_t start = 0;
  std::int64_t end = 0;  // The first offset that is not wanted any more.
};

struct ConsumeRange {
  bool from_beginning = false;
  bool follow = false;
  std::optional<std::int64_t> offset;  // Negative: so many before the end.
  std::optional<std::int64_t> since;   // Milliseconds since 1970.
  std::optional<std::int64_t> until;
  std::vector<std::int32_t> partitions;  // Empty: all.
  kafka::Isolation isolation = kafka::Isolation::committed;
};

// Asks for the offsets as they are now. ErrorKind::user for a partition that a topic does not have. An offset before
// the first is moved to the first, one behind the end to the end.
Result<std::map<kafka::TopicPartition, Extent>> plan_consume(kafka::AdminClient& client,
                                                             const std::vector<std::string>& topics,
                                                             const ConsumeRange& range);

}  // namespace weir::app
