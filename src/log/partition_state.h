#pragma once

// What a Partition is inside, shared by the files that implement its parts: partition.cc (life and small questions),
// append.cc, reading.cc, recovery.cc, retention.cc, compaction.cc, quarantine.cc. One thread, see partition.h.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "log/checkpoint.h"
#include "log/cleaning.h"
#include "log/partition.h"
#include "log/producer_state.h"
#include "log/quarantine.h"
#include "log/segment.h"

namespace weir::log {

// Where a batch starts.
struct Place {
  std::int64_t segment = 0;  // Base.
  std::uint64_t position = 0;
};

struct PartitionOptions {
  std::string name;  // For messages: "auth/3".
  std::shared_ptr<io::Directory> directory;
  TopicConfig config;
  std::int32_t leader_epoch = 0;        // Of this run.
  const PartitionNote* note = nullptr;  // Null if the checkpoint has none.
  bool is_clean = false;
  Millis now = 0;
  std::uint64_t decompressed_max = 0;
};

class Partition::State {
 public:
  explicit State(const PartitionOptions& options);

  static Result<std::unique_ptr<State>> open(const PartitionOptions& options);

  // Writing (append.cc).
  std::expected<Appended, AppendFailure> append(std::span<char> records, Millis now, Origin origin);
  std::expected<Appended, AppendFailure> append_end_marker(std::int64_t producer_id, std::int16_t producer_epoch,
                                                           std::int32_t coordinator_epoch, bool is_commit, Millis now);
  std::optional<FlushPlan> take_flush();
  void flushed(const FlushPlan& plan, const Status& result);
  Status roll(Millis now);

  // Reading (reading.cc).
  ReadResult read(std::int64_t offset, std::uint64_t size_max, Isolation isolation);
  Result<TimedOffset> find_by_time(Millis timestamp);
  Result<TimedOffset> find_max_timestamp();
  std::int64_t high_watermark() const { return config_.is_relaxed ? end_offset_ : flushed_offset_; }
  std::int64_t last_stable_offset() const;
  EpochEnd epoch_end(std::int32_t epoch) const;

  // Keeping (retention.cc, compaction.cc).
  std::expected<std::int64_t, wire::ErrorCode> delete_records(std::int64_t offset);
  Result<std::uint64_t> apply_retention(Millis now);
  std::unique_ptr<Compaction> plan_compaction(Millis now);
  Result<std::uint64_t> apply(Compaction& compaction);
  std::uint64_t size_bytes() const;

  // Quarantine (quarantine.cc).
  Result<Verification> verify();
  Status release_quarantine(std::int64_t first_offset);

  // Checkpoint and close (partition.cc).
  PartitionNote note(bool is_clean);
  Status checkpoint();
  Status close();

 private:
  friend class Partition;

  struct Incoming;  // A batch on its way in.
  struct EndedTransaction {
    std::int64_t first_offset = -1;
    std::int64_t marker_offset = -1;
  };
  struct Snapshot {
    std::int64_t offset = 0;
    bool is_synced = false;
    bool is_sound = false;  // Written whole in this run, or read.
  };

  std::expected<std::vector<Incoming>, AppendFailure> parse(std::span<char> records) const;
  std::expected<void, AppendFailure> validate(Incoming& batch, Millis now, Origin origin) const;
  std::expected<void, AppendFailure> check_times(const Incoming& batch, std::int64_t min, std::int64_t max,
                                                 Millis now) const;
  std::expected<void, AppendFailure> convert(Incoming& batch) const;
  std::expected<std::optional<Appended>, AppendFailure> check_producers(std::span<const Incoming> batches,
                                                                        Origin origin) const;
  std::expected<void, AppendFailure> write(std::span<Incoming> batches, std::uint64_t size, Millis now);
  std::expected<void, AppendFailure> make_room(std::uint64_t size, std::int64_t offsets, Millis now);
  bool is_roll_due(const Segment& active, Millis now) const;
  Status write_snapshot(bool is_synced);
  Status sync_snapshot(Snapshot& snapshot);
  Status prune_snapshots();
  void note_epoch();

