#pragma once

// What a partition knows of its producers: the last batches of each, so that a repeated one is answered and not written
// twice (idempotence), and which have a transaction open. Pure: files are written by others. One thread.
//
// Rules: Kafka's idempotent producer (KIP-98), at most five batches in flight; markers that raise the producer's epoch
// (KIP-890).

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "wire/error_code.h"
#include "wire/record_batch.h"

namespace weir::log {

struct ProducerBatch {
  std::int32_t first_sequence = -1;
  std::int32_t last_sequence = -1;
  std::int64_t first_offset = -1;
  std::int64_t last_offset = -1;
  std::int64_t timestamp = -1;  // Its maximal one, as it was stored.
};

struct Producer {
  static constexpr std::size_t kBatchesMax = 5;

  std::int16_t epoch = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t last_timestamp = -1;                  // When it was last heard of.
  std::int64_t transaction_first_offset = -1;        // -1 outside of a transaction.
  std::int64_t last_data_offset = -1;                // Last offset of its last data batch.
  std::array<ProducerBatch, kBatchesMax> batches{};  // The first `batch_count`, oldest first; of the current epoch.
  std::uint8_t batch_count = 0;

  const ProducerBatch* last_batch() const { return batch_count == 0 ? nullptr : &batches[batch_count - 1U]; }
};

struct ProducerRefusal {
  wire::ErrorCode code = wire::ErrorCode::none;
  std::string message;
};

class ProducerState {
 public:
  // Whether a batch that says a producer may be appended: the batch it repeats, or nullopt if it is new. `timestamp` of
  // the log is not looked at.
  std::expected<std::optional<ProducerBatch>, ProducerRefusal> check(const wire::BatchHeader& batch) const;
  // The same for a batch without a sequence: only its epoch counts.
  std::expected<void, ProducerRefusal> check_epoch(const wire::BatchHeader& batch) const;
  // Notes a data batch that was appended; without a producer, nothing. `now` counts for forget_idle(): a producer may
  // send records of long ago.
  void add(const wire::BatchHeader& batch, std::int64_t now);

  std::expected<void, ProducerRefusal> check_marker(std::int64_t producer_id, std::int16_t epoch,
                                                    std::int32_t coordinator_epoch) const;
  // Ends the producer's transaction. Returns its first offset, -1 if none was open.
  std::int64_t add_marker(std::int64_t producer_id, std::int16_t epoch, std::int32_t coordinator_epoch,
                          std::int64_t now);

  // First offset of the oldest open transaction; nullopt if none is.
  std::optional<std::int64_t> first_open_offset() const;
  // Forgets producers without an open transaction that were last heard of before `before`. Returns how many.
  std::size_t forget_idle(std::int64_t before);

  bool empty() const { return producers_.empty(); }
  const std::unordered_map<std::int64_t, Producer>& producers() const { return producers_; }

  // The body of a snapshot file (docs/formats/log.md, "producers").
  std::string encode() const;
  static Result<ProducerState> decode(std::string_view body, const std::string& path);

 private:
  std::unordered_map<std::int64_t, Producer> producers_;
  std::set<std::int64_t> open_;  // First offsets of open transactions.
};

}  // namespace weir::log
