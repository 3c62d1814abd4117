#pragma once

// Reads records through librdkafka: of given partitions from given offsets, or as a member of a group. Records come in
// batches, in order within a partition.
//
// One thread. What take() gives is valid until the next call.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kafka/admin_client.h"

namespace weir::kafka {

struct IncomingRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp = -1;  // Milliseconds since 1970; -1: none.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> headers;
};

struct ConsumerSettings {
  std::string group;  // Empty: none.
  // Where a group begins that has no offset for a partition.
  bool begins_at_earliest = true;
  Isolation isolation = Isolation::committed;
};

struct Incoming {
  std::vector<IncomingRecord> records;
  // Partitions whose end was reached after these records, and the offset of that end.
  std::vector<std::pair<TopicPartition, std::int64_t>> ends;
};

class Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> open(const ConnectionSettings& connection, const ConsumerSettings& settings);
  // Leaves the group.
  ~Consumer();

  // Reads these partitions, each from its offset.
  Status assign(const std::vector<std::pair<TopicPartition, std::int64_t>>& offsets);
  // Joins the group, which shares out the partitions of these topics.
  Status subscribe(const std::vector<std::string>& topics);
  // Stops reading one of the assigned partitions.
  void pause(const TopicPartition& partition);

  // What has come, at most `records_max`; waits for the first for at most `timeout`. ErrorKind::external if reading
  // cannot go on: a refused login, a topic that is gone.
  Result<Incoming> take(std::size_t records_max, std::chrono::milliseconds timeout);

  // Of a member of a group: nothing until the group has shared out partitions for the first time.
  const std::optional<std::vector<TopicPartition>>& assigned() const;
  // For the next commit: that all before `offset` is done with.
  void store(const TopicPartition& partition, std::int64_t offset);
  // Commits what was stored, and waits for it.
  Status commit();

  // What librdkafka last complained of; empty if nothing.
  std::string trouble() const;

 private:
  struct State;
  explicit Consumer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weir::kafka
