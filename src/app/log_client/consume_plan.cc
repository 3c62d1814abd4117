#include "app/log_client/consume_plan.h"

#include <algorithm>

namespace weir::app {

namespace {

using Offsets = std::map<kafka::TopicPartition, kafka::OffsetAt>;

Result<std::vector<kafka::TopicPartition>> wanted_partitions(const std::vector<kafka::TopicInfo>& topics,
                                                             const std::vector<std::int32_t>& chosen) {
  std::vector<kafka::TopicPartition> wanted;
  for (const kafka::TopicInfo& topic : topics) {
    for (const std::int32_t index : chosen) {
      if (std::ranges::find(topic.partitions, index, &kafka::PartitionInfo::index) == topic.partitions.end()) {
        return fail(ErrorKind::user, "topic '{}' has no partition {}: it has {}", topic.name, index,
                    topic.partitions.size());
      }
      wanted.push_back({topic.name, index});
    }
    if (!chosen.empty()) continue;
    for (const kafka::PartitionInfo& partition : topic.partitions) wanted.push_back({topic.name, partition.index});
  }
  return wanted;
}

std::map<kafka::TopicPartition, std::int64_t> all_at(const std::vector<kafka::TopicPartition>& partitions,
                                                     std::int64_t time) {
  std::map<kafka::TopicPartition, std::int64_t> wanted;
  for (const kafka::TopicPartition& partition : partitions) wanted[partition] = time;
  return wanted;
}

}  // namespace

Result<std::map<kafka::TopicPartition, Extent>> plan_consume(kafka::AdminClient& client,
                                                             const std::vector<std::string>& topics,
                                                             const ConsumeRange& range) {
  TRY(const auto infos, client.topics(topics));
  TRY(const auto wanted, wanted_partitions(infos, range.partitions));
  TRY(const Offsets firsts, client.offsets(all_at(wanted, kafka::kTimeEarliest), range.isolation));
  TRY(const Offsets ends, client.offsets(all_at(wanted, kafka::kTimeLatest), range.isolation));
  Offsets since;
  Offsets until;
  if (range.since) {
    TRY(since, client.offsets(all_at(wanted, *range.since), range.isolation));
  }
  if (range.until) {
    TRY(until, client.offsets(all_at(wanted, *range.until), range.isolation));
  }
  std::map<kafka::TopicPartition, Extent> extents;
  for (const kafka::TopicPartition& partition : wanted) {
    const std::int64_t first = firsts.at(partition).offset;
    Extent extent{first, ends.at(partition).offset};
    if (range.offset) {
      extent.start = *range.offset < 0 ? extent.end + *range.offset : *range.offset;
    } else if (range.since) {
      const std::int64_t found = since.at(partition).offset;
      extent.start = found < 0 ? extent.end : found;
    } else if (range.follow && !range.from_beginning) {
      extent.start = extent.end;
    }
    extent.start = std::clamp(extent.start, first, std::max(first, extent.end));
    if (range.until && until.at(partition).offset >= 0) extent.end = std::min(extent.end, until.at(partition).offset);
    extents[partition] = extent;
  }
  return extents;
}

}  // namespace weir::app
