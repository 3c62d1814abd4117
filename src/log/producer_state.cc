#include "log/producer_state.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "log/frame.h"

namespace weir::log {
namespace {

using wire::ErrorCode;

std::unexpected<ProducerRefusal> refuse(ErrorCode code, std::string message) {
  return std::unexpected(ProducerRefusal{code, std::move(message)});
}

std::int32_t sequence_after(std::int32_t sequence) {
  return sequence == std::numeric_limits<std::int32_t>::max() ? 0 : sequence + 1;
}

void keep_batch(Producer& producer, const ProducerBatch& batch) {
  if (producer.batch_count == Producer::kBatchesMax) {
    std::shift_left(producer.batches.begin(), producer.batches.end(), 1);
    --producer.batch_count;
  }
  producer.batches[producer.batch_count++] = batch;
}

}  // namespace

std::expected<std::optional<ProducerBatch>, ProducerRefusal> ProducerState::check(
    const wire::BatchHeader& batch) const {
  const auto found = producers_.find(batch.producer_id);
  // Of a producer that was never heard of, or was forgotten, any sequence is taken.
  if (found == producers_.end()) return std::nullopt;
  const Producer& producer = found->second;
  if (const auto allowed = check_epoch(batch); !allowed) return std::unexpected(allowed.error());
  if (batch.producer_epoch > producer.epoch) {
    if (batch.base_sequence == 0) return std::nullopt;
    return refuse(ErrorCode::out_of_order_sequence_number,
                  fmt::format("producer {} begins epoch {} with sequence {} instead of 0", batch.producer_id,
                              batch.producer_epoch, batch.base_sequence));
  }
  for (std::size_t i = 0; i < producer.batch_count; ++i) {
    const ProducerBatch& known = producer.batches[i];
    if (known.first_sequence == batch.base_sequence && known.last_sequence == batch.last_sequence()) return known;
  }
  if (producer.transaction_first_offset >= 0 && !batch.is_transactional()) {
    return refuse(ErrorCode::invalid_txn_state,
                  fmt::format("producer {} has an open transaction; the batch belongs to none", batch.producer_id));
  }
  const ProducerBatch* last = producer.last_batch();
  const std::int32_t expected = last == nullptr ? 0 : sequence_after(last->last_sequence);
  if (batch.base_sequence != expected) {
    return refuse(ErrorCode::out_of_order_sequence_number,
                  fmt::format("producer {}, epoch {}: sequence {} came where {} was expected", batch.producer_id,
                              batch.producer_epoch, batch.base_sequence, expected));
  }
  return std::nullopt;
}

std::expected<void, ProducerRefusal> ProducerState::check_epoch(const wire::BatchHeader& batch) const {
  const auto found = producers_.find(batch.producer_id);
  if (found == producers_.end() || batch.producer_epoch >= found->second.epoch) return {};
  return refuse(ErrorCode::invalid_producer_epoch,
                fmt::format("producer {} has epoch {}; the batch has the older epoch {}", batch.producer_id,
                            found->second.epoch, batch.producer_epoch));
}

void ProducerState::add(const wire::BatchHeader& batch, std::int64_t now) {
  if (!batch.has_producer() || batch.is_control()) return;
  Producer& producer = producers_[batch.producer_id];
  if (batch.producer_epoch != producer.epoch) {
    producer.epoch = batch.producer_epoch;
    producer.batch_count = 0;
  }
  if (batch.base_sequence >= 0) {
    keep_batch(producer, {.first_sequence = batch.base_sequence,
                          .last_sequence = batch.last_sequence(),
                          .first_offset = batch.base_offset,
                          .last_offset = batch.last_offset(),
                          .timestamp = batch.max_timestamp});
  }
  producer.last_timestamp = now;
  producer.last_data_offset = batch.last_offset();
  // A batch that compaction emptied belongs to a transaction that was decided long ago.
  const bool opens = batch.is_transactional() && batch.record_count > 0;
  if (opens && producer.transaction_first_offset < 0) {
    producer.transaction_first_offset = batch.base_offset;
    open_.insert(batch.base_offset);
  }
}

std::expected<void, ProducerRefusal> ProducerState::check_marker(std::int64_t producer_id, std::int16_t epoch,
                                                                 std::int32_t coordinator_epoch) const {
  const auto found = producers_.find(producer_id);
  if (found == producers_.end()) return {};
  const Producer& producer = found->second;
  // KIP-890: the marker may carry a newer epoch, which then is the producer's.
  if (epoch < producer.epoch) {
    return refuse(ErrorCode::invalid_producer_epoch,
                  fmt::format("producer {} has epoch {}; the end of the transaction has the older epoch {}",
                              producer_id, producer.epoch, epoch));
  }
  if (coordinator_epoch < producer.coordinator_epoch) {
    return refuse(ErrorCode::transaction_coordinator_fenced,
                  fmt::format("the coordinator has epoch {}; the end of the transaction has the older epoch {}",
                              producer.coordinator_epoch, coordinator_epoch));
  }
  return {};
}

std::int64_t ProducerState::add_marker(std::int64_t producer_id, std::int16_t epoch, std::int32_t coordinator_epoch,
                                       std::int64_t now) {
  Producer& producer = producers_[producer_id];
  if (epoch != producer.epoch) {
    producer.epoch = epoch;
    producer.batch_count = 0;
  }
  producer.coordinator_epoch = coordinator_epoch;
  producer.last_timestamp = now;
  const std::int64_t first = std::exchange(producer.transaction_first_offset, -1);
  if (first >= 0) open_.erase(first);
  return first;
}

std::optional<std::int64_t> ProducerState::first_open_offset() const {
  return open_.empty() ? std::nullopt : std::optional(*open_.begin());
}

std::size_t ProducerState::forget_idle(std::int64_t before) {
  return std::erase_if(producers_, [before](const auto& entry) {
    return entry.second.transaction_first_offset < 0 && entry.second.last_timestamp < before;
  });
}

std::string ProducerState::encode() const {
  std::vector<std::int64_t> ids;
  for (const auto& [id, producer] : producers_) ids.push_back(id);
  std::ranges::sort(ids);
  FieldWriter out;
  out.number(static_cast<std::uint32_t>(ids.size()));
  for (const std::int64_t id : ids) {
    const Producer& producer = producers_.at(id);
    out.number(id).number(producer.epoch).number(producer.coordinator_epoch).number(producer.last_timestamp);
    out.number(producer.transaction_first_offset).number(producer.last_data_offset);
    out.number(std::uint32_t{producer.batch_count});
    for (std::size_t i = 0; i < producer.batch_count; ++i) {
      const ProducerBatch& batch = producer.batches[i];
      out.number(batch.first_sequence).number(batch.last_sequence);
      out.number(batch.first_offset).number(batch.last_offset).number(batch.timestamp);
    }
  }
  return out.take();
}

Result<ProducerState> ProducerState::decode(std::string_view body, const std::string& path) {
  constexpr std::size_t kProducerBytes = 42;
  constexpr std::size_t kBatchBytes = 32;
  FieldReader in(body);
  ProducerState state;
  bool is_sound = true;
  for (std::uint32_t left = in.count(kProducerBytes); left > 0; --left) {
    const auto id = in.number<std::int64_t>();
    Producer& producer = state.producers_[id];
    producer.epoch = in.number<std::int16_t>();
    producer.coordinator_epoch = in.number<std::int32_t>();
    producer.last_timestamp = in.number<std::int64_t>();
    producer.transaction_first_offset = in.number<std::int64_t>();
    producer.last_data_offset = in.number<std::int64_t>();
    const std::uint32_t batch_count = in.count(kBatchBytes);
    if (batch_count > Producer::kBatchesMax) is_sound = false;
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(batch_count, Producer::kBatchesMax); ++i) {
      ProducerBatch batch;
      batch.first_sequence = in.number<std::int32_t>();
      batch.last_sequence = in.number<std::int32_t>();
      batch.first_offset = in.number<std::int64_t>();
      batch.last_offset = in.number<std::int64_t>();
      batch.timestamp = in.number<std::int64_t>();
      keep_batch(producer, batch);
    }
    if (producer.transaction_first_offset >= 0) state.open_.insert(producer.transaction_first_offset);
  }
  if (!is_sound || !in.is_whole()) return fail(ErrorKind::corrupt, "{} is damaged: its producers make no sense", path);
  return state;
}

}  // namespace weir::log
