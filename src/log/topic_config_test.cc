#include "log/topic_config.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace weir::log {
namespace {

std::string error_of(const std::map<std::string, std::string>& values) {
  const auto config = parse_topic_config(values);
  return config ? "" : config.error().message;
}

TEST(TopicConfig, SettingsAreSortedAndTheirDefaultsAreTheConfigs) {
  EXPECT_TRUE(std::ranges::is_sorted(topic_settings(), {}, &SettingInfo::name));
  std::map<std::string, std::string> defaults;
  for (const SettingInfo& info : topic_settings()) {
    defaults[std::string(info.name)] = info.default_value;
    EXPECT_FALSE(info.documentation.empty());
  }
  const TopicConfig config = parse_topic_config(defaults).value();
  const TopicConfig plain;
  EXPECT_EQ(config.retention_ms, plain.retention_ms);
  EXPECT_EQ(config.segment_bytes, plain.segment_bytes);
  EXPECT_EQ(config.max_message_bytes, plain.max_message_bytes);
  EXPECT_EQ(config.delete_retention_ms, plain.delete_retention_ms);
  EXPECT_EQ(config.max_compaction_lag_ms, plain.max_compaction_lag_ms);
  EXPECT_EQ(config.timestamp_before_max_ms, plain.timestamp_before_max_ms);
  EXPECT_EQ(config.is_compacted, plain.is_compacted);
  EXPECT_EQ(config.is_relaxed, plain.is_relaxed);
}

TEST(TopicConfig, ValuesAreRead) {
  const TopicConfig config = parse_topic_config({{"cleanup.policy", "compact, delete"},
                                                 {"retention.ms", "-1"},
                                                 {"min.cleanable.dirty.ratio", "0.25"},
                                                 {"message.timestamp.type", "LogAppendTime"},
                                                 {"compression.type", "zstd"},
                                                 {"weir.durability", "relaxed"}})
                                 .value();
  EXPECT_TRUE(config.is_compacted);
  EXPECT_TRUE(config.is_deleted);
  EXPECT_EQ(config.retention_ms, -1);
  EXPECT_EQ(config.min_cleanable_dirty_ratio, 0.25);
  EXPECT_TRUE(config.has_log_append_time);
  EXPECT_EQ(config.compression_type, "zstd");
  EXPECT_TRUE(config.is_relaxed);
}

TEST(TopicConfig, ErrorsNameTheKeyAndWhatIsAllowed) {
  EXPECT_TRUE(error_of({{"retention.m", "1"}}).starts_with("unknown topic setting 'retention.m'; there are cleanup."));
  EXPECT_EQ(error_of({{"segment.bytes", "13"}}),
            "segment.bytes: '13' is not allowed; it must be a whole number from 14 to 2147483647");
  EXPECT_EQ(error_of({{"retention.ms", "1h"}}),
            "retention.ms: '1h' is not allowed; it must be a whole number from -1 to 9223372036854775807");
  EXPECT_EQ(error_of({{"cleanup.policy", "shred"}}),
            "cleanup.policy: 'shred' is not allowed; it must be compact, delete or compact,delete");
  EXPECT_EQ(error_of({{"min.cleanable.dirty.ratio", "nan"}}),
            "min.cleanable.dirty.ratio: 'nan' is not allowed; it must be a number from 0 to 1");
  EXPECT_EQ(
      error_of({{"compression.type", "rar"}}),
      "compression.type: 'rar' is not allowed; it must be one of gzip, lz4, producer, snappy, uncompressed, zstd");
  EXPECT_EQ(error_of({{"min.compaction.lag.ms", "2"}, {"max.compaction.lag.ms", "1"}}),
            "min.compaction.lag.ms (2) must not exceed max.compaction.lag.ms (1)");
}

}  // namespace
}  // namespace weir::log
