#pragma once

// A compacted topic in which the broker keeps a table of its own: writing rows, and reading them all when it starts.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "log/log.h"

namespace weir::broker {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";
inline constexpr std::string_view kTransactionsTopic = "__transaction_state";
// weir's own: what belongs to no group and no transaction. Keys and values are text.
inline constexpr std::string_view kClusterTopic = "__weir_cluster";

// Topics of the broker's own, which clients may read and not write.
bool is_internal(std::string_view topic);

struct Row {
  std::string key;
  std::optional<std::string> value;  // Absent: the row is gone.
};

struct ProducerIdentity {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  friend bool operator==(const ProducerIdentity&, const ProducerIdentity&) = default;
};

// Makes the topic if it is not there.
Result<log::Partition*> open_internal_topic(log::Log& log, std::string_view name);

// One batch. With a producer, it belongs to that producer's transaction.
std::expected<log::Appended, log::AppendFailure> append_rows(log::Partition& partition, const std::vector<Row>& rows,
                                                             const ProducerIdentity& producer, log::Millis now);

struct StoredRow {
  std::string_view key;
  std::optional<std::string_view> value;
  ProducerIdentity producer;  // Of a transaction that is not yet known to have ended; id -1 otherwise.
};
// Calls `on_row` for each record and `on_end` for each end of a transaction, in the order of the log.
Status read_rows(const log::Partition& partition, const std::function<void(const StoredRow&)>& on_row,
                 const std::function<void(std::int64_t producer_id, bool is_commit)>& on_end);

// Whole batches that lie in files, as bytes.
Result<std::string> read_ranges(const std::vector<log::FileRange>& ranges);

}  // namespace weir::broker
