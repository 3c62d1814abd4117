#pragma once

// A classic group's members as rows of __consumer_offsets, in the form that Kafka's tools read.

#include <optional>
#include <string>

#include "broker/groups/classic_group.h"
#include "broker/internal_topic.h"

namespace weir::broker {

Row group_row(const ClassicGroup& group, log::Millis now);
Row forgotten_group_row(const std::string& id);

struct StoredGroup {
  std::string id;
  bool is_forgotten = false;
  std::int32_t generation = 0;
  std::string protocol_type;
  std::string protocol;
  std::string leader;
  log::Millis since = 0;
  std::vector<ClassicGroup::Member> members;
};
// nullopt if the row holds no group.
Result<std::optional<StoredGroup>> read_group_row(const StoredRow& row);

}  // namespace weir::broker
