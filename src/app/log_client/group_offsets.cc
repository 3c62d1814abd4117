#include "app/log_client/group_offsets.h"

#include <algorithm>
#include <set>

namespace weir::app {

namespace {

using kafka::TopicPartition;
using Offsets = std::map<TopicPartition, kafka::OffsetAt>;

double seconds_between(std::int64_t from, std::int64_t to) {
  return std::max(0.0, static_cast<double>(to - from) / 1000);
}

// Those of `positions` whose topic is still there, and has a leader.
Result<std::vector<TopicPartition>> reachable(kafka::AdminClient& client, const std::vector<GroupPosition>& positions) {
  TRY(const auto topics, client.topics());
  std::set<TopicPartition> led;
  for (const kafka::TopicInfo& topic : topics) {
    for (const kafka::PartitionInfo& partition : topic.partitions) {
      if (partition.leader >= 0) led.insert({topic.name, partition.index});
    }
  }
  std::set<TopicPartition> found;
  for (const GroupPosition& position : positions) {
    if (led.contains(position.where)) found.insert(position.where);
  }
  return std::vector<TopicPartition>(found.begin(), found.end());
}

Result<Offsets> offsets_at(kafka::AdminClient& client, const std::vector<TopicPartition>& partitions,
                           std::int64_t time) {
  std::map<TopicPartition, std::int64_t> wanted;
  for (const TopicPartition& where : partitions) wanted[where] = time;
  return client.offsets(wanted);
}

// Groups may stand at different offsets of one partition: each round reads one offset of each.
Status add_times(kafka::AdminClient& client, std::vector<GroupPosition>& positions,
                 const std::vector<TopicPartition>& partitions, std::int64_t now) {
  Offsets newest;
  TRY(const bool knows_newest, client.knows_newest());
  if (knows_newest) {
    TRY(newest, offsets_at(client, partitions, kafka::kTimeNewest));
  }
  std::vector<GroupPosition*> pending;
  for (GroupPosition& position : positions) {
    if (position.lag() == 0) {
      position.lag_seconds = 0;
      position.backlog_seconds = 0;
    } else if (position.lag() > 0) {
      pending.push_back(&position);
    }
  }
  while (!pending.empty()) {
    std::map<TopicPartition, std::int64_t> round;
    const auto offset_of = [](const GroupPosition& position) { return std::max(position.committed, *position.start); };
    for (const GroupPosition* position : pending) round.emplace(position->where, offset_of(*position));
    TRY(const auto times, client.times_at(round));
    std::erase_if(pending, [&](GroupPosition* position) {
      if (round.at(position->where) != offset_of(*position)) return false;
      const auto time = times.find(position->where);
      if (time == times.end() || time->second < 0) return true;
      position->lag_seconds = seconds_between(time->second, now);
      const auto latest = newest.find(position->where);
      if (latest != newest.end() && latest->second.timestamp >= 0) {
        position->backlog_seconds = seconds_between(time->second, latest->second.timestamp);
      }
      return true;
    });
  }
  return {};
}

}  // namespace

std::optional<std::int64_t> GroupPosition::lag() const {
  if (!end) return std::nullopt;
  return std::max<std::int64_t>(0, *end - committed);
}

std::optional<std::int64_t> GroupPosition::lost() const {
  if (!start) return std::nullopt;
  return std::max<std::int64_t>(0, *start - committed);
}

Result<std::vector<GroupPosition>> group_positions(kafka::AdminClient& client, const std::vector<std::string>& groups,
                                                   const std::string& topic, bool with_times, std::int64_t now) {
  std::vector<GroupPosition> positions;
  for (const std::string& group : groups) {
    TRY(const auto committed, client.committed(group));
    for (const auto& [where, offset] : committed) {
      if (!topic.empty() && where.topic != topic) continue;
      positions.push_back({group, where, offset, {}, {}, {}, {}});
    }
  }
  if (positions.empty()) return positions;
  TRY(const auto partitions, reachable(client, positions));
  TRY(const Offsets starts, offsets_at(client, partitions, kafka::kTimeEarliest));
  TRY(const Offsets ends, offsets_at(client, partitions, kafka::kTimeLatest));
  for (GroupPosition& position : positions) {
    if (!starts.contains(position.where) || !ends.contains(position.where)) continue;
    position.start = starts.at(position.where).offset;
    position.end = ends.at(position.where).offset;
  }
  if (with_times) TRY(add_times(client, positions, partitions, now));
  return positions;
}

Result<std::vector<OffsetMove>> plan_reset(kafka::AdminClient& client, const std::string& group,
                                           const std::vector<TopicPartition>& partitions, const Reset& reset) {
  TRY(const auto committed, client.committed(group));
  TRY(const Offsets starts, offsets_at(client, partitions, kafka::kTimeEarliest));
  TRY(const Offsets ends, offsets_at(client, partitions, kafka::kTimeLatest));
  Offsets at_time;
  if (reset.to == ResetTo::time) {
    TRY(at_time, offsets_at(client, partitions, reset.number));
  }
  std::vector<OffsetMove> moves;
  for (const TopicPartition& where : partitions) {
    OffsetMove move{where, {}, 0};
    if (committed.contains(where)) move.from = committed.at(where);
    const std::int64_t start = starts.at(where).offset;
    const std::int64_t end = ends.at(where).offset;
    switch (reset.to) {
      case ResetTo::earliest: move.to = start; break;
      case ResetTo::latest: move.to = end; break;
      case ResetTo::offset: move.to = reset.number; break;
      case ResetTo::time: move.to = at_time.at(where).offset < 0 ? end : at_time.at(where).offset; break;
      case ResetTo::by:
        if (!move.from) {
          return fail(ErrorKind::user, "group '{}' has no offset in {}/{} to move from; use --to-earliest or the like",
                      group, where.topic, where.partition);
        }
        // The sum of two numbers that a person or a broker wrote must not overflow.
        move.to = std::clamp(reset.number, start - *move.from, end - *move.from) + *move.from;
        break;
    }
    move.to = std::clamp(move.to, start, end);
    moves.push_back(std::move(move));
  }
  return moves;
}

}  // namespace weir::app
