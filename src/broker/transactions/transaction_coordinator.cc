#include "broker/transactions/transaction_coordinator.h"

#include <limits>

namespace weir::broker {

using wire::ErrorCode;

namespace {

constexpr std::chrono::seconds kCheckInterval{1};
// The last epoch of an id is kept for fencing; then a new id is taken.
constexpr std::int16_t kEpochMax = std::numeric_limits<std::int16_t>::max() - 1;
constexpr std::int32_t kCoordinatorEpoch = 0;

// Whose records the transaction has, in an epoch that fences what comes late. After the last epoch of an id a new id
// was taken: the old one's records are ended by the old one.
ProducerIdentity writer_of(const Transaction& transaction) {
  if (transaction.previous.id < 0 || transaction.previous.id == transaction.producer.id) return transaction.producer;
  return {transaction.previous.id, std::numeric_limits<std::int16_t>::max()};
}

}  // namespace

// ---------------------------------------------------------------- starting

Result<std::unique_ptr<TransactionCoordinator>> TransactionCoordinator::open(log::Log& log, FlushQueue& flushes,
                                                                             GroupCoordinator& groups, Limits limits,
                                                                             Now now) {
  TRY(auto table, StoredTable::open(log, flushes, kTransactionsTopic));
  TRY(auto producer_ids, ProducerIds::open(log, flushes));
  std::unique_ptr<TransactionCoordinator> coordinator(
      new TransactionCoordinator(log, flushes, groups, std::move(table), std::move(producer_ids), limits));
  TRY(coordinator->load());
  coordinator->finish_interrupted(now);
  coordinator->abort_unknown(now);
  coordinator->check_due_ = now.steady + kCheckInterval;
  return coordinator;
}

Status TransactionCoordinator::load() {
  Status failure;
  const auto on_row = [&](const StoredRow& row) {
    if (!failure) return;
    std::string id;
    auto transaction = read_transaction_row(row, id);
    if (!transaction) {
      failure = std::unexpected(std::move(transaction).error());
    } else if (*transaction) {
      transactions_[id] = std::move(**transaction);
    } else {
      transactions_.erase(id);
    }
  };
  TRY(read_rows(table_.partition(), on_row, [](std::int64_t, bool) {}));
  return failure;
}

// Their end was decided and on the device before the crash; markers that were written are written again, which changes
// nothing.
void TransactionCoordinator::finish_interrupted(Now now) {
  for (auto& [id, transaction] : transactions_) {
    if (transaction.is_ending()) write_markers(transaction, now, [](ErrorCode) {});
  }
}

// A crash of the machine can leave a partition's records of a transaction and not the row that says so. Nothing of it
// was acknowledged as committed.
void TransactionCoordinator::abort_unknown(Now now) {
  std::set<std::pair<std::int64_t, TopicPartition>> known;
  for (const auto& [id, transaction] : transactions_) {
    if (transaction.state != TransactionState::ongoing && !transaction.is_ending()) continue;
    for (const auto& partition : transaction.partitions) known.emplace(transaction.producer.id, partition);
  }
  for (log::Topic* topic : log_.topics()) {
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      const auto index = static_cast<std::int32_t>(i);
      log::Partition& partition = *topic->partitions[i];
      for (const log::ActiveProducer& producer : partition.producers()) {
        if (producer.transaction_first_offset < 0) continue;
        if (known.contains({producer.producer_id, {topic->name, index}})) continue;
        const auto marked = partition.append_end_marker(producer.producer_id, producer.producer_epoch,
                                                        kCoordinatorEpoch, false, now.wall);
        if (marked) flushes_.wrote({topic->id, index}, now);
        if (topic->name == kOffsetsTopic) groups_.transaction_ended(producer.producer_id, false);
      }
    }
  }
}

// ---------------------------------------------------------------- identities

void TransactionCoordinator::store(Transaction& transaction, Now now) {
  transaction.updated_at = now.wall;
  table_.write({transaction_row(transaction)}, now);
}

void TransactionCoordinator::new_producer(Now now, InitiatedDone done) {
  const ProducerIdentity producer{producer_ids_.next(now), 0};
  table_.write({}, {}, now, [producer, done = std::move(done)](ErrorCode code) mutable { done({code, producer}); });
}

void TransactionCoordinator::bump_epoch(Transaction& transaction, Now now) {
  transaction.previous = transaction.producer;
  if (transaction.producer.epoch >= kEpochMax) {
    transaction.producer = {producer_ids_.next(now), 0};
  } else {
    ++transaction.producer.epoch;
  }
}

