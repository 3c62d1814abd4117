#pragma once

// Fetches that wait for records: rows with a deadline, found by the partitions they watch. Belongs to the broker's
// thread.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "broker/flush_queue.h"
#include "broker/now.h"
#include "broker/session.h"

namespace weir::broker {

class ParkedReads {
 public:
  // Tries again: true if it has answered. With `is_last`, it must.
  using Attempt = std::move_only_function<bool(bool is_last)>;

  void park(ConnectionId connection, std::vector<PartitionKey> watched, SteadyTime deadline, Attempt attempt);
  bool is_watched(const PartitionKey& partition) const;

  // The partition has more to read, or something else became of it.
  void wake(const PartitionKey& partition);
  void tick(Now now);
  std::optional<SteadyTime> next_deadline() const;
  void connection_closed(ConnectionId connection);
  std::size_t size() const { return rows_.size(); }

 private:
  using RowId = std::uint64_t;
  struct ParkedRead {
    ConnectionId connection = 0;
    std::vector<PartitionKey> watched;
    SteadyTime deadline;
    Attempt attempt;
  };

  void erase(RowId id);

  RowId last_id_ = 0;
  std::map<RowId, ParkedRead> rows_;
  std::set<std::pair<PartitionKey, RowId>> watchers_;
  std::set<std::pair<SteadyTime, RowId>> deadlines_;
};

}  // namespace weir::broker
