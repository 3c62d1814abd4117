#pragma once

// One segment: a file of record batches, its index and its aborted transactions. Offsets below mean: of the batch that
// holds the offset or, where none does, of the next one. One thread; what file() gives may be read by any.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "log/aborted_index.h"
#include "log/batch_walk.h"
#include "log/checkpoint.h"
#include "log/segment_index.h"
#include "wire/record_batch.h"

namespace weir::log {

class Segment {
 public:
  static Result<std::unique_ptr<Segment>> create(std::shared_ptr<io::Directory> directory, std::int64_t base);
  // `note` says what is known of it; a max_timestamp of kUnknown is looked up when asked for.
  Segment(std::shared_ptr<io::Directory> directory, const SegmentNote& note);

  static constexpr std::int64_t kUnknown = -2;
  static constexpr std::uint64_t kBytesMax = 0xFFFFFFFF;

  std::int64_t base() const { return base_; }
  std::uint64_t size() const { return size_; }
  std::int64_t begun() const { return begun_; }
  SegmentNote note() const { return {base_, size_, max_timestamp_, begun_}; }

  // Bytes that look-ups step over.
  void set_holes(std::vector<Hole> holes) { holes_ = std::move(holes); }
  const std::vector<Hole>& holes() const { return holes_; }

  // Writes batches behind the others. After an error the file is as it was; `is_broken` says that it could not be made
  // so.
  Status append(std::string_view batches, bool& is_broken);
  // Notes one of the batches of the last append, in order; `now` is when.
  void add(const wire::BatchHeader& batch, std::uint64_t position, std::int64_t index_interval, std::int64_t now);
  // Writes the last index entry. No batch follows, or not in this run.
  Status close(std::int64_t end_offset);
  Status write_index() { return index_.write_pending(); }
  // Gives back descriptors that are not in use elsewhere.
  void rest();

  Result<std::shared_ptr<io::File>> file();
  // Where the batch starts; size() if all are before. `end` bounds the walk.
  Result<std::uint64_t> find(std::int64_t offset);
  // Where the batches that end at or before `offset` end, and at which offset: found by walking from the index on. At
  // damage, if nothing is missing before it.
  struct End {
    std::uint64_t position = 0;
    std::int64_t next_offset = 0;
  };
  Result<End> find_end(std::int64_t offset);
  // The last start of a batch known at or below `position`, without reading the segment.
  Result<IndexEntry> entry_at_or_below(std::uint64_t position);
  // The first batch whose maximal time is `timestamp` or later.
  Result<std::optional<std::uint64_t>> find_time(std::int64_t timestamp);
  Result<std::int64_t> max_timestamp();

  AbortedIndex& aborted() { return aborted_; }

  // Recovery: forgets all that is known from `position` on, so that add() can follow for the batches from there; with
  // `is_cut` the file is cut there too.
  Status restart_at(std::uint64_t position, bool is_cut);
  // Makes the index anew from the batches, up to the first that is damaged.
  Status rebuild_index();
  // Takes an index that was made with the segment's file.
  void set_index(const std::vector<IndexEntry>& entries);
  Status sync();

 private:
  Result<IndexEntry> look_up(const std::function<bool(const IndexEntry&)>& holds);

  std::shared_ptr<io::Directory> directory_;
  std::int64_t base_;
  std::uint64_t size_;
  std::int64_t max_timestamp_;
  std::int64_t begun_;
  std::shared_ptr<io::File> file_;
  SegmentIndex index_;
  std::uint64_t indexed_position_ = 0;  // Of the last entry.
  AbortedIndex aborted_;
  std::vector<Hole> holes_;
};

// Removes the files of the segment `base` and syncs the folder between the log, which goes first, and what goes with
// it.
Status remove_segment_files(io::Directory& directory, std::int64_t base);

}  // namespace weir::log
