#pragma once

// The broker without its sockets: it takes requests as bytes, keeps what waits, and gives answers to an AnswerSink. One
// thread owns it. Files are synced by another: the owner takes the plans (take_flush), has them carried out, and tells
// the outcome (flushed). Time comes in with each call, so that tests run it on a clock of their own.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "broker/call.h"
#include "broker/disk_space.h"
#include "broker/flush_queue.h"
#include "broker/groups/group_coordinator.h"
#include "broker/now.h"
#include "broker/parked_reads.h"
#include "broker/session.h"
#include "broker/settings.h"
#include "broker/transactions/transaction_coordinator.h"
#include "log/log.h"

namespace weir::broker {

struct Cleaning {
  PartitionKey partition;
  std::unique_ptr<log::Compaction> compaction;
};

class Broker {
 public:
  // Reads what groups and transactions left in their topics, and carries on from there.
  static Result<std::unique_ptr<Broker>> open(std::unique_ptr<log::Log> log, BrokerSettings settings, AnswerSink& sink,
                                              Now now);

  // The `request`th of its connection, counted from 0, without the length in front; the frame is changed (offsets
  // are written into it). A malformed one closes the connection.
  void handle(Session& session, std::uint64_t request, std::span<char> frame, Now now);
  // What waits for this connection's requests is forgotten.
  void connection_closed(ConnectionId connection);

  // Deadlines and housekeeping. next_deadline() says when it should be called at the latest.
  void tick(Now now);
  std::optional<SteadyTime> next_deadline() const;

  // See FlushQueue.
  std::optional<Flush> take_flush(Now now) { return flushes_.take(now); }
  void flushed(const Flush& flush, const std::vector<Status>& results);

  // The next partition to be compacted, if any; nullopt while one that was taken is not told yet. Its compaction is
  // carried out by another thread.
  std::optional<Cleaning> take_cleaning(Now now);
  void cleaned(const Cleaning& cleaning, const Status& result, Now now);

  // Flushes and closes the log. Nothing may be called afterwards.
  Status close();

  // ------------------------------------------------ for handlers

  log::Log& log() { return *log_; }
  const BrokerSettings& settings() const { return settings_; }
  FlushQueue& flushes() { return flushes_; }
  GroupCoordinator& groups() { return *groups_; }
  TransactionCoordinator& transactions() { return *transactions_; }
  ParkedReads& reads() { return reads_; }
  // Why nothing is taken for want of room on the disk; empty if there is enough.
  const std::string& space_refusal() const { return space_.refusal(); }
  io::Address address_for(const Session& session) const;
  // -1 partitions are as many as the settings say; topic settings that are not given are the defaults.
  Result<log::Topic*> create_topic(const std::string& name, std::int32_t partitions,
                                   const std::map<std::string, std::string>& settings);
  Status add_partitions(log::Topic& topic, std::int32_t count_in_all);
  Status delete_topic(const std::string& name, Now now);
  // Bytes were appended: they will be flushed, and whoever watches the partition is not kept waiting for it.
  void wrote(const log::Topic& topic, std::int32_t partition, Now now);

 private:
  Broker(std::unique_ptr<log::Log> log, BrokerSettings settings, AnswerSink& sink, Now now);

  void apply_retention(Now now);

  std::unique_ptr<log::Log> log_;
  const BrokerSettings settings_;
  AnswerSink& sink_;
  FlushQueue flushes_;
  std::unique_ptr<GroupCoordinator> groups_;
  std::unique_ptr<TransactionCoordinator> transactions_;
  ParkedReads reads_;
  SteadyTime retention_due_;
  SteadyTime checkpoint_due_;
  SteadyTime cleaning_due_;
  SteadyTime space_due_;
  bool is_cleaning_ = false;
  DiskSpace space_;
};

}  // namespace weir::broker
