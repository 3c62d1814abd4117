#pragma once

// One partition: an ordered run of record batches in segments, with what producers and transactions left. It takes and
// gives whole batches and never looks inside a record except to validate and to compact.
//
// One thread owns a partition and calls everything here, except that what take_flush() and plan_compaction() return is
// carried out by any thread meanwhile; the owner is then told by flushed() and apply().
//
// Bytes are written to the operating system by append(), and are on the device once a flush that began later has ended.
// The high watermark is the end of what was flushed (in a relaxed topic, of what was written).

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "log/topic_config.h"
#include "wire/error_code.h"
#include "wire/record_batch.h"

namespace weir::log {

using Millis = std::int64_t;  // Since 1970.

struct AppendFailure {
  wire::ErrorCode code = wire::ErrorCode::unknown_server_error;
  std::string message;
  struct BadRecord {
    std::int32_t index = 0;  // In the batch.
    std::string message;
  };
  std::vector<BadRecord> records;
};

struct Appended {
  std::int64_t base_offset = -1;
  std::int64_t last_offset = -1;
  Millis log_append_time = -1;  // -1 where the producer's times were kept.
  bool is_duplicate = false;    // Answered with the offsets of the first time; nothing was written.
};

// Who writes: the broker's own rows of a transaction have no sequence numbers.
enum class Origin : std::uint8_t { client, coordinator };

struct FileRange {
  std::shared_ptr<const io::File> file;
  std::uint64_t position = 0;
  std::uint64_t size = 0;
};

enum class Isolation : std::uint8_t { uncommitted, committed };

struct AbortedTransaction {
  std::int64_t producer_id = -1;
  std::int64_t first_offset = -1;
};

struct ReadResult {
  wire::ErrorCode code = wire::ErrorCode::none;  // offset_out_of_range, kafka_storage_error.
  // With kafka_storage_error: the first offset after the quarantined range that holds the one asked for; -1 if the
  // trouble is another (the disk did not answer).
  std::int64_t next = -1;
  std::string message;            // Of kafka_storage_error, for the process's log.
  std::vector<FileRange> ranges;  // Whole batches, beginning with the one that holds the offset.
  std::uint64_t size = 0;
  std::vector<AbortedTransaction> aborted;  // For Isolation::committed.
};

struct TimedOffset {
  std::int64_t offset = -1;
  Millis timestamp = -1;
  std::int32_t leader_epoch = -1;
};

struct ActiveProducer {
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t last_sequence = -1;
  Millis last_timestamp = -1;
  std::int32_t coordinator_epoch = -1;
  std::int64_t transaction_first_offset = -1;  // -1 outside of a transaction.
};

// A flush that was begun: `files` in the order in which they must be synced. Carry out on any thread with sync_files().
struct FlushPlan {
  std::vector<std::shared_ptr<io::File>> files;
  std::shared_ptr<io::Directory> directory;  // To be synced too, if a segment was begun since; else null.
  std::int64_t end_offset = -1;
};
Status sync_files(const FlushPlan& plan);

// A range of bytes that was set aside because it was damaged although it had been flushed.
struct Quarantine {
  std::int64_t first_offset = -1;
  std::int64_t end_offset = -1;  // The first offset after it that can be read.
  std::uint64_t bytes = 0;
  std::string file;
  std::string reason;
  bool is_released = false;  // Given up: readers pass over it as over a gap that compaction left.
};

// What a look at all batches of a partition found.
struct Verification {
  std::uint64_t batches = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::vector<Quarantine> found;  // Damage that was not known before; it is quarantined now.
};

class Partition {
 public:
  ~Partition();

  // ------------------------------------------------ writing

  // `records` are one or more whole batches as a producer sent them; they are changed in place (offsets, leader epoch,
  // log append time). Checks sizes, CRC, counts, keys (compacted topics), timestamps, sequences and epochs. All batches
  // are taken or none. Control batches are refused.
  std::expected<Appended, AppendFailure> append(std::span<char> records, Millis now, Origin origin = Origin::client);
  // The end of a producer's transaction here.
  std::expected<Appended, AppendFailure> append_end_marker(std::int64_t producer_id, std::int16_t producer_epoch,
                                                           std::int32_t coordinator_epoch, bool is_commit, Millis now);

  // What is written but not flushed; nullopt if nothing is, or if a flush that was taken has not been told yet.
  std::optional<FlushPlan> take_flush();
  // The plan was carried out: moves the high watermark. A failed one makes the partition refuse everything but reads
  // with kafka_storage_error until it is opened anew.
  void flushed(const FlushPlan& plan, const Status& result);
  std::uint64_t unflushed_bytes() const;

  // ------------------------------------------------ reading

  // The first batch is given even if it is larger than `size_max`. Nothing at or after the high watermark (for
  // Isolation::committed, the last stable offset) is given; asked for exactly there, the answer is empty.
  ReadResult read(std::int64_t offset, std::uint64_t size_max, Isolation isolation) const;

  std::int64_t start_offset() const;        // The first that can be read.
  std::int64_t end_offset() const;          // The next to be written.
  std::int64_t high_watermark() const;      // End of what readers may see.
  std::int64_t last_stable_offset() const;  // First offset of the oldest open transaction, else the high watermark.
  std::int32_t leader_epoch() const;

  // The first record, not before start_offset(), whose timestamp is `timestamp` or later; offset -1 if there is none.
  Result<TimedOffset> find_by_time(Millis timestamp) const;
  // The record with the highest timestamp.
  Result<TimedOffset> find_max_timestamp() const;
  // The end of `epoch` (KIP-101): the largest epoch not above it and where the next one began; {-1, -1} if unknown.
  struct EpochEnd {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;
  };
  EpochEnd epoch_end(std::int32_t epoch) const;

  std::vector<ActiveProducer> producers() const;

  // ------------------------------------------------ keeping

  std::uint64_t size_bytes() const;
  const TopicConfig& config() const;
  void set_config(const TopicConfig& config);
  // Moves start_offset() forward (DeleteRecords); `offset` -1 means the high watermark. offset_out_of_range beyond it.
  std::expected<std::int64_t, wire::ErrorCode> delete_records(std::int64_t offset);
  // Rolls by time, drops whole segments that retention or delete_records have passed, forgets idle producers. Cheap;
  // called every few seconds. Answers how many bytes were freed.
  Result<std::uint64_t> apply_retention(Millis now);
  // What the cleaner should do next, or nullptr. Carry out on any thread with `run`, then tell the owner: `apply`.
  std::unique_ptr<class Compaction> plan_compaction(Millis now);
  Result<std::uint64_t> apply(Compaction& compaction);

  // Damage in what was flushed, found so far. Released ranges are listed too.
  const std::vector<Quarantine>& quarantined() const;
  // Reads every flushed batch and checks CRC and order (`weir log verify`). Slow: reads the whole partition.
  Result<Verification> verify();
  // Ends the quarantine that begins at `first_offset`: if its bytes are whole again (a file was put back) they are
  // served as before; otherwise the loss is accepted, and readers pass over it. ErrorKind::user if there is none.
  Status release_quarantine(std::int64_t first_offset);
  // Why the partition refuses to be written, empty if it does not.
  const std::string& failure() const;

 private:
  friend class Log;
  class State;
  explicit Partition(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One cleaning of one partition: keeps the last record of every key (docs/formats/log.md, "Compaction").
class Compaction {
 public:
  virtual ~Compaction() = default;
  // Reads and writes files beside the partition's; any thread, once. The partition may be used meanwhile.
  virtual Status run() = 0;
};

}  // namespace weir::log
