#pragma once

// Producer ids and transactions (KIP-98; KIP-360 epoch bumps; KIP-447; KIP-890). A transaction ends in two steps: that
// it will is on the device before the first partition gets its end marker, and all markers are before the client is
// told; a crash in between is finished at the next start. Belongs to the broker's thread.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/flush_queue.h"
#include "broker/groups/group_coordinator.h"
#include "broker/stored_table.h"
#include "broker/transactions/producer_ids.h"
#include "broker/transactions/transaction.h"

namespace weir::broker {

class TransactionCoordinator {
 public:
  struct Limits {
    std::chrono::milliseconds timeout_max{};
    std::chrono::milliseconds id_retention{};
  };
  // Reads the table, finishes ends that were decided, and aborts what partitions hold open and nobody knows. `log`,
  // `flushes` and `groups` outlive the coordinator.
  static Result<std::unique_ptr<TransactionCoordinator>> open(log::Log& log, FlushQueue& flushes,
                                                              GroupCoordinator& groups, Limits limits, Now now);

  struct Initiated {
    wire::ErrorCode code = wire::ErrorCode::none;
    ProducerIdentity producer;
  };
  using InitiatedDone = std::move_only_function<void(Initiated)>;
  // A producer id without a transactional id.
  void new_producer(Now now, InitiatedDone done);
  // `expected` is what the client believes to be (KIP-360); id -1 if it is new.
  void init(const std::string& id, std::chrono::milliseconds timeout, const ProducerIdentity& expected, Now now,
            InitiatedDone done);

  // Begins the transaction if there is none. Written at once; that it is on the device, nobody has to wait for: what
  // partitions hold open and nobody knows is aborted at the start.
  wire::ErrorCode add_partitions(const std::string& id, const ProducerIdentity& producer,
                                 const std::vector<TopicPartition>& partitions, Now now);
  // Whether the producer may write to the partition within its transaction.
  wire::ErrorCode check_write(const std::string& id, const ProducerIdentity& producer,
                              const TopicPartition& partition) const;
  wire::ErrorCode add_offsets(const std::string& id, const ProducerIdentity& producer, Now now);

  // `bumps_epoch`: the producer's next transaction has the next epoch, which `done` is told (KIP-890).
  void end(const std::string& id, const ProducerIdentity& producer, bool is_commit, bool bumps_epoch, Now now,
           InitiatedDone done);

  const Transaction* find(const std::string& id) const;
  const std::map<std::string, Transaction>& transactions() const { return transactions_; }

  void tick(Now now);
  std::optional<SteadyTime> next_deadline() const { return check_due_; }

 private:
  TransactionCoordinator(log::Log& log, FlushQueue& flushes, GroupCoordinator& groups, StoredTable table,
                         ProducerIds producer_ids, Limits limits)
      : log_(log),
        flushes_(flushes),
        groups_(groups),
        table_(std::move(table)),
        producer_ids_(std::move(producer_ids)),
        limits_(limits) {}

  Status load();
  void finish_interrupted(Now now);
  void abort_unknown(Now now);

  void bump_epoch(Transaction& transaction, Now now);
  wire::ErrorCode check(const Transaction& transaction, const ProducerIdentity& producer) const;
  void store(Transaction& transaction, Now now);
  // Takes the transaction from ongoing to complete; `done` is told when all of it is on the device.
  void prepare_end(Transaction& transaction, bool is_commit, Now now, StoredTable::Done done);
  void write_markers(Transaction& transaction, Now now, StoredTable::Done done);
  void complete(const Transaction& transaction, Now now, StoredTable::Done done);
  void give_identity(const std::string& id, Now now, InitiatedDone done);

  log::Log& log_;
  FlushQueue& flushes_;
  GroupCoordinator& groups_;
  StoredTable table_;
  ProducerIds producer_ids_;
  const Limits limits_;
  std::map<std::string, Transaction> transactions_;
  std::optional<SteadyTime> check_due_;
};

}  // namespace weir::broker
