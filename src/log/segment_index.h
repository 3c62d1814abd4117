#pragma once

// Where batches start in one segment, and the times before them (docs/formats/log.md, "Index"). A cache: each entry
// proves itself, and a damaged one is ErrorKind::corrupt, upon which the owner makes the index anew from the segment.
// Look-ups read single entries of the file, so that an index takes no memory. One thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "io/storage.h"

namespace weir::log {

struct IndexEntry {
  std::int64_t offset = 0;  // Of the batch that starts, or will start, at `position`.
  std::uint64_t position = 0;
  std::int64_t max_timestamp = -1;  // Of all batches before.
};

class SegmentIndex {
 public:
  static constexpr std::size_t kEntryBytes = 20;

  SegmentIndex(std::shared_ptr<io::Directory> directory, std::int64_t base);

  // Kept in memory until there are some to write, or write_pending() is called. An error leaves them pending.
  void add(const IndexEntry& entry);
  Status write_pending();
  bool has_pending() const { return !pending_.empty(); }

  // The last entry of which `holds` is true; true must only be followed by false. Before the first entry stands one for
  // the segment's beginning.
  Result<IndexEntry> last_where(const std::function<bool(const IndexEntry&)>& holds);
  Result<IndexEntry> last();
  // Forgets entries beyond `position`, and all behind the first that is damaged at the end of the file.
  Status cut(std::uint64_t position);
  Status clear();
  // Gives the descriptor back until the next look-up.
  void close_file() { file_.reset(); }

 private:
  Result<io::File*> file(bool is_made);
  Result<std::uint64_t> written_count();
  Result<IndexEntry> entry(std::uint64_t number);
  IndexEntry first() const { return {.offset = base_, .position = 0, .max_timestamp = -1}; }

  std::shared_ptr<io::Directory> directory_;
  std::int64_t base_;
  std::unique_ptr<io::File> file_;
  std::int64_t written_ = -1;  // Entries in the file; -1 while unknown.
  std::vector<IndexEntry> pending_;
};

}  // namespace weir::log
