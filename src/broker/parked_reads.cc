#include "broker/parked_reads.h"

#include <limits>

namespace weir::broker {

void ParkedReads::park(ConnectionId connection, std::vector<PartitionKey> watched, SteadyTime deadline,
                       Attempt attempt) {
  const RowId id = ++last_id_;
  for (const PartitionKey& key : watched) watchers_.emplace(key, id);
  deadlines_.emplace(deadline, id);
  rows_.emplace(id, ParkedRead{connection, std::move(watched), deadline, std::move(attempt)});
}

bool ParkedReads::is_watched(const PartitionKey& partition) const {
  const auto first = watchers_.lower_bound({partition, 0});
  return first != watchers_.end() && first->first == partition;
}

void ParkedReads::wake(const PartitionKey& partition) {
  std::vector<RowId> woken;
  for (auto entry = watchers_.lower_bound({partition, 0}); entry != watchers_.end() && entry->first == partition;
       ++entry) {
    woken.push_back(entry->second);
  }
  for (const RowId id : woken) {
    const auto row = rows_.find(id);
    if (row != rows_.end() && row->second.attempt(false)) erase(id);
  }
}

void ParkedReads::tick(Now now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.steady) {
    const RowId id = deadlines_.begin()->second;
    rows_.at(id).attempt(true);
    erase(id);
  }
}

std::optional<SteadyTime> ParkedReads::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void ParkedReads::connection_closed(ConnectionId connection) {
  std::vector<RowId> gone;
  for (const auto& [id, row] : rows_) {
    if (row.connection == connection) gone.push_back(id);
  }
  for (const RowId id : gone) erase(id);
}

void ParkedReads::erase(RowId id) {
  const auto row = rows_.find(id);
  for (const PartitionKey& key : row->second.watched) watchers_.erase({key, id});
  deadlines_.erase({row->second.deadline, id});
  rows_.erase(row);
}

}  // namespace weir::broker
