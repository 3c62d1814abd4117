#pragma once

// The work of a compaction: which records are the last of their key, and new files that hold only those
// (docs/formats/log.md, "Compaction"). It owns all that it reads, so that any thread can carry it out.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "log/aborted_index.h"
#include "log/batch_walk.h"
#include "log/partition.h"
#include "log/segment_index.h"

namespace weir::log {

struct CleaningSource {
  std::int64_t base = 0;
  std::int64_t end = 0;
  std::uint64_t size = 0;
  std::int64_t begun = -1;
  std::shared_ptr<io::File> file;
  std::vector<Hole> holes;
};

// What takes the place of the segments from base to end; the file is `<base>.cleaned`.
struct CleanedGroup {
  std::int64_t base = 0;
  std::int64_t end = 0;
  std::uint64_t size = 0;
  std::uint64_t old_size = 0;
  std::int64_t max_timestamp = -1;
  std::int64_t begun = -1;
  std::vector<IndexEntry> index;
};

struct CleaningPlan {
  std::shared_ptr<io::Directory> directory;
  std::vector<CleaningSource> sources;                               // From the log's start to where cleaning may go.
  std::int64_t dirty_from = 0;                                       // Offset.
  std::vector<AbortedEntry> aborted;                                 // Of the whole partition.
  std::unordered_map<std::int64_t, std::int64_t> last_data_offsets;  // By producer.
  Millis now = 0;
  std::int64_t delete_retention_ms = 0;
  std::uint64_t segment_bytes = 0;
  std::uint64_t index_interval = 4096;
  std::uint64_t decompressed_max = 0;
  std::size_t keys_max = 1'000'000;  // That one run can take; about 60 bytes each.
};

class KeyCompaction final : public Compaction {
 public:
  explicit KeyCompaction(CleaningPlan plan) : plan_(std::move(plan)) {}

  Status run() override;

  const CleaningPlan& plan() const { return plan_; }
  const Status& outcome() const { return outcome_; }
  const std::vector<CleanedGroup>& groups() const { return groups_; }
  std::int64_t cleaned_to() const { return cleaned_to_; }

 private:
  struct Hash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Hash&) const = default;
  };
  struct HashOfHash {
    std::size_t operator()(const Hash& hash) const { return hash.low; }
  };

  Status clean();
  Status note_keys();
  Status note_keys_of(const CleaningSource& source, bool& is_full);
  Status clean_groups();
  Status clean_group(std::size_t begin, std::size_t end);
  Status note_transactions(const CleaningSource& source);
  // The batch as it stays; empty if it goes.
  Result<std::string> cleaned(std::string_view batch, const wire::BatchHeader& header, bool is_last);
  Result<std::string> cleaned_marker(std::string_view batch, const wire::BatchHeader& header, bool is_last);
  bool is_aborted(const wire::BatchHeader& header) const;
  bool is_producers_last(const wire::BatchHeader& header) const;
  bool is_newest(std::string_view key, std::int64_t offset) const;
  Hash hash_of(std::string_view key) const;

  CleaningPlan plan_;
  std::uint64_t seed_ = 0;
  std::unordered_map<Hash, std::int64_t, HashOfHash> last_offsets_;  // By key, of the dirty part.
  std::unordered_map<std::int64_t, bool> has_records_;               // Producers whose transaction still has records.
  std::int64_t cleaned_to_ = 0;
  std::vector<CleanedGroup> groups_;
  Status outcome_ = fail(ErrorKind::external, "the compaction was not run");
};

// Puts the finished `.swap` of the segments from `base` to `end` in their place; may be repeated after a crash.
Status put_in_place(io::Directory& directory, std::int64_t base, std::int64_t end);

}  // namespace weir::log
