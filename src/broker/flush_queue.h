#pragma once

// What was written and is not yet on the device, and what waits until it is. A flush covers everything written before
// it began, in all partitions: one group commit. Flushes never overlap. Belongs to the broker's thread; the plans that
// take() gives are carried out by any.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/now.h"
#include "log/log.h"

namespace weir::broker {

struct PartitionKey {
  log::TopicId topic{};
  std::int32_t partition = 0;
  friend auto operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

// Partitions whose flush failed; what waited for them is not safe.
using FailedPartitions = std::set<PartitionKey>;

struct Flush {
  struct Part {
    PartitionKey partition;
    log::FlushPlan plan;
  };
  std::uint64_t number = 0;
  std::vector<Part> parts;
};

// Carries the plans out: a status for each part. Any thread.
std::vector<Status> sync_parts(const Flush& flush);

class FlushQueue {
 public:
  using Continuation = std::move_only_function<void(const FailedPartitions&)>;

  // What nobody waits for is flushed after `interval`.
  FlushQueue(log::Log& log, std::chrono::milliseconds interval) : log_(log), interval_(interval) {}

  void wrote(const PartitionKey& partition, Now now);
  // `next` is called when a flush that begins from now on has ended.
  void after(Continuation next);
  // Somebody waits for what was written.
  void hurry() { is_wanted_ = true; }

  // What must be synced now; nullopt if nothing, or while one that was taken has not ended.
  std::optional<Flush> take(Now now);
  // Moves the high watermarks and calls what waited; that may write again. Answers which partitions were failing.
  FailedPartitions ended(const Flush& flush, const std::vector<Status>& results);
  // When take() gives something at the latest.
  std::optional<SteadyTime> due() const;

 private:
  log::Log& log_;
  const std::chrono::milliseconds interval_;
  std::set<PartitionKey> dirty_;
  std::optional<SteadyTime> due_;
  bool is_wanted_ = false;
  bool is_running_ = false;
  std::uint64_t begun_ = 0;
  std::deque<std::pair<std::uint64_t, Continuation>> waiting_;
};

}  // namespace weir::broker
