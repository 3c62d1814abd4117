#include "broker/flush_queue.h"

#include "base/check.h"

namespace weir::broker {

std::vector<Status> sync_parts(const Flush& flush) {
  std::vector<Status> results;
  results.reserve(flush.parts.size());
  for (const Flush::Part& part : flush.parts) results.push_back(log::sync_files(part.plan));
  return results;
}

void FlushQueue::wrote(const PartitionKey& partition, Now now) {
  dirty_.insert(partition);
  if (!due_) due_ = now.steady + interval_;
}

void FlushQueue::after(Continuation next) {
  waiting_.emplace_back(begun_ + 1, std::move(next));
  is_wanted_ = true;
}

std::optional<SteadyTime> FlushQueue::due() const {
  if (is_running_) return std::nullopt;
  if (is_wanted_) return SteadyTime{};
  return due_;
}

std::optional<Flush> FlushQueue::take(Now now) {
  const auto time = due();
  if (!time || *time > now.steady) return std::nullopt;
  Flush flush;
  flush.number = ++begun_;
  for (const PartitionKey& key : dirty_) {
    log::Topic* topic = log_.find(key.topic);
    if (topic == nullptr) continue;  // Deleted since.
    if (auto plan = topic->partitions.at(static_cast<std::size_t>(key.partition))->take_flush()) {
      flush.parts.push_back({key, std::move(*plan)});
    }
  }
  dirty_.clear();
  due_.reset();
  is_wanted_ = false;
  is_running_ = true;
  return flush;
}

FailedPartitions FlushQueue::ended(const Flush& flush, const std::vector<Status>& results) {
  CHECK_EQ(flush.parts.size(), results.size());
  FailedPartitions failed;
  for (std::size_t i = 0; i < flush.parts.size(); ++i) {
    const PartitionKey& key = flush.parts[i].partition;
    if (!results[i]) failed.insert(key);
    if (log::Topic* topic = log_.find(key.topic)) {
      topic->partitions.at(static_cast<std::size_t>(key.partition))->flushed(flush.parts[i].plan, results[i]);
    }
  }
  is_running_ = false;
  while (!waiting_.empty() && waiting_.front().first <= flush.number) {
    Continuation next = std::move(waiting_.front().second);
    waiting_.pop_front();
    next(failed);
  }
  return failed;
}

}  // namespace weir::broker
