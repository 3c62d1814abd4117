#include "broker/transactions/transaction.h"

#include <map>
#include <vector>

#include "wire/messages/internal_topics.h"

namespace weir::broker {

namespace {

constexpr int kKeyVersion = 0;
constexpr int kValueVersion = 1;

}  // namespace

std::string_view name_of(TransactionState state) {
  switch (state) {
    case TransactionState::empty: return "Empty";
    case TransactionState::ongoing: return "Ongoing";
    case TransactionState::prepare_commit: return "PrepareCommit";
    case TransactionState::prepare_abort: return "PrepareAbort";
    case TransactionState::complete_commit: return "CompleteCommit";
    case TransactionState::complete_abort: return "CompleteAbort";
  }
  return "Unknown";
}

Row forgotten_transaction_row(const std::string& id) {
  wire::TransactionLogKey key;
  key.transactional_id = id;
  wire::Encoder encoder;
  encoder.int16(kKeyVersion);
  key.encode(encoder, kKeyVersion);
  return {std::string(encoder.bytes()), std::nullopt};
}

Row transaction_row(const Transaction& transaction) {
  wire::TransactionLogValue value;
  value.producer_id = transaction.producer.id;
  value.previous_producer_id = transaction.previous.id;
  value.producer_epoch = transaction.producer.epoch;
  value.transaction_timeout_ms = static_cast<std::int32_t>(transaction.timeout.count());
  value.transaction_status = static_cast<std::int8_t>(transaction.state);
  value.transaction_last_update_timestamp_ms = transaction.updated_at;
  value.transaction_start_timestamp_ms = transaction.started_at;
  std::map<std::string, std::vector<std::int32_t>> by_topic;
  for (const auto& [topic, partition] : transaction.partitions) by_topic[topic].push_back(partition);
  value.transaction_partitions.emplace();
  for (auto& [topic, partitions] : by_topic) {
    wire::TransactionLogValue::PartitionsSchema entry;
    entry.topic = topic;
    entry.partition_ids = std::move(partitions);
    value.transaction_partitions->push_back(std::move(entry));
  }
  wire::Encoder encoder;
  encoder.int16(kValueVersion);
  value.encode(encoder, kValueVersion);
  Row row = forgotten_transaction_row(transaction.id);
  row.value = std::string(encoder.bytes());
  return row;
}

Result<std::optional<Transaction>> read_transaction_row(const StoredRow& row, std::string& id) {
  wire::Decoder decoder(row.key);
  const int key_version = decoder.int16("version");
  if (key_version != kKeyVersion) {
    return fail(ErrorKind::user, "a transactional id is stored in version {}: it needs a newer release", key_version);
  }
  wire::TransactionLogKey key;
  TRY(key.decode(decoder, key_version));
  id = key.transactional_id;
  if (!row.value) return std::optional<Transaction>();
  wire::Decoder value_decoder(*row.value);
  const int version = value_decoder.int16("version");
  if (version < 0 || version > kValueVersion) {
    return fail(ErrorKind::user, "transaction {} is stored in version {}: it needs a newer release", id, version);
  }
  wire::TransactionLogValue value;
  TRY(value.decode(value_decoder, version));
  if (value.transaction_status < 0 || value.transaction_status > 5) {
    return fail(ErrorKind::corrupt, "transaction {} is stored with the unknown state {}", id, value.transaction_status);
  }
  Transaction transaction;
  transaction.id = id;
  transaction.producer = {value.producer_id, value.producer_epoch};
  transaction.previous.id = value.previous_producer_id;
  transaction.timeout = std::chrono::milliseconds(value.transaction_timeout_ms);
  transaction.state = static_cast<TransactionState>(value.transaction_status);
  transaction.updated_at = value.transaction_last_update_timestamp_ms;
  transaction.started_at = value.transaction_start_timestamp_ms;
  if (value.transaction_partitions) {
    for (const auto& entry : *value.transaction_partitions) {
      for (const std::int32_t partition : entry.partition_ids) transaction.partitions.emplace(entry.topic, partition);
    }
  }
  return std::optional(std::move(transaction));
}

}  // namespace weir::broker
