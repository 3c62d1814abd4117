// The writing side of a partition: checks of what producers send, appends, rolls, and flushes.

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "log/partition_state.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"
#include "wire/record_validation.h"

namespace weir::log {
namespace {

using wire::ErrorCode;

// A batch header's fields that correct_max_timestamp() writes (wire/record_batch.h).
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kMaxTimestampAt = 35;
// Attributes that producers may set: codec and transactional. Time type, control and delete horizon are the log's.
constexpr std::int16_t kTransactionalAttribute = 0x10;
constexpr std::int64_t kSegmentOffsetsMax = std::numeric_limits<std::int32_t>::max();

std::unexpected<AppendFailure> refuse(ErrorCode code, std::string message) {
  return std::unexpected(AppendFailure{.code = code, .message = std::move(message), .records = {}});
}

std::unexpected<AppendFailure> storage_failed(const std::string& message) {
  return refuse(ErrorCode::kafka_storage_error, message);
}

// Some producers leave a maximum that is none of their records'; look-ups by time trust it.
void correct_max_timestamp(std::span<char> batch, std::int64_t timestamp) {
  wire::store_big(batch.data() + kMaxTimestampAt, timestamp);
  const std::string_view covered(batch.data() + kAttributesAt, batch.size() - kAttributesAt);
  wire::store_big(batch.data() + kCrcAt, wire::crc32c(covered));
}

std::optional<wire::Codec> codec_named(std::string_view name) {
  if (name == "uncompressed") return wire::Codec::none;
  if (name == "gzip") return wire::Codec::gzip;
  if (name == "snappy") return wire::Codec::snappy;
  if (name == "lz4") return wire::Codec::lz4;
  if (name == "zstd") return wire::Codec::zstd;
  return std::nullopt;  // "producer"
}

}  // namespace

struct Partition::State::Incoming {
  wire::BatchHeader header;
  std::span<char> bytes;
  std::string converted;  // What `bytes` points to if the batch was compressed anew.
};

std::expected<std::vector<Partition::State::Incoming>, AppendFailure> Partition::State::parse(
    std::span<char> records) const {
  std::vector<Incoming> batches;
  while (!records.empty()) {
    const auto header = wire::read_batch_header({records.data(), records.size()});
    if (!header) return refuse(ErrorCode::corrupt_message, header.error().message);
    if (header->size() > records.size()) {
      return refuse(ErrorCode::corrupt_message, "the last record batch is cut off");
    }
    if (header->size() > static_cast<std::uint64_t>(config_.max_message_bytes)) {
      return refuse(ErrorCode::message_too_large, fmt::format("a record batch has {} bytes; max.message.bytes is {}",
                                                              header->size(), config_.max_message_bytes));
    }
    const std::span<char> bytes = records.first(header->size());
    if (!wire::is_crc_right({bytes.data(), bytes.size()})) {
      return refuse(ErrorCode::corrupt_message, "a record batch has a wrong checksum");
    }
    batches.push_back({.header = *header, .bytes = bytes, .converted = {}});
    records = records.subspan(header->size());
  }
  if (batches.empty()) return refuse(ErrorCode::invalid_record, "there is no record batch");
  return batches;
}

std::expected<void, AppendFailure> Partition::State::check_times(const Incoming& batch, std::int64_t min,
                                                                 std::int64_t max, Millis now) const {
  const auto is_wrong = [&](Millis time) {
    // Unsigned differences cannot overflow; a limit of 2^63-1 never applies.
    const auto distance = [](Millis a, Millis b) {
      return static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
    };
    if (time <= now) return distance(now, time) > static_cast<std::uint64_t>(config_.timestamp_before_max_ms);
    return distance(time, now) > static_cast<std::uint64_t>(config_.timestamp_after_max_ms);
  };
  if (!is_wrong(min) && !is_wrong(max)) return {};
  AppendFailure failure{.code = ErrorCode::invalid_timestamp,
                        .message =
                            "records have times outside of message.timestamp.before.max.ms and "
                            "message.timestamp.after.max.ms",
                        .records = {}};
  auto reader = wire::RecordReader::open({batch.bytes.data(), batch.bytes.size()}, decompressed_max_);
  wire::Record record;
  for (std::int32_t index = 0; reader && failure.records.size() < wire::kRecordFaultsMax; ++index) {
    const auto has_record = reader->next(record);
    if (!has_record || !*has_record) break;
    if (is_wrong(record.timestamp)) {
      failure.records.push_back({index, fmt::format("the time {} is out of range at {}", record.timestamp, now)});
    }
  }
  return std::unexpected(std::move(failure));
}

// Kafka's compression.type: what producers compressed otherwise is compressed anew.
std::expected<void, AppendFailure> Partition::State::convert(Incoming& batch) const {
  const auto wanted = codec_named(config_.compression_type);
  if (!wanted || *wanted == batch.header.codec()) return {};
  auto reader = wire::RecordReader::open({batch.bytes.data(), batch.bytes.size()}, decompressed_max_);
  if (!reader) return refuse(ErrorCode::corrupt_message, reader.error().message);
  wire::BatchWriter writer({.codec = *wanted,
                            .attributes = static_cast<std::int16_t>(batch.header.attributes & kTransactionalAttribute),
                            .producer_id = batch.header.producer_id,
                            .producer_epoch = batch.header.producer_epoch,
                            .base_sequence = batch.header.base_sequence,
                            .leader_epoch = batch.header.leader_epoch,
                            .base_offset = std::nullopt,
                            .last_offset = std::nullopt,
                            .delete_horizon = std::nullopt});
  wire::Record record;
  while (true) {
    const auto has_record = reader->next(record);
    if (!has_record) return refuse(ErrorCode::corrupt_message, has_record.error().message);
    if (!*has_record) break;
    writer.add(record);
  }
  batch.converted = writer.take();
  batch.bytes = batch.converted;
  const auto header = wire::read_batch_header(batch.converted);
  CHECK(header.has_value());
  batch.header = *header;
  return {};
}

std::expected<void, AppendFailure> Partition::State::validate(Incoming& batch, Millis now, Origin origin) const {
  // What the broker makes itself is sound, and has no sequence, which validate_records() asks for.
  if (origin == Origin::coordinator) return {};
  if (batch.header.has_delete_horizon()) {
    return refuse(ErrorCode::invalid_record, "a producer's record batch has a delete horizon");
  }
  if (batch.header.has_log_append_time()) {
    return refuse(ErrorCode::invalid_timestamp, "a producer's record batch claims times of the log");
  }
  const wire::RecordsVerdict verdict =
      wire::validate_records({batch.bytes.data(), batch.bytes.size()}, decompressed_max_, config_.is_compacted);
  if (!verdict.is_valid()) {
    AppendFailure failure{.code = ErrorCode::invalid_record, .message = verdict.reason, .records = {}};
    for (const wire::RecordFault& fault : verdict.records) failure.records.push_back({fault.index, fault.reason});
    return std::unexpected(std::move(failure));
  }
  if (!config_.has_log_append_time) {
    if (const auto times = check_times(batch, verdict.min_timestamp, verdict.max_timestamp, now); !times) return times;
  }
  if (const auto converted = convert(batch); !converted) return converted;
  if (config_.has_log_append_time) {
    wire::set_log_append_time(batch.bytes.data(), batch.bytes.size(), now);
    batch.header.max_timestamp = now;
  } else if (batch.header.max_timestamp != verdict.max_timestamp) {
    correct_max_timestamp(batch.bytes, verdict.max_timestamp);
    batch.header.max_timestamp = verdict.max_timestamp;
  }
  return {};
}

// Sequences and epochs of all batches, one after the other; the answer if they were appended before.
std::expected<std::optional<Appended>, AppendFailure> Partition::State::check_producers(
    std::span<const Incoming> batches, Origin origin) const {
  const bool has_producer = std::ranges::any_of(batches, [](const Incoming& b) { return b.header.has_producer(); });
  if (!has_producer) return std::nullopt;
  // A producer sends one batch a time to each partition (Kafka's Produce from version 3); a repeat must be whole.
  if (batches.size() > 1) {
    return refuse(ErrorCode::invalid_record, "a producer with an id must send one record batch per partition");
  }
  if (origin == Origin::coordinator) {
    const auto allowed = producers_.check_epoch(batches.front().header);
    if (!allowed) return refuse(allowed.error().code, allowed.error().message);
    return std::nullopt;
  }
  const auto known = producers_.check(batches.front().header);
  if (!known) return refuse(known.error().code, known.error().message);
  if (!*known) return std::nullopt;
  return Appended{.base_offset = (*known)->first_offset,
                  .last_offset = (*known)->last_offset,
                  .log_append_time = config_.has_log_append_time ? (*known)->timestamp : -1,
                  .is_duplicate = true};
}

std::expected<Appended, AppendFailure> Partition::State::append(std::span<char> records, Millis now, Origin origin) {
  if (!failure_.empty()) return storage_failed(failure_);
  auto batches = parse(records);
  if (!batches) return std::unexpected(std::move(batches.error()));
  // Before the records are validated and changed: a repeat needs neither.
  const auto known = check_producers(*batches, origin);
  if (!known) return std::unexpected(known.error());
  if (*known) return **known;
  std::uint64_t size = 0;
  for (Incoming& batch : *batches) {
    if (const auto valid = validate(batch, now, origin); !valid) return std::unexpected(valid.error());
    size += batch.bytes.size();
  }
  const std::int64_t base = end_offset_;
  if (const auto written = write(*batches, size, now); !written) return std::unexpected(written.error());
  return Appended{
      .base_offset = base, .last_offset = end_offset_ - 1, .log_append_time = config_.has_log_append_time ? now : -1};
}

bool Partition::State::is_roll_due(const Segment& active, Millis now) const {
  if (active.size() == 0 || active.begun() < 0) return false;
  const std::int64_t jitter = config_.segment_jitter_ms <= 0 ? 0 : active.base() % config_.segment_jitter_ms;
  return now - active.begun() >= config_.segment_ms - jitter;
}

std::expected<void, AppendFailure> Partition::State::make_room(std::uint64_t size, std::int64_t offsets, Millis now) {
  const auto segment_bytes = static_cast<std::uint64_t>(config_.segment_bytes);
  if (size > segment_bytes) {
    return refuse(ErrorCode::record_list_too_large,
                  fmt::format("the record batches have {} bytes; segment.bytes is {}", size, segment_bytes));
  }
  const Segment* active = this->active();
  const bool is_rolled = active == nullptr || active->size() + size > segment_bytes ||
                         end_offset_ + offsets - active->base() > kSegmentOffsetsMax || is_roll_due(*active, now);
  if (!is_rolled || (active != nullptr && active->base() == end_offset_)) return {};
  if (const Status rolled = roll(now); !rolled) return storage_failed(rolled.error().message);
  return {};
}

Status Partition::State::roll(Millis now) {
  static_cast<void>(now);
  Segment* old = active();
  if (old != nullptr && old->base() == end_offset_) return {};
  TRY(auto segment, Segment::create(directory_, end_offset_));
  // Were the first one's name lost and a later one's not, the start of the log would seem to have been deleted.
  if (old == nullptr) TRY(directory_->sync());
  if (old != nullptr) {
    // The index is a cache and the snapshot saves time: neither may stop the log.
    static_cast<void>(old->close(end_offset_));
    static_cast<void>(write_snapshot(false));
    old->rest();
  }
  segments_.push_back(std::move(segment));
  is_directory_dirty_ = true;
  return {};
}

std::expected<void, AppendFailure> Partition::State::write(std::span<Incoming> batches, std::uint64_t size,
                                                           Millis now) {
  std::int64_t offset = end_offset_;
  for (Incoming& batch : batches) {
    wire::set_base_offset(batch.bytes.data(), offset);
    wire::set_leader_epoch(batch.bytes.data(), leader_epoch_);
    batch.header.base_offset = offset;
    batch.header.leader_epoch = leader_epoch_;
    offset = batch.header.next_offset();
  }
  if (const auto room = make_room(size, offset - end_offset_, now); !room) return room;

  Segment& segment = *active();
  std::uint64_t position = segment.size();
  // What a producer sent at once lies in one run of bytes, unless a batch was converted.
  const bool is_one_run = std::ranges::all_of(batches, [](const Incoming& b) { return b.converted.empty(); });
  std::string joined;
  if (!is_one_run) {
    for (const Incoming& batch : batches) joined.append(batch.bytes.data(), batch.bytes.size());
  }
  const std::string_view bytes = is_one_run ? std::string_view(batches.front().bytes.data(), size) : joined;
  bool is_broken = false;
  const Status written = segment.append(bytes, is_broken);
  // After a failure too: that the file was cut back must reach the device before a later segment's records do.
  if (const auto file = segment.file(); file && (dirty_files_.empty() || dirty_files_.back() != *file)) {
    dirty_files_.push_back(*file);
  }
  if (!written) {
    if (is_broken) failure_ = fmt::format("partition {}: {}; it must be opened anew", name_, written.error().message);
    return storage_failed(written.error().message);
  }
  note_epoch();
  for (const Incoming& batch : batches) {
    segment.add(batch.header, position, config_.index_interval_bytes, now);
    if (batch.header.has_producer() && !batch.header.is_control()) {
      if (producers_.empty()) no_producers_at_ = batch.header.base_offset;
      producers_.add(batch.header, now);
      producers_changed_at_ = batch.header.next_offset();
    }
    position += batch.header.size();
    end_offset_ = batch.header.next_offset();
  }
  unflushed_bytes_ += size;
  bytes_since_snapshot_ += size;
  return {};
}

std::expected<Appended, AppendFailure> Partition::State::append_end_marker(std::int64_t producer_id,
                                                                           std::int16_t producer_epoch,
                                                                           std::int32_t coordinator_epoch,
                                                                           bool is_commit, Millis now) {
  if (!failure_.empty()) return storage_failed(failure_);
  if (const auto checked = producers_.check_marker(producer_id, producer_epoch, coordinator_epoch); !checked) {
    return refuse(checked.error().code, checked.error().message);
  }
  std::string bytes = wire::end_marker(producer_id, producer_epoch, coordinator_epoch, is_commit, now);
  const auto header = wire::read_batch_header(bytes);
  CHECK(header.has_value());
  std::vector<Incoming> batches;
  const std::size_t size = bytes.size();
  batches.push_back({.header = *header, .bytes = bytes, .converted = {}});
  if (const auto written = write(batches, size, now); !written) return std::unexpected(written.error());

  const std::int64_t marker_offset = end_offset_ - 1;
  if (producers_.empty()) no_producers_at_ = marker_offset;
  const std::int64_t first = producers_.add_marker(producer_id, producer_epoch, coordinator_epoch, now);
  producers_changed_at_ = end_offset_;
  if (first < 0) return Appended{.base_offset = marker_offset, .last_offset = marker_offset};
  unflushed_ends_.push_back({.first_offset = first, .marker_offset = marker_offset});
  if (!is_commit) {
    AbortedIndex& index = active()->aborted();
    const Status added = index.add({.producer_id = producer_id,
                                    .first_offset = first,
                                    .marker_offset = marker_offset,
                                    .stable_offset = producers_.first_open_offset().value_or(end_offset_)});
    // The marker stands and its entry does not: readers would take the aborted records for committed ones. What was
    // written is found again when the partition is opened anew.
    if (!added) {
      failure_ = fmt::format("partition {}: {}; it must be opened anew", name_, added.error().message);
      return storage_failed(failure_);
    }
    is_directory_dirty_ = index.take_made() || is_directory_dirty_;
    if (auto file = index.take_dirty(); std::ranges::find(dirty_files_, file) == dirty_files_.end()) {
      dirty_files_.push_back(std::move(file));
    }
  }
  return Appended{.base_offset = marker_offset, .last_offset = marker_offset};
}

void Partition::State::note_epoch() {
  if (epochs_.empty() || epochs_.back().epoch < leader_epoch_) epochs_.push_back({leader_epoch_, end_offset_});
}

Place Partition::State::end_place() const {
  if (segments_.empty()) return {.segment = end_offset_, .position = 0};
  return {.segment = segments_.back()->base(), .position = segments_.back()->size()};
}

std::optional<FlushPlan> Partition::State::take_flush() {
  const bool is_all_synced = flushed_offset_ == end_offset_ && dirty_files_.empty() && !is_directory_dirty_;
  if (is_flush_taken_ || !failure_.empty() || is_all_synced) return std::nullopt;
  is_flush_taken_ = true;
  flush_end_ = end_offset_;
  flush_place_ = end_place();
  flush_bytes_ = unflushed_bytes_;
  FlushPlan plan{.files = std::move(dirty_files_), .directory = nullptr, .end_offset = end_offset_};
  dirty_files_.clear();
  if (std::exchange(is_directory_dirty_, false)) plan.directory = directory_;
  return plan;
}

void Partition::State::flushed(const FlushPlan& plan, const Status& result) {
  CHECK(is_flush_taken_);
  CHECK_EQ(plan.end_offset, flush_end_);
  is_flush_taken_ = false;
  if (!result) {
    // The kernel may have dropped what it could not write, and would call the next sync a success.
    failure_ =
        fmt::format("partition {}: {}; nothing is acknowledged until it is opened anew", name_, result.error().message);
    return;
  }
  remember(flush_end_, flush_place_);
  flushed_offset_ = flush_end_;
  flushed_place_ = flush_place_;
  unflushed_bytes_ -= flush_bytes_;
  std::erase_if(unflushed_ends_, [this](const EndedTransaction& end) { return end.marker_offset < flushed_offset_; });
}

Status sync_files(const FlushPlan& plan) {
  for (const auto& file : plan.files) TRY(file->sync());
  if (plan.directory != nullptr) TRY(plan.directory->sync());
  return {};
}

}  // namespace weir::log
