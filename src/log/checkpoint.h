#pragma once

// What a start needs to know of the run before, in two files that are overwritten in turn (docs/formats/log.md,
// "Checkpoint"). One thread.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/storage.h"

namespace weir::log {

struct EpochStart {
  std::int32_t epoch = 0;
  std::int64_t start_offset = 0;
  bool operator==(const EpochStart&) const = default;
};

struct SegmentNote {
  std::int64_t base = 0;
  std::uint64_t size = 0;
  std::int64_t max_timestamp = -1;
  std::int64_t begun = -1;
};

struct PartitionNote {
  std::array<std::uint8_t, 16> topic{};
  std::int32_t partition = 0;
  std::int64_t start_offset = 0;
  std::int64_t flushed_offset = 0;
  std::int64_t flushed_segment = 0;
  std::uint64_t flushed_position = 0;
  std::int64_t cleaned_offset = 0;
  std::int64_t producers_offset = 0;
  bool has_no_producers = true;  // At producers_offset.
  std::vector<EpochStart> epochs;
  std::vector<SegmentNote> segments;  // After a clean stop.
};

struct Checkpoint {
  std::uint64_t number = 0;
  bool is_clean = false;
  std::int32_t leader_epoch = 0;
  std::vector<PartitionNote> partitions;
};

std::string encode_checkpoint(const Checkpoint& checkpoint);
// `bytes` is one whole place, with anything behind the frame.
Result<Checkpoint> decode_checkpoint(std::string_view bytes, const std::string& path);

class CheckpointFiles {
 public:
  struct Read {
    Checkpoint checkpoint;  // The newest; is_clean only if it can be believed.
    bool is_found = false;  // False in a new folder, and if both are damaged.
    std::string damage;     // What was wrong with a place; empty if nothing was.
  };
  // ErrorKind::user if a newer release wrote them.
  static Result<Read> read(io::Directory& directory);

  explicit CheckpointFiles(std::uint64_t last_number) : number_(last_number) {}
  // Numbers, writes and syncs it.
  Status write(io::Directory& directory, Checkpoint& checkpoint);

 private:
  std::uint64_t number_;
  std::array<std::unique_ptr<io::File>, 2> files_;
};

}  // namespace weir::log
