#pragma once

// What `weir topic describe` tells of a topic: partitions with their offsets and sizes, and the settings.

#include <optional>
#include <string>
#include <vector>

#include "app/scan/alert_writer.h"
#include "kafka/admin_client.h"

namespace weir::app {

struct PartitionReport {
  kafka::PartitionInfo info;
  std::optional<std::int64_t> start;  // Nothing where the partition has no leader.
  std::optional<std::int64_t> end;
  std::optional<std::int64_t> bytes;  // Nothing where the broker does not tell.
};

struct TopicReport {
  std::string name;
  bool is_internal = false;
  std::vector<PartitionReport> partitions;
  std::vector<kafka::Setting> settings;
};

// No names: all topics but internal ones.
Result<std::vector<TopicReport>> report_topics(kafka::AdminClient& client, const std::vector<std::string>& names);

// JSON: one line for each topic; CSV: one for each partition. Settings at their defaults are left out of the table and,
// too, of JSON, unless `all_settings`.
std::string topic_reports_text(const std::vector<TopicReport>& reports, OutputFormat format, const Terminal& terminal,
                               bool all_settings);

}  // namespace weir::app
