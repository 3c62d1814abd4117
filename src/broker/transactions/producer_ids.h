#pragma once

// Producer ids, each given once in the life of the data folder: blocks of them are taken in the topic __weir_cluster
// before the first of a block is given. Belongs to the broker's thread.

#include <cstdint>

#include "broker/stored_table.h"

namespace weir::broker {

class ProducerIds {
 public:
  static Result<ProducerIds> open(log::Log& log, FlushQueue& flushes);

  // An id may be told to a client after the next flush that begins.
  std::int64_t next(Now now);

 private:
  ProducerIds(StoredTable table, std::int64_t next) : table_(std::move(table)), next_(next), end_(next) {}

  StoredTable table_;
  std::int64_t next_;
  std::int64_t end_;  // Of the block that was taken.
};

}  // namespace weir::broker
