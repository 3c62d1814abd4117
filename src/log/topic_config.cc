#include "log/topic_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <variant>
#include <vector>

#include <fmt/ranges.h>

namespace weir::log {
namespace {

constexpr std::int64_t kLongMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kSegmentBytesMin = 14;  // Kafka's.

std::unexpected<Error> wrong(std::string_view name, std::string_view value, std::string_view allowed) {
  return fail(ErrorKind::user, "{}: '{}' is not allowed; it must be {}", name, value, allowed);
}

struct Number {
  std::int64_t TopicConfig::* field;
  std::int64_t min;
  std::int64_t max;
};
struct Fraction {
  double TopicConfig::* field;
};
// One of a few words; `set` says what a word means.
struct Choice {
  std::span<const std::string_view> words;
  void (*set)(TopicConfig& config, std::string_view word);
};
struct Policy {};  // cleanup.policy, a list.

using Rule = std::variant<Number, Fraction, Choice, Policy>;

struct Setting {
  SettingInfo info;
  Rule rule;
};

constexpr std::array<std::string_view, 6> kCodecs{"gzip", "lz4", "producer", "snappy", "uncompressed", "zstd"};
constexpr std::array<std::string_view, 2> kTimeTypes{"CreateTime", "LogAppendTime"};
constexpr std::array<std::string_view, 2> kDurabilities{"flushed", "relaxed"};

// Sorted by name.
const std::array<Setting, 19> kSettings{{
    {{"cleanup.policy", "list", "delete",
      "What happens to old records: 'delete' removes segments by retention.ms and retention.bytes, 'compact' keeps the "
      "last record of every key; 'compact,delete' does both."},
     Policy{}},
    {{"compression.type", "string", "producer",
      "How record batches are kept: 'producer' keeps them as they came; a codec's name or 'uncompressed' has others "
      "converted when they are appended."},
     Choice{kCodecs, [](TopicConfig& config, std::string_view word) { config.compression_type = word; }}},
    {{"delete.retention.ms", "long", "86400000",
      "How long a compacted topic keeps the mark that a key was deleted, counted from the cleaning that met it first."},
     Number{&TopicConfig::delete_retention_ms, 0, kLongMax}},
    {{"file.delete.delay.ms", "long", "60000",
      "Taken for Kafka's sake. Files go at once here; readers that have them open are not disturbed."},
     Number{&TopicConfig::file_delete_delay_ms, 0, kLongMax}},
    {{"index.interval.bytes", "int", "4096", "How many bytes of records lie between two entries of the index."},
     Number{&TopicConfig::index_interval_bytes, 0, kIntMax}},
    {{"max.compaction.lag.ms", "long", "9223372036854775807",
      "After this time a record of a compacted topic is cleaned even if few others are to be."},
     Number{&TopicConfig::max_compaction_lag_ms, 1, kLongMax}},
    {{"max.message.bytes", "int", "1048588", "The largest record batch that is taken, as it was compressed."},
     Number{&TopicConfig::max_message_bytes, 0, kIntMax}},
    {{"message.timestamp.after.max.ms", "long", "9223372036854775807",
      "How far a record's time may lie in the future."},
     Number{&TopicConfig::timestamp_after_max_ms, 0, kLongMax}},
    {{"message.timestamp.before.max.ms", "long", "9223372036854775807", "How far a record's time may lie in the past."},
     Number{&TopicConfig::timestamp_before_max_ms, 0, kLongMax}},
    {{"message.timestamp.type", "string", "CreateTime",
      "Whose clock a record's time is: the producer's (CreateTime) or that of the log (LogAppendTime)."},
     Choice{kTimeTypes,
            [](TopicConfig& config, std::string_view word) { config.has_log_append_time = word == "LogAppendTime"; }}},
    {{"min.cleanable.dirty.ratio", "double", "0.5",
      "The share of a compacted partition's bytes that must be new before it is cleaned again."},
     Fraction{&TopicConfig::min_cleanable_dirty_ratio}},
    {{"min.compaction.lag.ms", "long", "0", "For how long a record of a compacted topic is surely kept."},
     Number{&TopicConfig::min_compaction_lag_ms, 0, kLongMax}},
    {{"min.insync.replicas", "int", "1", "Taken for Kafka's sake. There is one replica."},
     Number{&TopicConfig::min_insync_replicas, 1, kIntMax}},
    {{"retention.bytes", "long", "-1", "A partition larger than this loses its oldest segments; -1 is without limit."},
     Number{&TopicConfig::retention_bytes, -1, kLongMax}},
    {{"retention.ms", "long", "604800000", "Segments whose newest record is older than this go; -1 is without limit."},
     Number{&TopicConfig::retention_ms, -1, kLongMax}},
    {{"segment.bytes", "int", "1073741824", "A segment's size. Records go, and are compacted, by whole segments."},
     Number{&TopicConfig::segment_bytes, kSegmentBytesMin, kIntMax}},
    {{"segment.jitter.ms", "long", "0", "By how much segment.ms is shortened at most, differently for each segment."},
     Number{&TopicConfig::segment_jitter_ms, 0, kLongMax}},
    {{"segment.ms", "long", "604800000", "After this time a new segment is begun even if the last is not full."},
     Number{&TopicConfig::segment_ms, 1, kLongMax}},
    {{"weir.durability", "string", "flushed",
      "'flushed' answers acks=all, and shows records to readers, once the disk has them. 'relaxed' does both before: "
      "a power cut may then lose records that were acknowledged and read."},
     Choice{kDurabilities, [](TopicConfig& config, std::string_view word) { config.is_relaxed = word == "relaxed"; }}},
}};

Status set(TopicConfig& config, const SettingInfo& info, const Number& rule, const std::string& value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = error == std::errc() && end == value.data() + value.size();
  if (!is_number || number < rule.min || number > rule.max) {
    return wrong(info.name, value, fmt::format("a whole number from {} to {}", rule.min, rule.max));
  }
  config.*rule.field = number;
  return {};
}

Status set(TopicConfig& config, const SettingInfo& info, const Fraction& rule, const std::string& value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = error == std::errc() && end == value.data() + value.size();
  if (!is_number || !(number >= 0 && number <= 1)) return wrong(info.name, value, "a number from 0 to 1");
  config.*rule.field = number;
  return {};
}

Status set(TopicConfig& config, const SettingInfo& info, const Choice& rule, const std::string& value) {
  if (std::ranges::find(rule.words, std::string_view(value)) == rule.words.end()) {
    return wrong(info.name, value, fmt::format("one of {}", fmt::join(rule.words, ", ")));
  }
  rule.set(config, value);
  return {};
}

Status set(TopicConfig& config, const SettingInfo& info, const Policy&, const std::string& value) {
  config.is_compacted = false;
  config.is_deleted = false;
  std::string_view rest = value;
  while (true) {
    const std::size_t comma = rest.find(',');
    std::string_view word = rest.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word == "compact") {
      config.is_compacted = true;
    } else if (word == "delete") {
      config.is_deleted = true;
    } else {
      return wrong(info.name, value, "compact, delete or compact,delete");
    }
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

std::span<const SettingInfo> topic_settings() {
  static const auto kInfos = [] {
    std::array<SettingInfo, kSettings.size()> infos;
    std::ranges::transform(kSettings, infos.begin(), &Setting::info);
    return infos;
  }();
  return kInfos;
}

Result<TopicConfig> parse_topic_config(const std::map<std::string, std::string>& values) {
  TopicConfig config;
  for (const auto& [name, value] : values) {
    const auto setting = std::ranges::lower_bound(kSettings, name, {}, [](const Setting& s) { return s.info.name; });
    if (setting == kSettings.end() || setting->info.name != name) {
      std::vector<std::string_view> names;
      for (const SettingInfo& info : topic_settings()) names.push_back(info.name);
      return fail(ErrorKind::user, "unknown topic setting '{}'; there are {}", name, fmt::join(names, ", "));
    }
    TRY(std::visit([&](const auto& rule) { return set(config, setting->info, rule, value); }, setting->rule));
  }
  if (config.min_compaction_lag_ms > config.max_compaction_lag_ms) {
    return fail(ErrorKind::user, "min.compaction.lag.ms ({}) must not exceed max.compaction.lag.ms ({})",
                config.min_compaction_lag_ms, config.max_compaction_lag_ms);
  }
  return config;
}

}  // namespace weir::log
