#include "broker/stored_table.h"

namespace weir::broker {

Result<StoredTable> StoredTable::open(log::Log& log, FlushQueue& flushes, std::string_view topic) {
  TRY(log::Partition * partition, open_internal_topic(log, topic));
  return StoredTable(*partition, PartitionKey{log.find(topic)->id, 0}, flushes);
}

wire::ErrorCode StoredTable::write(const std::vector<Row>& rows, Now now) {
  if (rows.empty()) return wire::ErrorCode::none;
  const auto appended = append_rows(*partition_, rows, {}, now.wall);
  if (!appended) return appended.error().code;
  flushes_->wrote(key_, now);
  return wire::ErrorCode::none;
}

void StoredTable::write(const std::vector<Row>& rows, const ProducerIdentity& producer, Now now, Done done) {
  if (!rows.empty()) {
    const auto appended = append_rows(*partition_, rows, producer, now.wall);
    if (!appended) return done(appended.error().code);
    flushes_->wrote(key_, now);
  }
  flushes_->after([key = key_, done = std::move(done)](const FailedPartitions& failed) mutable {
    done(failed.contains(key) ? wire::ErrorCode::kafka_storage_error : wire::ErrorCode::none);
  });
}

}  // namespace weir::broker
