#pragma once

// Record batches, format 2 (Kafka's implementation notes, "Record Batch"): the unit that producers send, the log keeps
// byte for byte, and consumers get. All numbers are big-endian; the CRC-32C covers everything from the attributes on,
// so that base offset and leader epoch can be written without touching it.
//
// Pure functions over bytes; any thread may call them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/codec.h"

namespace weir::wire {

inline constexpr std::size_t kBatchHeaderBytes = 61;
// What stands before the bytes that BatchHeader::length counts: base offset and the length itself.
inline constexpr std::size_t kBatchPrefixBytes = 12;

struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t length = 0;  // Of what follows this number.
  std::int32_t leader_epoch = -1;
  std::int8_t magic = 2;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;  // Milliseconds since 1970; the delete horizon if has_delete_horizon().
  std::int64_t max_timestamp = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t record_count = 0;

  std::size_t size() const { return kBatchPrefixBytes + static_cast<std::size_t>(length); }
  std::int64_t last_offset() const { return base_offset + last_offset_delta; }
  std::int64_t next_offset() const { return last_offset() + 1; }
  int codec_number() const { return attributes & 0x07; }  // 5 to 7 name no codec.
  Codec codec() const { return static_cast<Codec>(codec_number()); }
  bool has_log_append_time() const { return (attributes & 0x08) != 0; }
  bool is_transactional() const { return (attributes & 0x10) != 0; }
  bool is_control() const { return (attributes & 0x20) != 0; }
  bool has_delete_horizon() const { return (attributes & 0x40) != 0; }
  bool has_producer() const { return producer_id >= 0; }
  // Sequences wrap to 0 after 2^31-1; -1 if the batch has none.
  std::int32_t last_sequence() const;
};

// Reads the header at the front of `bytes`, which may end anywhere after it. Says nothing of the CRC.
// ErrorKind::corrupt if there are fewer than 61 bytes, the magic is not 2, or length, count or last offset delta cannot
// be: a length that ends inside the header, a negative number, more records than offsets, or offsets that leave 63
// bits.
Result<BatchHeader> read_batch_header(std::string_view bytes);

// `batch` is one whole batch whose header was read.
bool is_crc_right(std::string_view batch);

// In place, in one whole batch whose header was read.
void set_base_offset(char* batch, std::int64_t base_offset);
void set_leader_epoch(char* batch, std::int32_t leader_epoch);
// Sets the timestamp type to log append time and the maximal timestamp, and the CRC anew.
void set_log_append_time(char* batch, std::size_t size, std::int64_t timestamp);

struct Header {
  std::string_view key;
  std::optional<std::string_view> value;
};

struct Record {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;  // Milliseconds since 1970.
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  // Absent: a tombstone.
  std::vector<Header> headers;
};

// Walks the records of one whole batch, decompressing them if need be. What `next` gives borrows from the batch, which
// outlives the reader, or from the reader if the batch was compressed; moving the reader ends that loan. The CRC is not
// looked at. One thread at a time.
class RecordReader {
 public:
  // ErrorKind::corrupt if the records cannot be decompressed or would take more than `decompressed_max` bytes.
  static Result<RecordReader> open(std::string_view batch, std::size_t decompressed_max);

  // False at the end; ErrorKind::corrupt if a record is malformed, its offset does not rise or lies behind the batch's
  // last, or bytes are left over or missing. After an error the reader is of no more use.
  Result<bool> next(Record& record);

  const BatchHeader& header() const { return header_; }

 private:
  RecordReader() = default;
  std::string_view records() const { return is_decompressed_ ? std::string_view(decompressed_) : plain_; }

  BatchHeader header_;
  std::string decompressed_;
  bool is_decompressed_ = false;
  std::string_view plain_;    // The records' bytes if they were not compressed.
  std::size_t position_ = 0;  // In the records' bytes.
  std::int32_t records_read_ = 0;
  std::int32_t last_delta_ = -1;
};

// Makes one batch. Offsets must rise; the first record's is the base offset unless Options says otherwise. Records are
// copied. One thread at a time.
class BatchWriter {
 public:
  struct Options {
    Codec codec = Codec::none;
    std::int16_t attributes = 0;  // Besides the codec: log append time, transactional, control. See `delete_horizon`.
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    std::int32_t base_sequence = -1;
    std::int32_t leader_epoch = -1;
    // What compaction keeps of a batch whose first or last records it drops; set both, and the batch may be empty.
    std::optional<std::int64_t> base_offset;
    std::optional<std::int64_t> last_offset;
    // Milliseconds since 1970, from when on compaction may drop tombstones and end markers; sets the attribute.
    std::optional<std::int64_t> delete_horizon;
  };
  explicit BatchWriter(Options options) : options_(options) {}

  void add(const Record& record);
  bool empty() const { return record_count_ == 0; }
  // Of the records added so far, before compression, without the batch's header. Stays below 2^31 - 61.
  std::size_t uncompressed_size() const { return records_.size(); }
  // The whole batch, CRC set; the writer is then as if new.
  std::string take();

 private:
  Options options_;
  std::string records_;
  std::int64_t base_offset_ = 0;
  std::int64_t last_offset_ = 0;
  std::int64_t base_timestamp_ = -1;
  std::int64_t max_timestamp_ = -1;
  std::int32_t record_count_ = 0;
};

// A batch that ends a transaction: one control record (KIP-98, "Control Messages") at offset 0, which the log moves.
std::string end_marker(std::int64_t producer_id, std::int16_t producer_epoch, std::int32_t coordinator_epoch,
                       bool is_commit, std::int64_t timestamp);

struct EndMarker {
  bool is_commit = false;
  std::int32_t coordinator_epoch = 0;
};
// Of one whole batch. ErrorKind::corrupt if it is not a control batch whose one record is an end marker.
Result<EndMarker> read_end_marker(std::string_view batch);

}  // namespace weir::wire
