#include "log/batch_walk.h"

#include <algorithm>

namespace weir::log {
namespace {

constexpr std::size_t kHeaderReadBytes = 4096;
constexpr std::size_t kBatchReadBytes = 256 * 1024;

std::unexpected<Error> beyond_end(std::uint64_t position, std::uint64_t end) {
  return fail(ErrorKind::corrupt, "the batch at {} reaches beyond the end at {}", position, end);
}

std::unexpected<Error> goes_back(std::uint64_t position, std::int64_t offset, std::int64_t expected) {
  return fail(ErrorKind::corrupt, "the batch at {} has offset {}; at least {} can follow", position, offset, expected);
}

}  // namespace

std::uint64_t step_over(Holes holes, std::uint64_t position) {
  for (const Hole& hole : holes) {
    if (hole.position == position && hole.size > 0) return hole.position + hole.size;
  }
  return position;
}

Result<std::optional<wire::BatchHeader>> HeaderWalk::next() {
  position_ = step_over(holes_, next_position_);
  if (position_ >= end_) return std::optional<wire::BatchHeader>();
  const bool is_buffered =
      position_ >= buffer_position_ && position_ + wire::kBatchHeaderBytes <= buffer_position_ + buffer_.size();
  if (!is_buffered) {
    buffer_.resize(std::min<std::uint64_t>(kHeaderReadBytes, end_ - position_));
    TRY(const std::size_t read, file_.read_at(position_, buffer_));
    buffer_.resize(read);
    buffer_position_ = position_;
  }
  TRY(const wire::BatchHeader header,
      wire::read_batch_header(std::string_view(buffer_).substr(position_ - buffer_position_)));
  if (header.size() > end_ - position_) return beyond_end(position_, end_);
  if (header.base_offset < next_offset_) return goes_back(position_, header.base_offset, next_offset_);
  next_offset_ = header.next_offset();
  next_position_ = position_ + header.size();
  return header;
}

Result<std::string_view> BatchWalk::bytes_at(std::uint64_t position, std::size_t size) {
  if (position < buffer_position_ || position + size > buffer_position_ + buffer_.size()) {
    buffer_.resize(std::min<std::uint64_t>(std::max(size, kBatchReadBytes), end_ - position));
    TRY(const std::size_t read, file_.read_at(position, buffer_));
    buffer_.resize(read);
    buffer_position_ = position;
  }
  return std::string_view(buffer_).substr(position - buffer_position_, size);
}

Result<bool> BatchWalk::next() {
  position_ = step_over(holes_, next_position_);
  if (position_ != next_position_) is_dense_ = false;
  if (position_ >= end_) return false;
  TRY(const std::string_view front, bytes_at(position_, wire::kBatchHeaderBytes));
  TRY(header_, wire::read_batch_header(front));
  if (header_.size() > end_ - position_) return beyond_end(position_, end_);
  TRY(batch_, bytes_at(position_, header_.size()));
  if (batch_.size() < header_.size()) return beyond_end(position_, end_);
  if (!wire::is_crc_right(batch_)) {
    return fail(ErrorKind::corrupt, "the batch at {} has offset {} and a wrong checksum", position_,
                header_.base_offset);
  }
  const bool is_right = is_dense_ ? header_.base_offset == next_offset_ : header_.base_offset >= next_offset_;
  if (!is_right) return goes_back(position_, header_.base_offset, next_offset_);
  next_offset_ = header_.next_offset();
  next_position_ = position_ + header_.size();
  return true;
}

}  // namespace weir::log
