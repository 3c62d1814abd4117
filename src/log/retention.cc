// What a partition lets go: by time, by size, and what users deleted.

#include <algorithm>

#include "log/names.h"
#include "log/partition_state.h"

namespace weir::log {
namespace {

constexpr Millis kProducerIdleMax = 86'400'000;  // Kafka's producer.id.expiration.ms and transactional.id's likewise.

}  // namespace

std::expected<std::int64_t, wire::ErrorCode> Partition::State::delete_records(std::int64_t offset) {
  if (offset == -1) offset = high_watermark();
  if (offset < 0 || offset > high_watermark()) return std::unexpected(wire::ErrorCode::offset_out_of_range);
  start_offset_ = std::max(start_offset_, offset);
  return start_offset_;
}

Result<std::uint64_t> Partition::State::apply_retention(Millis now) {
  now_ = now;
  if (!failure_.empty()) return 0;
  if (producers_.forget_idle(now - kProducerIdleMax) > 0) producers_changed_at_ = end_offset_;
  Segment* newest = active();
  if (newest == nullptr) return 0;

  const auto is_old = [&](Segment& segment) -> Result<bool> {
    if (!config_.is_deleted || config_.retention_ms < 0) return false;
    const auto time = segment.max_timestamp();
    // What cannot be read has no time; it goes by size, or when its neighbours have gone.
    if (!time) return time.error().kind == ErrorKind::corrupt ? Result<bool>(false) : std::unexpected(time.error());
    return *time >= 0 && now - *time > config_.retention_ms;
  };
  TRY(const bool is_newest_old, is_old(*newest));
  const bool is_lag_over =
      config_.is_compacted && newest->begun() >= 0 && now - newest->begun() > config_.max_compaction_lag_ms;
  const bool is_rolled = newest->size() > 0 && (is_newest_old || is_lag_over || is_roll_due(*newest, now));
  if (is_rolled) TRY(roll(now));

  std::uint64_t size = size_bytes();
  std::uint64_t freed = 0;
  const std::int64_t end_max = std::min(high_watermark(), flushed_offset_);
  while (segments_.size() > 1 && end_of(0) <= end_max && !is_compacting_) {
    Segment& oldest = *segments_.front();
    const bool is_too_much = config_.is_deleted && config_.retention_bytes >= 0 &&
                             size - oldest.size() >= static_cast<std::uint64_t>(config_.retention_bytes);
    bool is_gone = is_too_much || end_of(0) <= start_offset_;
    if (!is_gone) {
      TRY(is_gone, is_old(oldest));
    }
    if (!is_gone) break;
    TRY(const bool are_producers_safe, keep_producers(end_of(0)));
    if (!are_producers_safe) break;
    // The name of the segment that follows must not be lost when this one's is.
    if (is_directory_dirty_) TRY(directory_->sync());
    is_directory_dirty_ = false;
    start_offset_ = std::max(start_offset_, end_of(0));
    TRY(remove_segment_files(*directory_, oldest.base()));
    size -= oldest.size();
    freed += oldest.size();
    forget_segment(0);
  }
  return freed;
}

// What producers were at the end of what goes must not be lost with it: false if that cannot be ensured yet.
Result<bool> Partition::State::keep_producers(std::int64_t offset) {
  if (producers_.empty() || no_producers_at_ >= offset) return true;
  const auto snapshot = std::ranges::find_if(snapshots_, [&](const Snapshot& candidate) {
    return candidate.is_sound && candidate.offset >= offset && candidate.offset <= flushed_offset_;
  });
  if (snapshot == snapshots_.end()) {
    if (end_offset_ != flushed_offset_) return false;
    TRY(write_snapshot(true));
    return true;
  }
  TRY(sync_snapshot(*snapshot));
  return true;
}

void Partition::State::forget_segment(std::size_t number) {
  const auto segment = segments_.begin() + static_cast<std::ptrdiff_t>(number);
  if (awake_ == segment->get()) awake_ = nullptr;
  segments_.erase(segment);
  remembered_ = {};
  while (epochs_.size() > 1 && epochs_[1].start_offset <= start_offset_) epochs_.erase(epochs_.begin());
  std::erase_if(quarantine_, [this](const QuarantineEntry& entry) { return entry.end_offset <= start_offset_; });
  quarantine_changed();
}

}  // namespace weir::log
