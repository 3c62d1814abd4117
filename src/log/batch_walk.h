#pragma once

// Walking over the batches in a part of a segment file. Both walks end at `end`, or with ErrorKind::corrupt at what is
// no whole batch or goes back in offsets; position() is then where that stands. Holes are stepped over. File and holes
// must outlive the walk; one thread at a time.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/storage.h"
#include "wire/record_batch.h"

namespace weir::log {

// Bytes that were set aside; begins where a batch would. Holes are sorted and do not touch.
struct Hole {
  std::uint64_t position = 0;
  std::uint64_t size = 0;
};
using Holes = std::span<const Hole>;

// Where to go on from `position`: behind the hole if one begins there.
std::uint64_t step_over(Holes holes, std::uint64_t position);

// Reads headers only, a few kilobytes ahead.
class HeaderWalk {
 public:
  HeaderWalk(const io::File& file, std::uint64_t position, std::uint64_t end, Holes holes = {})
      : file_(file), next_position_(position), end_(end), holes_(holes) {}

  // The next batch's header; nullopt at the end.
  Result<std::optional<wire::BatchHeader>> next();

  std::uint64_t position() const { return position_; }  // Of the batch that next() gave, or failed at.
  std::uint64_t next_position() const { return next_position_; }
  std::int64_t next_offset() const { return next_offset_; }  // What must follow.

 private:
  const io::File& file_;
  std::uint64_t position_ = 0;
  std::uint64_t next_position_;
  std::uint64_t end_;
  Holes holes_;
  std::int64_t next_offset_ = 0;  // No later batch may begin before.
  std::string buffer_;
  std::uint64_t buffer_position_ = 0;
};

// Reads whole batches and checks their CRC.
class BatchWalk {
 public:
  BatchWalk(const io::File& file, std::uint64_t position, std::uint64_t end, Holes holes = {})
      : file_(file), next_position_(position), end_(end), holes_(holes) {}

  // What the next batch must begin with, exactly if `is_dense` (no compaction has been there), or after.
  void expect(std::int64_t next_offset, bool is_dense) {
    next_offset_ = next_offset;
    is_dense_ = is_dense;
  }
  std::int64_t next_offset() const { return next_offset_; }
  // Whether there was another batch; header() and bytes() are then its own until the next call.
  Result<bool> next();

  const wire::BatchHeader& header() const { return header_; }
  std::string_view bytes() const { return batch_; }
  std::uint64_t position() const { return position_; }
  std::uint64_t next_position() const { return next_position_; }

 private:
  Result<std::string_view> bytes_at(std::uint64_t position, std::size_t size);

  const io::File& file_;
  std::uint64_t position_ = 0;
  std::uint64_t next_position_;
  std::uint64_t end_;
  Holes holes_;
  std::int64_t next_offset_ = 0;  // No later batch may begin before.
  bool is_dense_ = false;
  wire::BatchHeader header_;
  std::string_view batch_;
  std::string buffer_;
  std::uint64_t buffer_position_ = 0;
};

}  // namespace weir::log