void TransactionCoordinator::init(const std::string& id, std::chrono::milliseconds timeout,
                                  const ProducerIdentity& expected, Now now, InitiatedDone done) {
  if (id.empty()) return done({ErrorCode::invalid_request, {}});
  if (timeout.count() <= 0 || timeout > limits_.timeout_max) return done({ErrorCode::invalid_transaction_timeout, {}});
  const auto [entry, is_new] = transactions_.try_emplace(id);
  Transaction& transaction = entry->second;
  if (is_new) {
    transaction.id = id;
    transaction.producer = {producer_ids_.next(now), 0};
    transaction.timeout = timeout;
    return give_identity(id, now, std::move(done));
  }
  // What the client believes to be must be what it is, or what it was before a bump whose answer was lost.
  if (expected.id >= 0 && expected != transaction.producer && expected != transaction.previous) {
    return done({ErrorCode::producer_fenced, {}});
  }
  if (transaction.is_ending()) return done({ErrorCode::concurrent_transactions, {}});
  transaction.timeout = timeout;
  if (transaction.state == TransactionState::ongoing) {
    // Whoever began it is fenced by the marker's epoch; the client asks again when it has been aborted.
    bump_epoch(transaction, now);
    if (expected.id < 0) transaction.previous.epoch = -1;
    prepare_end(transaction, false, now, [this, id, now, done = std::move(done)](ErrorCode code) mutable {
      if (code != ErrorCode::none) return done({code, {}});
      give_identity(id, now, std::move(done));
    });
    return;
  }
  bump_epoch(transaction, now);
  // Only who was expected may ask again: another that still has the old epoch is a zombie.
  if (expected.id < 0) transaction.previous.epoch = -1;
  give_identity(id, now, std::move(done));
}

void TransactionCoordinator::give_identity(const std::string& id, Now now, InitiatedDone done) {
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return done({ErrorCode::concurrent_transactions, {}});
  Transaction& transaction = found->second;
  if (transaction.state != TransactionState::ongoing) {
    transaction.state = TransactionState::empty;
    transaction.partitions.clear();
    transaction.started_at = -1;
  }
  transaction.updated_at = now.wall;
  table_.write(
      {transaction_row(transaction)}, {}, now,
      [producer = transaction.producer, done = std::move(done)](ErrorCode code) mutable { done({code, producer}); });
}

// ---------------------------------------------------------------- what belongs to a transaction

ErrorCode TransactionCoordinator::check(const Transaction& transaction, const ProducerIdentity& producer) const {
  if (transaction.producer.id != producer.id) return ErrorCode::invalid_producer_id_mapping;
  if (transaction.producer.epoch != producer.epoch) return ErrorCode::producer_fenced;
  return transaction.is_ending() ? ErrorCode::concurrent_transactions : ErrorCode::none;
}

ErrorCode TransactionCoordinator::add_partitions(const std::string& id, const ProducerIdentity& producer,
                                                 const std::vector<TopicPartition>& partitions, Now now) {
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return ErrorCode::invalid_producer_id_mapping;
  Transaction& transaction = found->second;
  if (const ErrorCode code = check(transaction, producer); code != ErrorCode::none) return code;
  const std::size_t before = transaction.partitions.size();
  if (transaction.state != TransactionState::ongoing) {
    transaction.state = TransactionState::ongoing;
    transaction.partitions.clear();
    transaction.started_at = now.wall;
  } else if (before == 0) {
    transaction.started_at = now.wall;
  }
  transaction.partitions.insert(partitions.begin(), partitions.end());
  if (transaction.partitions.size() != before || transaction.started_at == now.wall) store(transaction, now);
  return ErrorCode::none;
}

ErrorCode TransactionCoordinator::check_write(const std::string& id, const ProducerIdentity& producer,
                                              const TopicPartition& partition) const {
  const Transaction* transaction = find(id);
  if (transaction == nullptr) return ErrorCode::invalid_producer_id_mapping;
  if (transaction->producer.id != producer.id) return ErrorCode::invalid_producer_id_mapping;
  if (transaction->producer.epoch != producer.epoch) return ErrorCode::invalid_producer_epoch;
  const bool is_in_it = transaction->state == TransactionState::ongoing && transaction->partitions.contains(partition);
  return is_in_it ? ErrorCode::none : ErrorCode::invalid_txn_state;
}

ErrorCode TransactionCoordinator::add_offsets(const std::string& id, const ProducerIdentity& producer, Now now) {
  return add_partitions(id, producer, {{std::string(kOffsetsTopic), 0}}, now);
}

// ---------------------------------------------------------------- the end

void TransactionCoordinator::end(const std::string& id, const ProducerIdentity& producer, bool is_commit,
                                 bool bumps_epoch, Now now, InitiatedDone done) {
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return done({ErrorCode::invalid_producer_id_mapping, {}});
  Transaction& transaction = found->second;
  const auto complete = is_commit ? TransactionState::complete_commit : TransactionState::complete_abort;
  // The same request again, after its answer was lost (KIP-890: the epoch has moved on since).
  if (bumps_epoch && transaction.previous == producer && transaction.state == complete) {
    return done({ErrorCode::none, transaction.producer});
  }
  if (const ErrorCode code = check(transaction, producer); code != ErrorCode::none) return done({code, {}});
  if (transaction.state != TransactionState::ongoing) {
    if (!bumps_epoch && transaction.state == complete) return done({ErrorCode::none, transaction.producer});
    // A client of KIP-890 may abort what never began, to get its next epoch.
    if (!bumps_epoch || is_commit) return done({ErrorCode::invalid_txn_state, {}});
    transaction.started_at = now.wall;
  }
  if (bumps_epoch) bump_epoch(transaction, now);
  prepare_end(
      transaction, is_commit, now,
      [identity = transaction.producer, done = std::move(done)](ErrorCode code) mutable { done({code, identity}); });
}

