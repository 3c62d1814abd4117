#pragma once

// Partitions as groups deal with them, and the lists by topic in which messages carry them.

#include <set>
#include <utility>
#include <vector>

#include "broker/flush_queue.h"

namespace weir::broker {

using PartitionSet = std::set<PartitionKey>;

// `TopicPartitions` is any of the messages' structures with a topic_id and partitions.
template <typename TopicPartitions>
std::vector<TopicPartitions> by_topic(const PartitionSet& partitions) {
  std::vector<TopicPartitions> topics;
  for (const PartitionKey& key : partitions) {
    if (topics.empty() || topics.back().topic_id != key.topic) {
      topics.emplace_back();
      topics.back().topic_id = key.topic;
    }
    topics.back().partitions.push_back(key.partition);
  }
  return topics;
}

template <typename TopicPartitions>
PartitionSet partition_set(const std::vector<TopicPartitions>& topics) {
  PartitionSet partitions;
  for (const auto& topic : topics) {
    for (const std::int32_t partition : topic.partitions) partitions.insert({topic.topic_id, partition});
  }
  return partitions;
}

}  // namespace weir::broker
