#include "wire/record_batch.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"
#include "wire/record_layout.h"

namespace weir::wire {
namespace {

// Where the header's fields stand.
constexpr std::size_t kBaseOffsetAt = 0;
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kLastOffsetDeltaAt = 23;
constexpr std::size_t kBaseTimestampAt = 27;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::size_t kProducerIdAt = 43;
constexpr std::size_t kProducerEpochAt = 51;
constexpr std::size_t kBaseSequenceAt = 53;
constexpr std::size_t kRecordCountAt = 57;
static_assert(kRecordCountAt + sizeof(std::int32_t) == kBatchHeaderBytes);

constexpr std::int8_t kMagic = 2;
constexpr std::int16_t kCodecMask = 0x07;
constexpr std::int16_t kLogAppendTime = 0x08;
constexpr std::int16_t kTransactional = 0x10;
constexpr std::int16_t kControl = 0x20;
constexpr std::int16_t kDeleteHorizon = 0x40;

constexpr std::size_t kBatchBytesMax = std::numeric_limits<std::int32_t>::max();

// Kafka's types of control records.
constexpr std::int16_t kAbort = 0;
constexpr std::int16_t kCommit = 1;
constexpr std::size_t kEndMarkerKeyBytes = 4;    // Version and type, 16 bits each.
constexpr std::size_t kEndMarkerValueBytes = 6;  // Version, 16 bits, and coordinator epoch, 32.

std::uint32_t crc_of(std::string_view batch) {
  return crc32c(batch.substr(kAttributesAt));
}

void append_nullable(std::string& out, const std::optional<std::string_view>& bytes) {
  append_varint(out, bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
  if (bytes) out.append(*bytes);
}

// Of the varint of a size or count.
std::size_t varint_size(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value << 1) ^ static_cast<std::uint64_t>(value >> 63);
  return (static_cast<std::size_t>(std::bit_width(bits | 1)) + 6) / 7;
}

std::size_t nullable_size(const std::optional<std::string_view>& bytes) {
  return bytes ? varint_size(static_cast<std::int64_t>(bytes->size())) + bytes->size() : varint_size(-1);
}

template <typename Unsigned>
void append_unsigned(std::string& out, Unsigned bits) {
  for (; bits >= 0x80; bits >>= 7) out += static_cast<char>(bits | 0x80);
  out += static_cast<char>(bits);
}

}  // namespace

void append_varint(std::string& out, std::int32_t value) {
  append_unsigned(out, (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31));
}

void append_varlong(std::string& out, std::int64_t value) {
  append_unsigned(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

std::int32_t BatchHeader::last_sequence() const {
  if (base_sequence < 0) return -1;
  constexpr std::int64_t kSequences = std::int64_t{1} << 31;
  return static_cast<std::int32_t>((std::int64_t{base_sequence} + last_offset_delta) % kSequences);
}

Result<BatchHeader> read_batch_header(std::string_view bytes) {
  // The magic stands where it stood in the older formats, whose messages may be shorter than our header.
  if (bytes.size() > kMagicAt && bytes[kMagicAt] != kMagic) {
    return fail(ErrorKind::corrupt, "record batch has format {}; only format {} is supported", int{bytes[kMagicAt]},
                int{kMagic});
  }
  if (bytes.size() < kBatchHeaderBytes) {
    return fail(ErrorKind::corrupt, "record batch is cut off: {} bytes where its header takes {}", bytes.size(),
                kBatchHeaderBytes);
  }
  const char* at = bytes.data();
  const BatchHeader header{.base_offset = load_big<std::int64_t>(at + kBaseOffsetAt),
                           .length = load_big<std::int32_t>(at + kLengthAt),
                           .leader_epoch = load_big<std::int32_t>(at + kLeaderEpochAt),
                           .magic = kMagic,
                           .crc = load_big<std::uint32_t>(at + kCrcAt),
                           .attributes = load_big<std::int16_t>(at + kAttributesAt),
                           .last_offset_delta = load_big<std::int32_t>(at + kLastOffsetDeltaAt),
                           .base_timestamp = load_big<std::int64_t>(at + kBaseTimestampAt),
                           .max_timestamp = load_big<std::int64_t>(at + kMaxTimestampAt),
                           .producer_id = load_big<std::int64_t>(at + kProducerIdAt),
                           .producer_epoch = load_big<std::int16_t>(at + kProducerEpochAt),
                           .base_sequence = load_big<std::int32_t>(at + kBaseSequenceAt),
                           .record_count = load_big<std::int32_t>(at + kRecordCountAt)};
  if (header.length < static_cast<std::int32_t>(kBatchHeaderBytes - kBatchPrefixBytes)) {
    return fail(ErrorKind::corrupt, "record batch says a length of {}, less than its header's", header.length);
  }
  if (header.last_offset_delta < 0 || header.record_count < 0 || header.record_count - 1 > header.last_offset_delta) {
    return fail(ErrorKind::corrupt, "record batch cannot hold {} records with a last offset delta of {}",
                header.record_count, header.last_offset_delta);
  }
  // next_offset() must be a number, too.
  if (header.base_offset > std::numeric_limits<std::int64_t>::max() - header.last_offset_delta - 1) {
    return fail(ErrorKind::corrupt, "record batch has offsets beyond 2^63: base offset {}, last offset delta {}",
                header.base_offset, header.last_offset_delta);
  }
  return header;
}

bool is_crc_right(std::string_view batch) {
  CHECK_GE(batch.size(), kBatchHeaderBytes);
  return crc_of(batch) == load_big<std::uint32_t>(batch.data() + kCrcAt);
}

void set_base_offset(char* batch, std::int64_t base_offset) {
  store_big(batch + kBaseOffsetAt, base_offset);
}

void set_leader_epoch(char* batch, std::int32_t leader_epoch) {
  store_big(batch + kLeaderEpochAt, leader_epoch);
}

void set_log_append_time(char* batch, std::size_t size, std::int64_t timestamp) {
  CHECK_GE(size, kBatchHeaderBytes);
  const auto attributes = load_big<std::int16_t>(batch + kAttributesAt);
  store_big(batch + kAttributesAt, static_cast<std::int16_t>(attributes | kLogAppendTime));
  store_big(batch + kMaxTimestampAt, timestamp);
  store_big(batch + kCrcAt, crc_of({batch, size}));
}

Result<RecordReader> RecordReader::open(std::string_view batch, std::size_t decompressed_max) {
  RecordReader reader;
  TRY(reader.header_, read_batch_header(batch));
  const BatchHeader& header = reader.header_;
  if (header.size() != batch.size()) {
    return fail(ErrorKind::corrupt, "record batch takes {} bytes and says {}", batch.size(), header.size());
  }
  reader.plain_ = batch.substr(kBatchHeaderBytes);
  // A batch that compaction has emptied may keep its codec, and has nothing to decompress.
  const bool is_emptied = header.record_count == 0 && reader.plain_.empty();
  if (header.codec_number() != static_cast<int>(Codec::none) && !is_emptied) {
    TRY(reader.decompressed_, decompress(header.codec(), reader.plain_, decompressed_max));
    reader.is_decompressed_ = true;
  }
  return reader;
}

Result<bool> RecordReader::next(Record& record) {
  RecordCursor cursor(records().substr(position_));
  if (records_read_ == header_.record_count) {
    if (cursor.remaining() == 0) return false;
    return fail(ErrorKind::corrupt, "batch at offset {}: {} bytes are left over behind its {} records",
                header_.base_offset, cursor.remaining(), header_.record_count);
  }
  record.headers.clear();
  RecordFields fields;
  const char* fault =
      read_record(cursor, fields, [&record](std::string_view key, std::optional<std::string_view> value) {
        record.headers.push_back({key, value});
      });
  if (fault == nullptr && (fields.offset_delta <= last_delta_ || fields.offset_delta > header_.last_offset_delta)) {
    fault = "its offset does not lie between the last record's and the batch's last";
  }
  if (fault != nullptr) {
    return fail(ErrorKind::corrupt, "record {} of the batch at offset {}: {}", records_read_, header_.base_offset,
                fault);
  }
  record.offset = header_.base_offset + fields.offset_delta;
  record.timestamp = header_.has_log_append_time() ? header_.max_timestamp
                                                   : add_wrapping(header_.base_timestamp, fields.timestamp_delta);
  record.key = fields.key;
  record.value = fields.value;
  position_ = records().size() - cursor.remaining();
  last_delta_ = fields.offset_delta;
  ++records_read_;
  return true;
}

void BatchWriter::add(const Record& record) {
  if (record_count_ == 0) {
    base_offset_ = options_.base_offset.value_or(record.offset);
    base_timestamp_ = options_.delete_horizon.value_or(record.timestamp);
    max_timestamp_ = record.timestamp;
    CHECK_GE(record.offset, base_offset_);
  } else {
    CHECK_LT(last_offset_, record.offset);
    max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  }
  const std::int64_t offset_delta = record.offset - base_offset_;
  CHECK_LT(offset_delta, std::numeric_limits<std::int32_t>::max());
  const std::int64_t timestamp_delta = subtract_wrapping(record.timestamp, base_timestamp_);
  const auto header_count = static_cast<std::int32_t>(record.headers.size());

  std::size_t size = 1 + varint_size(timestamp_delta) + varint_size(offset_delta) + nullable_size(record.key) +
                     nullable_size(record.value) + varint_size(header_count);
  for (const Header& header : record.headers) size += nullable_size(header.key) + nullable_size(header.value);
  CHECK_LT(records_.size() + size, kBatchBytesMax - kBatchHeaderBytes);

  append_varint(records_, static_cast<std::int32_t>(size));
  const std::size_t begin = records_.size();
  records_ += '\0';  // Attributes.
  append_varlong(records_, timestamp_delta);
  append_varint(records_, static_cast<std::int32_t>(offset_delta));
  append_nullable(records_, record.key);
  append_nullable(records_, record.value);
  append_varint(records_, header_count);
  for (const Header& header : record.headers) {
    append_nullable(records_, header.key);
    append_nullable(records_, header.value);
  }
  CHECK_EQ(records_.size() - begin, size);
  last_offset_ = record.offset;
  ++record_count_;
}

std::string BatchWriter::take() {
  if (record_count_ == 0) {
    CHECK(options_.base_offset && options_.last_offset);
    base_offset_ = *options_.base_offset;
    last_offset_ = base_offset_;
    base_timestamp_ = options_.delete_horizon.value_or(-1);
  }
  const std::int64_t last_offset = options_.last_offset.value_or(last_offset_);
  CHECK_GE(last_offset, last_offset_);
  CHECK_LE(last_offset - base_offset_, std::numeric_limits<std::int32_t>::max());
  const std::string_view kept = records_;
  const bool is_compressed = options_.codec != Codec::none && record_count_ > 0;
  const std::string compressed = is_compressed ? compress(options_.codec, kept) : std::string();
  const std::string_view records = is_compressed ? std::string_view(compressed) : kept;
  CHECK_LE(records.size(), kBatchBytesMax - kBatchHeaderBytes);

  auto attributes = static_cast<std::int16_t>(options_.attributes & ~(kCodecMask | kDeleteHorizon));
  if (is_compressed) attributes = static_cast<std::int16_t>(attributes | static_cast<std::int16_t>(options_.codec));
  if (options_.delete_horizon) attributes = static_cast<std::int16_t>(attributes | kDeleteHorizon);

  std::string batch(kBatchHeaderBytes, '\0');
  char* at = batch.data();
  store_big(at + kBaseOffsetAt, base_offset_);
  store_big(at + kLengthAt, static_cast<std::int32_t>(kBatchHeaderBytes - kBatchPrefixBytes + records.size()));
  store_big(at + kLeaderEpochAt, options_.leader_epoch);
  store_big(at + kMagicAt, kMagic);
  store_big(at + kAttributesAt, attributes);
  store_big(at + kLastOffsetDeltaAt, static_cast<std::int32_t>(last_offset - base_offset_));
  store_big(at + kBaseTimestampAt, base_timestamp_);
  store_big(at + kMaxTimestampAt, max_timestamp_);
  store_big(at + kProducerIdAt, options_.producer_id);
  store_big(at + kProducerEpochAt, options_.producer_epoch);
  store_big(at + kBaseSequenceAt, options_.base_sequence);
  store_big(at + kRecordCountAt, record_count_);
  batch.append(records);
  store_big(batch.data() + kCrcAt, crc_of(batch));
  *this = BatchWriter(options_);
  return batch;
}

std::string end_marker(std::int64_t producer_id, std::int16_t producer_epoch, std::int32_t coordinator_epoch,
                       bool is_commit, std::int64_t timestamp) {
  constexpr std::int16_t kVersion = 0;
  std::string key;
  append_big(key, kVersion);
  append_big(key, is_commit ? kCommit : kAbort);
  std::string value;
  append_big(value, kVersion);
  append_big(value, coordinator_epoch);
  BatchWriter writer(
      {.attributes = kTransactional | kControl, .producer_id = producer_id, .producer_epoch = producer_epoch});
  writer.add({.timestamp = timestamp, .key = key, .value = value});
  return writer.take();
}

Result<EndMarker> read_end_marker(std::string_view batch) {
  // Control batches are never compressed.
  TRY(RecordReader reader, RecordReader::open(batch, 0));
  if (!reader.header().is_control()) return fail(ErrorKind::corrupt, "a data batch ends no transaction");
  Record record;
  TRY(const bool has_record, reader.next(record));
  if (!has_record) return fail(ErrorKind::corrupt, "control batch is empty");
  // Newer versions of key and value only add to their ends.
  if (!record.key || record.key->size() < kEndMarkerKeyBytes || !record.value ||
      record.value->size() < kEndMarkerValueBytes) {
    return fail(ErrorKind::corrupt, "control record is no end marker: its key or value is too short");
  }
  const auto type = load_big<std::int16_t>(record.key->data() + sizeof(std::int16_t));
  if (type != kAbort && type != kCommit) {
    return fail(ErrorKind::corrupt, "control record is no end marker: its type is {}", type);
  }
  const auto coordinator_epoch = load_big<std::int32_t>(record.value->data() + sizeof(std::int16_t));
  TRY(const bool has_more, reader.next(record));
  if (has_more) return fail(ErrorKind::corrupt, "control batch holds more than one record");
  return EndMarker{.is_commit = type == kCommit, .coordinator_epoch = coordinator_epoch};
}

}  // namespace weir::wire
