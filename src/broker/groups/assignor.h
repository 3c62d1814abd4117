#pragma once

// Who reads which partitions of a group (KIP-848, server-side assignors): pure functions from subscriptions to
// assignments.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/groups/partition_set.h"

namespace weir::broker {

// One that wants partitions.
struct Subscriber {
  std::string name;               // Its instance id or member id: the order in which `range` deals.
  std::set<log::TopicId> topics;  // All are in the counts that go with it.
  PartitionSet current;           // What it had; nobody else has it too.
};

using PartitionCounts = std::map<log::TopicId, std::int32_t>;

// The assignments, in the order of the subscribers. Every partition of a topic goes to one of the topic's subscribers.
using Assignor = std::vector<PartitionSet> (*)(const std::vector<Subscriber>& subscribers,
                                               const PartitionCounts& counts);

// Balanced and sticky: no partition could go to a subscriber that has at least two fewer than its owner, and only those
// move that must for this. So subscribers of the same topics differ by at most one, and what is assigned stays as it is
// if nothing has changed.
std::vector<PartitionSet> assign_uniform(const std::vector<Subscriber>& subscribers, const PartitionCounts& counts);

// Each topic's partitions in runs, by the subscribers' names; the first ones get one more if it does not come out even.
// Topics with equal counts and subscribers are cut alike. Pays no regard to what was.
std::vector<PartitionSet> assign_range(const std::vector<Subscriber>& subscribers, const PartitionCounts& counts);

inline constexpr std::string_view kAssignorDefault = "uniform";

// Null if there is none of that name.
Assignor find_assignor(std::string_view name);

}  // namespace weir::broker