  Segment* segment_of(std::int64_t offset);
  std::size_t segment_number(std::int64_t base) const;
  Segment* active() { return segments_.empty() ? nullptr : segments_.back().get(); }
  std::int64_t end_of(std::size_t number) const;
  Place end_place() const;
  Result<Place> locate(std::int64_t offset);
  void remember(std::int64_t offset, Place place);
  Status collect(ReadResult& result, Place from, Place limit, std::uint64_t size_max, std::int64_t& next_offset);
  Status collect_aborted(ReadResult& result, std::int64_t offset, std::int64_t end_offset);
  Result<std::optional<TimedOffset>> find_time_in(Segment& segment, Millis timestamp);
  const QuarantineEntry* quarantine_at(std::int64_t offset) const;
  // Finds the first damage in what is flushed of the segment, and sets it aside. False if there is none.
  Result<bool> set_damage_aside(Segment& segment);
  Result<bool> keep_producers(std::int64_t offset);
  void forget_segment(std::size_t number);
  Status add_quarantine(QuarantineEntry entry);
  void quarantine_changed();
  // Calls `act` again after damage that it met was set aside.
  template <typename Act>
  auto past_damage(std::int64_t offset, Act act) -> decltype(act());

  Status load();
  Status finish_swaps(std::vector<std::string>& names);
  Result<bool> load_clean();
  Status recover();
  Result<Place> scan_start();
  Status scan(Place from);
  Status cut(std::size_t number, std::uint64_t position);
  // From the newest state known at or before `offset_max`; answers where the replay began.
  Result<std::int64_t> load_producers(std::int64_t offset_max);
  Status past_damage_replay(std::int64_t from, const ProducerState& begun_with);
  Status replay_producers(std::int64_t from, std::int64_t& reached);

  // Puts one cleaned group in the place of its segments.
  Status put_group(const CleanedGroup& group);

  std::string name_;
  std::shared_ptr<io::Directory> directory_;
  TopicConfig config_;
  std::uint64_t decompressed_max_;
  Millis opened_ = 0;
  Millis now_ = 0;                             // As it was last told.
  std::optional<PartitionNote> opening_note_;  // Until load() is done.
  bool is_clean_ = false;

  std::vector<std::unique_ptr<Segment>> segments_;  // Sorted; the last is written to.
  std::int64_t start_offset_ = 0;
  std::int64_t end_offset_ = 0;
  std::int64_t flushed_offset_ = 0;
  Place flushed_place_;
  std::int64_t cleaned_offset_ = 0;
  std::int32_t leader_epoch_ = 0;
  std::vector<EpochStart> epochs_;

  ProducerState producers_;
  std::vector<EndedTransaction> unflushed_ends_;  // Their markers are not on the device yet.
  std::vector<Snapshot> snapshots_;               // Files, sorted.
  std::int64_t no_producers_at_ = 0;              // The last offset at which there were none.
  std::int64_t producers_changed_at_ = 0;         // The end when they last changed.
  std::uint64_t bytes_since_snapshot_ = 0;
  Millis snapshot_time_ = 0;

  std::string failure_;
  bool is_flush_taken_ = false;
  std::int64_t flush_end_ = 0;
  Place flush_place_;
  std::uint64_t unflushed_bytes_ = 0;
  std::uint64_t flush_bytes_ = 0;
  std::vector<std::shared_ptr<io::File>> dirty_files_;  // In the order in which they must be synced.
  bool is_directory_dirty_ = false;

  struct Remembered {
    std::int64_t offset = -1;
    Place place;
  };
  std::array<Remembered, 8> remembered_{};  // Where readers will go on.
  std::size_t remember_next_ = 0;
  Segment* awake_ = nullptr;  // The closed segment that was read last; others hold no descriptors.

  std::vector<QuarantineEntry> quarantine_;
  std::vector<Quarantine> quarantine_list_;  // The same, as users see it.
  bool is_compacting_ = false;
};

}  // namespace weir::log
