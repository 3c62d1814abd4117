#pragma once

// Whether there is room to take records. Below the mark nothing is taken, so that what frees room (retention,
// deletions) and what readers do can go on; well above it, all goes on by itself.

#include <cstdint>
#include <string>

#include "io/storage.h"

namespace weir::broker {

class DiskSpace {
 public:
  // The mark is the larger of `bytes_min` and this share of the disk.
  explicit DiskSpace(std::uint64_t bytes_min = 1U << 30, double share_min = 0.05)
      : bytes_min_(bytes_min), share_min_(share_min) {}

  void update(const io::SpaceInfo& space);
  // Empty while there is room.
  const std::string& refusal() const { return refusal_; }

 private:
  std::uint64_t bytes_min_;
  double share_min_;
  std::string refusal_;
};

}  // namespace weir::broker
