#pragma once

// A topic's settings, by Kafka's names (its documentation, "Topic Configs").

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::log {

// Settings as they hold for one topic, defaults filled in. Times are milliseconds, sizes bytes; -1 means without limit.
struct TopicConfig {
  bool is_compacted = false;  // cleanup.policy
  bool is_deleted = true;
  std::int64_t retention_ms = 604'800'000;
  std::int64_t retention_bytes = -1;
  std::int64_t segment_bytes = 1'073'741'824;
  std::int64_t segment_ms = 604'800'000;
  std::int64_t segment_jitter_ms = 0;
  std::int64_t index_interval_bytes = 4096;
  std::int64_t delete_retention_ms = 86'400'000;
  double min_cleanable_dirty_ratio = 0.5;
  std::int64_t min_compaction_lag_ms = 0;
  std::int64_t max_compaction_lag_ms = 9'223'372'036'854'775'807;
  std::int64_t file_delete_delay_ms = 60'000;
  std::int64_t max_message_bytes = 1'048'588;
  bool has_log_append_time = false;  // message.timestamp.type
  std::int64_t timestamp_before_max_ms = 9'223'372'036'854'775'807;
  std::int64_t timestamp_after_max_ms = 9'223'372'036'854'775'807;
  std::string compression_type = "producer";
  std::int64_t min_insync_replicas = 1;  // Without effect: there is one replica.
  // weir's own: `relaxed` answers acks=all, and serves readers, before the disk has the bytes (weir.durability).
  bool is_relaxed = false;
};

struct SettingInfo {
  std::string_view name;
  std::string_view type;  // "long", "int", "string", "list", "boolean", "double"
  std::string_view default_value;
  std::string_view documentation;
};

// All settings that a topic can have, sorted by name.
std::span<const SettingInfo> topic_settings();

// What a user set, by name. ErrorKind::user names the key, what is wrong and what is allowed.
Result<TopicConfig> parse_topic_config(const std::map<std::string, std::string>& values);

}  // namespace weir::log
