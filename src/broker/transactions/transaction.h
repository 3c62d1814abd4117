#pragma once

// One transactional id and what it is at (KIP-98, KIP-890), and its row in the topic __transaction_state, in the form
// that Kafka's tools read.

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "broker/groups/group_offsets.h"
#include "broker/internal_topic.h"

namespace weir::broker {

enum class TransactionState : std::int8_t {
  empty = 0,
  ongoing = 1,
  prepare_commit = 2,
  prepare_abort = 3,
  complete_commit = 4,
  complete_abort = 5,
};

// As Kafka's tools print it: "Ongoing".
std::string_view name_of(TransactionState state);

struct Transaction {
  std::string id;
  ProducerIdentity producer;
  // Whom the last bump of the epoch replaced: its repeated request is answered as the first time.
  ProducerIdentity previous;
  std::chrono::milliseconds timeout{};
  TransactionState state = TransactionState::empty;
  std::set<TopicPartition> partitions;
  log::Millis started_at = -1;
  log::Millis updated_at = 0;

  // The end is being written; false if that failed, and it is to be tried again.
  bool is_end_under_way = false;

  bool is_ending() const {
    return state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
  }
};

Row transaction_row(const Transaction& transaction);
Row forgotten_transaction_row(const std::string& id);
// nullopt if the transactional id was forgotten; the id is then set in `id` alone.
Result<std::optional<Transaction>> read_transaction_row(const StoredRow& row, std::string& id);

}  // namespace weir::broker
