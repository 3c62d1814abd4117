#pragma once

// The broker's own table in an internal topic: rows are written at once and count when they are on the device.

#include "broker/flush_queue.h"
#include "broker/internal_topic.h"

namespace weir::broker {

class StoredTable {
 public:
  using Done = std::move_only_function<void(wire::ErrorCode)>;

  // Makes the topic if it is not there. `log` and `flushes` outlive the table.
  static Result<StoredTable> open(log::Log& log, FlushQueue& flushes, std::string_view topic);

  const log::Partition& partition() const { return *partition_; }
  const PartitionKey& key() const { return key_; }

  // Nobody waits for it: it is on the device soon.
  wire::ErrorCode write(const std::vector<Row>& rows, Now now);
  // `done` is told none when the rows are on the device, or why they are not; at once if they could not be written.
  void write(const std::vector<Row>& rows, const ProducerIdentity& producer, Now now, Done done);

 private:
  StoredTable(log::Partition& partition, PartitionKey key, FlushQueue& flushes)
      : partition_(&partition), key_(key), flushes_(&flushes) {}

  log::Partition* partition_;
  PartitionKey key_;
  FlushQueue* flushes_;
};

}  // namespace weir::broker
