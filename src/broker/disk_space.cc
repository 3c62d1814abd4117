#include "broker/disk_space.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log_line.h"

namespace weir::broker {

void DiskSpace::update(const io::SpaceInfo& space) {
  const auto share = static_cast<std::uint64_t>(static_cast<double>(space.total_bytes) * share_min_);
  const std::uint64_t mark = std::max(bytes_min_, share);
  const bool was_refused = !refusal_.empty();
  // A tenth above the mark, so that it does not go back and forth.
  const std::uint64_t needed = was_refused ? mark + mark / 10 : mark;
  if (space.free_bytes >= needed) {
    if (was_refused) log_info("disk has room again", {{"free_bytes", space.free_bytes}});
    refusal_.clear();
    return;
  }
  if (!was_refused)
    log_error("disk is nearly full: nothing is taken", {{"free_bytes", space.free_bytes}, {"mark", mark}});
  refusal_ =
      fmt::format("the disk is nearly full ({} MiB free, {} MiB are needed): free some, or shorten the retention",
                  space.free_bytes >> 20, mark >> 20);
}

}  // namespace weir::broker
