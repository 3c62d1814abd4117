#include "log/batch_rewrite.h"

namespace weir::log {
namespace {

constexpr std::int16_t kLogAppendTime = 0x08;
constexpr std::int16_t kTransactional = 0x10;
constexpr std::int16_t kControl = 0x20;

wire::BatchWriter writer_for(const wire::BatchHeader& header, std::optional<std::int64_t> horizon) {
  return wire::BatchWriter(
      {.codec = header.codec(),
       .attributes = static_cast<std::int16_t>(header.attributes & (kLogAppendTime | kTransactional | kControl)),
       .producer_id = header.producer_id,
       .producer_epoch = header.producer_epoch,
       .base_sequence = header.base_sequence,
       .leader_epoch = header.leader_epoch,
       .base_offset = header.base_offset,
       .last_offset = header.last_offset(),
       .delete_horizon = horizon});
}

// The time type needs the batch's own maximum: with log append time it is every record's.
std::string finish(wire::BatchWriter& writer, const wire::BatchHeader& header) {
  std::string bytes = writer.take();
  if (header.has_log_append_time()) wire::set_log_append_time(bytes.data(), bytes.size(), header.max_timestamp);
  return bytes;
}

}  // namespace

std::string empty_batch(const wire::BatchHeader& header) {
  wire::BatchHeader plain = header;
  plain.attributes = static_cast<std::int16_t>(header.attributes & (kLogAppendTime | kTransactional | kControl));
  auto writer = writer_for(plain, std::nullopt);
  return finish(writer, plain);
}

Result<std::string> with_horizon(std::string_view batch, const wire::BatchHeader& header, std::int64_t horizon) {
  TRY(auto reader, wire::RecordReader::open(batch, batch.size()));
  auto writer = writer_for(header, horizon);
  wire::Record record;
  while (true) {
    TRY(const bool has_record, reader.next(record));
    if (!has_record) break;
    writer.add(record);
  }
  return finish(writer, header);
}

Result<std::string> rewrite_batch(std::string_view batch, const wire::BatchHeader& header,
                                  const std::function<bool(std::string_view key, std::int64_t offset)>& is_newest,
                                  const RewriteOptions& options) {
  TRY(auto reader, wire::RecordReader::open(batch, options.decompressed_max));
  const bool is_past_horizon = header.has_delete_horizon() && header.base_timestamp <= options.now;
  // The first look only decides: most batches stay as they are.
  std::int32_t kept = 0;
  bool has_tombstone = false;
  const auto is_kept = [&](const wire::Record& record) {
    if (!record.key || !is_newest(*record.key, record.offset)) return false;
    return record.value.has_value() || !is_past_horizon;
  };
  wire::Record record;
  while (true) {
    TRY(const bool has_record, reader.next(record));
    if (!has_record) break;
    if (!is_kept(record)) continue;
    ++kept;
    has_tombstone = has_tombstone || !record.value;
  }
  const bool needs_horizon = has_tombstone && !header.has_delete_horizon();
  if (kept == 0) return options.is_kept_when_empty ? empty_batch(header) : std::string();
  if (kept == header.record_count && !needs_horizon) return std::string(batch);

  std::optional<std::int64_t> horizon;
  if (header.has_delete_horizon() && has_tombstone) horizon = header.base_timestamp;
  if (needs_horizon) horizon = options.horizon_new;
  auto writer = writer_for(header, horizon);
  TRY(auto again, wire::RecordReader::open(batch, options.decompressed_max));
  while (true) {
    TRY(const bool has_record, again.next(record));
    if (!has_record) break;
    if (is_kept(record)) writer.add(record);
  }
  return finish(writer, header);
}

}  // namespace weir::log
