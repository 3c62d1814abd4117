#pragma once

// Asking about topics and groups of a cluster, and changing them: our own requests over `wire`, because librdkafka
// lacks some of them. Finds the controller, leader or coordinator by itself, and asks again while the cluster says that
// it is busy choosing one, for the time of a request at most.
//
// Errors are ErrorKind::user where the request was wrong or not allowed, external where the cluster could not do it.
// One thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/cluster.h"
#include "wire/frame.h"

namespace weir::kafka {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

struct PartitionInfo {
  std::int32_t index = 0;
  std::int32_t leader = -1;  // -1: none at present.
  std::vector<std::int32_t> replicas;
  std::vector<std::int32_t> in_sync;
};

struct TopicInfo {
  std::string name;
  bool is_internal = false;
  std::vector<PartitionInfo> partitions;  // In ascending order.
};

struct NewTopic {
  std::string name;
  std::int32_t partitions = -1;  // -1: the cluster's default, as for replicas.
  std::int16_t replicas = -1;
  std::map<std::string, std::string> settings;
};

struct Setting {
  std::string name;
  std::optional<std::string> value;  // None if it is secret.
  bool is_default = false;
  bool is_secret = false;
  bool is_read_only = false;
};

// Offsets asked for by time. Times are milliseconds since 1970.
inline constexpr std::int64_t kTimeLatest = -1;
inline constexpr std::int64_t kTimeEarliest = -2;
inline constexpr std::int64_t kTimeNewest = -3;  // Of the record with the largest time.

struct OffsetAt {
  std::int64_t offset = -1;     // -1: no record is as new as that.
  std::int64_t timestamp = -1;  // Of the record there; -1 for the ends.
};

enum class Isolation : std::int8_t { uncommitted = 0, committed = 1 };

struct GroupInfo {
  std::string id;
  std::string state;  // "Stable", "Empty", …; empty if the broker is too old to say.
  std::string type;   // "classic", "consumer", …; empty likewise.
  std::string protocol_type;
};

struct GroupMember {
  std::string id;
  std::string client_id;
  std::string host;
  std::optional<std::string> instance_id;
  std::vector<TopicPartition> assignment;
};

struct GroupDescription {
  std::string id;
  std::string state;
  std::string type;
  std::string assignor;
  std::vector<GroupMember> members;
};

class AdminClient {
 public:
  explicit AdminClient(ConnectionSettings settings) : cluster_(std::move(settings)) {}

  const ConnectionSettings& settings() const { return cluster_.settings(); }

  // All topics, by name.
  Result<std::vector<TopicInfo>> topics();
  // Those named, in that order. ErrorKind::user if one does not exist.
  Result<std::vector<TopicInfo>> topics(const std::vector<std::string>& names);
  // Waits until the topic can be written, and has the cluster make it where it makes topics by itself.
  Result<TopicInfo> topic_to_write(const std::string& name);

  Status create_topic(const NewTopic& topic, bool only_checks);
  Status delete_topic(const std::string& name);
  Status set_partition_count(const std::string& topic, std::int32_t count, bool only_checks);
  Result<std::vector<Setting>> settings_of(const std::string& topic);
  // A change without a value takes the cluster's default back.
  Status change_settings(const std::string& topic, const std::map<std::string, std::optional<std::string>>& changes,
                         bool only_checks);
  // Bytes of each partition at its leader. Partitions whose broker does not tell are absent.
  Result<std::map<TopicPartition, std::int64_t>> sizes(const std::vector<TopicInfo>& topics);

  // For each partition of `wanted` the first offset whose record is at least as new as the time.
  Result<std::map<TopicPartition, OffsetAt>> offsets(const std::map<TopicPartition, std::int64_t>& wanted,
                                                     Isolation isolation = Isolation::uncommitted);
  // The same time for all partitions of these topics.
  Result<std::map<TopicPartition, OffsetAt>> offsets(const std::vector<TopicInfo>& topics, std::int64_t time,
                                                     Isolation isolation = Isolation::uncommitted);
  // Whether kTimeNewest can be asked for.
  Result<bool> knows_newest();
  // The time of the first record at each offset or behind it; absent where there is none, or the offset is out of
  // range. Reads the records.
  Result<std::map<TopicPartition, std::int64_t>> times_at(std::map<TopicPartition, std::int64_t> offsets);

  Result<std::vector<GroupInfo>> groups();
  // ErrorKind::user if there is no such group.
  Result<GroupDescription> group(const std::string& id);
  // Only partitions that have one.
  Result<std::map<TopicPartition, std::int64_t>> committed(const std::string& group);
  // For groups without members.
  Status commit(const std::string& group, const std::map<TopicPartition, std::int64_t>& offsets);
  Status delete_group(const std::string& id);

 private:
  Result<std::vector<TopicInfo>> topics_of(const std::optional<std::vector<std::string>>& names, bool creates);
  Result<std::map<std::int32_t, std::vector<TopicPartition>>> by_leader(const std::vector<TopicPartition>& partitions);
  Result<std::vector<GroupInfo>> groups_of(std::int32_t broker);
  Result<GroupDescription> classic_group(const std::string& id);
  // Nothing if the group is of the classic kind.
  Result<std::optional<GroupDescription>> consumer_group(const std::string& id);

  Cluster cluster_;
};

}  // namespace weir::kafka
