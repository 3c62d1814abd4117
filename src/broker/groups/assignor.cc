#include "broker/groups/assignor.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace weir::broker {

namespace {

// Subscribers of the same topics are one class: the least loaded of a class stands for all of it.
class Balancer {
 public:
  Balancer(const std::vector<Subscriber>& subscribers, const PartitionCounts& counts)
      : subscribers_(subscribers), counts_(counts), assigned_(subscribers.size()), class_of_(subscribers.size()) {
    std::map<std::set<log::TopicId>, std::size_t> classes;
    for (std::size_t i = 0; i < subscribers.size(); ++i) {
      const auto [known, is_new] = classes.try_emplace(subscribers[i].topics, classes.size());
      if (is_new) {
        by_load_.emplace_back();
        for (const log::TopicId& topic : subscribers[i].topics) classes_of_[topic].push_back(known->second);
      }
      class_of_[i] = known->second;
      by_load_[known->second].insert({0, i});
    }
  }

  void keep_current() {
    for (std::size_t i = 0; i < subscribers_.size(); ++i) {
      for (const PartitionKey& key : subscribers_[i].current) {
        const auto count = counts_.find(key.topic);
        if (count == counts_.end() || key.partition >= count->second || !subscribers_[i].topics.contains(key.topic)) {
          continue;
        }
        if (taken_.insert(key).second) give(key, i);
      }
    }
  }

  void hand_out_the_rest() {
    // First what few can read: the others can still choose afterwards.
    std::vector<log::TopicId> topics;
    for (const auto& [topic, classes] : classes_of_) topics.push_back(topic);
    std::ranges::stable_sort(topics, {}, [&](const log::TopicId& topic) { return subscriber_count(topic); });
    for (const log::TopicId& topic : topics) {
      for (std::int32_t partition = 0; partition < counts_.at(topic); ++partition) {
        const PartitionKey key{topic, partition};
        if (!taken_.contains(key)) give(key, least_loaded(topic));
      }
    }
  }

  // Each move makes the sum of the squares of the loads smaller, so this comes to an end.
  void even_out() {
    std::vector<std::size_t> order(subscribers_.size());
    std::iota(order.begin(), order.end(), 0);
    for (bool has_moved = true; has_moved;) {
      has_moved = false;
      std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return assigned_[i].size(); });
      for (const std::size_t i : order) has_moved |= relieve(i);
    }
  }

  std::vector<PartitionSet> take() { return std::move(assigned_); }

 private:
  std::size_t subscriber_count(const log::TopicId& topic) const {
    std::size_t count = 0;
    for (const std::size_t c : classes_of_.at(topic)) count += by_load_[c].size();
    return count;
  }

  std::size_t least_loaded(const log::TopicId& topic) const {
    std::pair<std::size_t, std::size_t> least = *by_load_[classes_of_.at(topic).front()].begin();
    for (const std::size_t c : classes_of_.at(topic)) least = std::min(least, *by_load_[c].begin());
    return least.second;
  }

  // Gives partitions of the `i`th to others as long as one has at least two fewer.
  bool relieve(std::size_t i) {
    bool has_moved = false;
    const std::vector<PartitionKey> candidates(assigned_[i].rbegin(), assigned_[i].rend());
    for (const PartitionKey& key : candidates) {
      const std::size_t other = least_loaded(key.topic);
      if (assigned_[i].size() <= assigned_[other].size() + 1) continue;
      change(i, [&] { assigned_[i].erase(key); });
      give(key, other);
      has_moved = true;
    }
    return has_moved;
  }

  void give(const PartitionKey& key, std::size_t i) {
    change(i, [&] { assigned_[i].insert(key); });
  }

  template <typename Change>
  void change(std::size_t i, Change change) {
    auto& loads = by_load_[class_of_[i]];
    CHECK_EQ(loads.erase({assigned_[i].size(), i}), 1U);
    change();
    loads.insert({assigned_[i].size(), i});
  }

  const std::vector<Subscriber>& subscribers_;
  const PartitionCounts& counts_;
  std::vector<PartitionSet> assigned_;
  PartitionSet taken_;
  std::vector<std::size_t> class_of_;
  std::vector<std::set<std::pair<std::size_t, std::size_t>>> by_load_;  // Per class: load and subscriber.
  std::map<log::TopicId, std::vector<std::size_t>> classes_of_;
};

}  // namespace

std::vector<PartitionSet> assign_uniform(const std::vector<Subscriber>& subscribers, const PartitionCounts& counts) {
  Balancer balancer(subscribers, counts);
  balancer.keep_current();
  balancer.hand_out_the_rest();
  balancer.even_out();
  return balancer.take();
}

std::vector<PartitionSet> assign_range(const std::vector<Subscriber>& subscribers, const PartitionCounts& counts) {
  std::vector<std::size_t> order(subscribers.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) -> const std::string& { return subscribers[i].name; });
  std::map<log::TopicId, std::vector<std::size_t>> readers;
  for (const std::size_t i : order) {
    for (const log::TopicId& topic : subscribers[i].topics) readers[topic].push_back(i);
  }
  std::vector<PartitionSet> assigned(subscribers.size());
  for (const auto& [topic, in_order] : readers) {
    const std::int32_t count = counts.at(topic);
    const auto reader_count = static_cast<std::int32_t>(in_order.size());
    std::int32_t next = 0;
    for (std::int32_t place = 0; place < reader_count; ++place) {
      const std::int32_t end = next + count / reader_count + (place < count % reader_count ? 1 : 0);
      PartitionSet& own = assigned[in_order[static_cast<std::size_t>(place)]];
      for (; next < end; ++next) own.insert({topic, next});
    }
  }
  return assigned;
}

Assignor find_assignor(std::string_view name) {
  if (name == "uniform") return assign_uniform;
  if (name == "range") return assign_range;
  return nullptr;
}

}  // namespace weir::broker
