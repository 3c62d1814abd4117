#pragma once

// The aborted transactions whose markers stand in one segment (docs/formats/log.md, "Aborted transactions"). One
// thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/storage.h"

namespace weir::log {

struct AbortedEntry {
  std::int64_t producer_id = -1;
  std::int64_t first_offset = -1;
  std::int64_t marker_offset = -1;
  std::int64_t stable_offset = -1;  // The last stable offset once the marker stood.
  bool operator==(const AbortedEntry&) const = default;
};

inline constexpr std::size_t kAbortedEntryBytes = 36;

std::string encode_aborted(const std::vector<AbortedEntry>& entries);
// The entries up to the first that is damaged or not whole; `is_whole` says whether that was all.
std::vector<AbortedEntry> decode_aborted(std::string_view bytes, bool& is_whole);

class AbortedIndex {
 public:
  AbortedIndex(std::shared_ptr<io::Directory> directory, std::int64_t base)
      : directory_(std::move(directory)), base_(base) {}

  // Read from the file at the first call. ErrorKind::corrupt if it is damaged.
  Result<const std::vector<AbortedEntry>*> entries();
  // Writes the entry behind the others; to be synced by the next flush.
  Status add(const AbortedEntry& entry);
  // Puts `entries` in the place of what there is, and syncs. No entries, no file.
  Status replace(std::vector<AbortedEntry> entries);
  // What is in the file before the first entry that is damaged; `is_whole` says whether that is all.
  Result<std::vector<AbortedEntry>> salvage(bool& is_whole);

  // The file if it was written since the last call and must be synced, else null.
  std::shared_ptr<io::File> take_dirty();
  // Whether it was made since the last call, and its folder must be synced.
  bool take_made() { return std::exchange(is_made_, false); }

 private:
  Status open_file();

  std::shared_ptr<io::Directory> directory_;
  std::int64_t base_;
  std::shared_ptr<io::File> file_;
  std::vector<AbortedEntry> entries_;
  bool is_loaded_ = false;
  bool is_dirty_ = false;
  bool is_made_ = false;
};

}  // namespace weir::log
