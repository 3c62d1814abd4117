#include "broker/internal_topic.h"

#include "wire/record_batch.h"

namespace weir::broker {

namespace {

constexpr std::uint64_t kReadBytes = 4U << 20;
constexpr std::size_t kDecompressedMax = 64U << 20;
constexpr std::int16_t kTransactional = 0x10;

Status read_batch(std::string_view batch, const std::function<void(const StoredRow&)>& on_row,
                  const std::function<void(std::int64_t, bool)>& on_end) {
  TRY(const auto header, wire::read_batch_header(batch));
  if (header.is_control()) {
    TRY(const auto marker, wire::read_end_marker(batch));
    on_end(header.producer_id, marker.is_commit);
    return {};
  }
  TRY(auto reader, wire::RecordReader::open(batch, kDecompressedMax));
  wire::Record record;
  while (true) {
    TRY(const bool is_there, reader.next(record));
    if (!is_there) return {};
    StoredRow row{record.key.value_or(std::string_view()), record.value, {}};
    if (header.is_transactional()) row.producer = {header.producer_id, header.producer_epoch};
    on_row(row);
  }
}

}  // namespace

bool is_internal(std::string_view topic) {
  return topic == kOffsetsTopic || topic == kTransactionsTopic || topic == kClusterTopic;
}

Result<log::Partition*> open_internal_topic(log::Log& log, std::string_view name) {
  if (log::Partition* found = log.find(name, 0)) return found;
  TRY(log::Topic * topic, log.create_topic(name, 1, {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}}));
  return topic->partitions.front().get();
}

std::expected<log::Appended, log::AppendFailure> append_rows(log::Partition& partition, const std::vector<Row>& rows,
                                                             const ProducerIdentity& producer, log::Millis now) {
  wire::BatchWriter::Options options;
  if (producer.id >= 0) {
    options.attributes = kTransactional;
    options.producer_id = producer.id;
    options.producer_epoch = producer.epoch;
  }
  wire::BatchWriter writer(options);
  std::int64_t offset = 0;
  for (const Row& row : rows) {
    wire::Record record;
    record.offset = offset++;
    record.timestamp = now;
    record.key = row.key;
    if (row.value) record.value = *row.value;
    writer.add(record);
  }
  std::string batch = writer.take();
  return partition.append(batch, now, log::Origin::coordinator);
}

Result<std::string> read_ranges(const std::vector<log::FileRange>& ranges) {
  std::uint64_t size = 0;
  for (const auto& range : ranges) size += range.size;
  std::string bytes(size, '\0');
  std::size_t at = 0;
  for (const auto& range : ranges) {
    TRY(const std::size_t taken, range.file->read_at(range.position, std::span(bytes).subspan(at, range.size)));
    if (taken != range.size) return fail(ErrorKind::corrupt, "a segment is shorter than its index says");
    at += taken;
  }
  return bytes;
}

Status read_rows(const log::Partition& partition, const std::function<void(const StoredRow&)>& on_row,
                 const std::function<void(std::int64_t, bool)>& on_end) {
  std::int64_t offset = partition.start_offset();
  while (offset < partition.high_watermark()) {
    const log::ReadResult read = partition.read(offset, kReadBytes, log::Isolation::uncommitted);
    if (read.code != wire::ErrorCode::none) {
      return fail(ErrorKind::corrupt, "cannot read offset {}: {}", offset, wire::name_of(read.code));
    }
    TRY(const std::string bytes, read_ranges(read.ranges));
    if (bytes.empty()) return {};
    for (std::string_view rest = bytes; !rest.empty();) {
      TRY(const auto header, wire::read_batch_header(rest));
      if (header.size() > rest.size()) return fail(ErrorKind::corrupt, "a batch at offset {} ends early", offset);
      TRY(read_batch(rest.substr(0, header.size()), on_row, on_end));
      offset = header.next_offset();
      rest.remove_prefix(header.size());
    }
  }
  return {};
}

}  // namespace weir::broker