void TransactionCoordinator::prepare_end(Transaction& transaction, bool is_commit, Now now, StoredTable::Done done) {
  transaction.state = is_commit ? TransactionState::prepare_commit : TransactionState::prepare_abort;
  transaction.updated_at = now.wall;
  transaction.is_end_under_way = true;
  table_.write({transaction_row(transaction)}, {}, now,
               [this, id = transaction.id, now, done = std::move(done)](ErrorCode code) mutable {
                 if (code != ErrorCode::none) {
                   transactions_.at(id).is_end_under_way = false;
                   return done(code);
                 }
                 write_markers(transactions_.at(id), now, std::move(done));
               });
}

void TransactionCoordinator::write_markers(Transaction& transaction, Now now, StoredTable::Done done) {
  const bool is_commit = transaction.state == TransactionState::prepare_commit;
  const ProducerIdentity marker = writer_of(transaction);
  bool has_offsets = false;
  transaction.is_end_under_way = true;
  for (const auto& [name, index] : transaction.partitions) {
    log::Topic* topic = log_.find(name);
    // A topic deleted meanwhile has nothing left to end.
    if (topic == nullptr || static_cast<std::size_t>(index) >= topic->partitions.size()) continue;
    log::Partition& partition = *topic->partitions[static_cast<std::size_t>(index)];
    const auto written = partition.append_end_marker(marker.id, marker.epoch, kCoordinatorEpoch, is_commit, now.wall);
    if (!written && written.error().code != ErrorCode::invalid_producer_epoch) {
      transaction.is_end_under_way = false;
      return done(written.error().code);
    }
    flushes_.wrote({topic->id, index}, now);
    has_offsets = has_offsets || name == kOffsetsTopic;
  }
  // That it is complete may reach the device only after the markers have: the start would take a partition that lacks
  // its marker for one that nobody knows.
  flushes_.after(
      [this, id = transaction.id, has_offsets, now, done = std::move(done)](const FailedPartitions& failed) mutable {
        Transaction& ended = transactions_.at(id);
        if (!failed.empty()) {
          ended.is_end_under_way = false;
          return done(ErrorCode::kafka_storage_error);
        }
        if (has_offsets)
          groups_.transaction_ended(writer_of(ended).id, ended.state == TransactionState::prepare_commit);
        complete(ended, now, std::move(done));
      });
}

// Told when it is on the device: else the start could write the markers again, into the producer's next transaction.
void TransactionCoordinator::complete(const Transaction& transaction, Now now, StoredTable::Done done) {
  Transaction completed = transaction;
  completed.state = transaction.state == TransactionState::prepare_commit ? TransactionState::complete_commit
                                                                          : TransactionState::complete_abort;
  completed.partitions.clear();
  completed.is_end_under_way = false;
  completed.updated_at = now.wall;
  table_.write({transaction_row(completed)}, {}, now,
               [this, completed, done = std::move(done)](ErrorCode code) mutable {
                 if (code == ErrorCode::none) {
                   transactions_.at(completed.id) = completed;
                 } else {
                   transactions_.at(completed.id).is_end_under_way = false;
                 }
                 done(code);
               });
}

// ---------------------------------------------------------------- time

const Transaction* TransactionCoordinator::find(const std::string& id) const {
  const auto found = transactions_.find(id);
  return found == transactions_.end() ? nullptr : &found->second;
}

void TransactionCoordinator::tick(Now now) {
  if (check_due_ && now.steady < *check_due_) return;
  check_due_ = now.steady + kCheckInterval;
  std::vector<Row> forgotten;
  for (auto entry = transactions_.begin(); entry != transactions_.end();) {
    Transaction& transaction = entry->second;
    if (transaction.state == TransactionState::ongoing &&
        now.wall - transaction.started_at > transaction.timeout.count()) {
      // The producer went away, or is too slow: its epoch is fenced.
      bump_epoch(transaction, now);
      prepare_end(transaction, false, now, [](ErrorCode) {});
    }
    // An end that the disk refused is tried until it succeeds: what was decided holds.
    if (transaction.is_ending() && !transaction.is_end_under_way) {
      prepare_end(transaction, transaction.state == TransactionState::prepare_commit, now, [](ErrorCode) {});
    }
    const bool is_idle = transaction.state != TransactionState::ongoing && !transaction.is_ending();
    if (is_idle && now.wall - transaction.updated_at > limits_.id_retention.count()) {
      forgotten.push_back(forgotten_transaction_row(transaction.id));
      entry = transactions_.erase(entry);
    } else {
      ++entry;
    }
  }
  table_.write(forgotten, now);
}

}  // namespace weir::broker
