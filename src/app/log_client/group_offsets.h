#pragma once

// Where groups stand in their partitions: for `weir group describe` and `weir lag`; and where a reset moves them.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/admin_client.h"

namespace weir::app {

struct GroupPosition {
  std::string group;
  kafka::TopicPartition where;
  std::int64_t committed = 0;
  std::optional<std::int64_t> start;  // Of the partition; nothing, as for the others, if the topic is gone.
  std::optional<std::int64_t> end;
  // Seconds between the time of the first record that the group has not read and now: how long it has waited. 0 if
  // there is none; nothing if its time is not known.
  std::optional<double> lag_seconds;
  // Seconds between that record and the newest one of the partition: the time that the backlog spans.
  std::optional<double> backlog_seconds;

  // Records, and whatever else takes offsets.
  std::optional<std::int64_t> lag() const;
  // Offsets that retention has removed before the group read them.
  std::optional<std::int64_t> lost() const;
};

// Of all partitions in which the groups have offsets, in their order; `topic` leaves others out. With times where
// `with_times`, for which records are read. `now` is milliseconds since 1970.
Result<std::vector<GroupPosition>> group_positions(kafka::AdminClient& client, const std::vector<std::string>& groups,
                                                   const std::string& topic, bool with_times, std::int64_t now);

enum class ResetTo { earliest, latest, offset, time, by };

struct Reset {
  ResetTo to = ResetTo::earliest;
  std::int64_t number = 0;  // The offset, the time in milliseconds since 1970, or how many to move by.
};

struct OffsetMove {
  kafka::TopicPartition where;
  std::optional<std::int64_t> from;  // Nothing if the group had no offset there.
  std::int64_t to = 0;
};

// Where each partition of `partitions` would be moved, kept between the partition's first offset and its end.
// ErrorKind::user for a move by a number where the group has no offset.
Result<std::vector<OffsetMove>> plan_reset(kafka::AdminClient& client, const std::string& group,
                                           const std::vector<kafka::TopicPartition>& partitions, const Reset& reset);

}  // namespace weir::app
