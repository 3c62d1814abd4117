// When a partition is cleaned, and how what came of it takes the place of what was (docs/formats/log.md, "Compaction").

#include <algorithm>

#include "base/check.h"
#include "log/cleaning.h"
#include "log/names.h"
#include "log/partition_state.h"

namespace weir::log {

std::unique_ptr<Compaction> Partition::State::plan_compaction(Millis now) {
  now_ = now;
  if (!config_.is_compacted || is_compacting_ || !failure_.empty() || segments_.size() < 2) return nullptr;
  const std::int64_t end_max = std::min(last_stable_offset(), flushed_offset_);
  const std::int64_t dirty_from = std::max(cleaned_offset_, segments_.front()->base());
  CleaningPlan plan;
  std::uint64_t dirty = 0;
  std::uint64_t total = 0;
  bool is_overdue = false;
  for (std::size_t number = 0; number + 1 < segments_.size() && end_of(number) <= end_max; ++number) {
    Segment& segment = *segments_[number];
    const auto newest = segment.max_timestamp();
    if (!newest) break;
    const bool is_dirty = end_of(number) > dirty_from;
    if (is_dirty && config_.min_compaction_lag_ms > 0 && *newest > now - config_.min_compaction_lag_ms) break;
    const auto file = segment.file();
    const auto aborted = segment.aborted().entries();
    if (!file || !aborted) break;
    total += segment.size();
    if (is_dirty) dirty += segment.size();
    // Begun, since a producer may send records of long ago.
    is_overdue =
        is_overdue || (is_dirty && segment.begun() >= 0 && now - segment.begun() > config_.max_compaction_lag_ms);
    plan.sources.push_back({.base = segment.base(),
                            .end = end_of(number),
                            .size = segment.size(),
                            .begun = segment.begun(),
                            .file = *file,
                            .holes = segment.holes()});
    if (&segment != awake_) segment.rest();
  }
  const double ratio = total == 0 ? 0 : static_cast<double>(dirty) / static_cast<double>(total);
  if (dirty == 0 || (ratio < config_.min_cleanable_dirty_ratio && !is_overdue)) return nullptr;
  // A producer state from before a marker that goes would take its transaction for open, for ever.
  const auto are_producers_safe = keep_producers(plan.sources.back().end);
  if (!are_producers_safe || !*are_producers_safe || !prune_snapshots()) return nullptr;
  for (const auto& segment : segments_) {
    const auto entries = segment->aborted().entries();
    // Without the list, records of aborted transactions would be taken for the last of their keys.
    if (!entries) return nullptr;
    plan.aborted.insert(plan.aborted.end(), (*entries)->begin(), (*entries)->end());
  }
  for (const auto& [id, producer] : producers_.producers()) plan.last_data_offsets[id] = producer.last_data_offset;
  plan.directory = directory_;
  plan.dirty_from = dirty_from;
  plan.now = now;
  plan.delete_retention_ms = config_.delete_retention_ms;
  plan.segment_bytes = static_cast<std::uint64_t>(config_.segment_bytes);
  plan.index_interval = static_cast<std::uint64_t>(config_.index_interval_bytes);
  plan.decompressed_max = decompressed_max_;
  is_compacting_ = true;
  return std::make_unique<KeyCompaction>(std::move(plan));
}

Result<std::uint64_t> Partition::State::apply(Compaction& compaction) {
  auto& cleaning = dynamic_cast<KeyCompaction&>(compaction);
  is_compacting_ = false;
  if (!cleaning.outcome()) {
    if (cleaning.outcome().error().kind != ErrorKind::corrupt) return std::unexpected(cleaning.outcome().error());
    // The next compaction leaves out the segment that holds it.
    for (const CleaningSource& source : cleaning.plan().sources) {
      TRY(const bool is_found, set_damage_aside(*segment_of(source.base)));
      if (is_found) break;
    }
    return 0;
  }
  if (!failure_.empty()) return 0;
  // Damage that was found meanwhile: the bytes that were set aside must stay, and a marker that went may be needed.
  const bool has_new_holes = std::ranges::any_of(cleaning.plan().sources, [this](const CleaningSource& source) {
    return segment_of(source.base)->holes().size() != source.holes.size();
  });
  if (has_new_holes) {
    for (const CleanedGroup& group : cleaning.groups()) {
      TRY(directory_->remove(segment_file(group.base, kCleanedSuffix)));
    }
    return 0;
  }
  std::uint64_t freed = 0;
  for (const CleanedGroup& group : cleaning.groups()) {
    TRY(put_group(group));
    freed += group.old_size - std::min(group.size, group.old_size);
  }
  cleaned_offset_ = std::max(cleaned_offset_, cleaning.cleaned_to());
  return freed;
}

Status Partition::State::put_group(const CleanedGroup& group) {
  const std::size_t number = segment_number(group.base);
  CHECK_EQ(segments_[number]->base(), group.base);
  std::size_t end = number;
  while (end < segments_.size() && segments_[end]->base() < group.end) ++end;
  TRY(directory_->rename(segment_file(group.base, kCleanedSuffix), swap_file(group.base, group.end)));
  Status placed = directory_->sync();
  if (placed) placed = put_in_place(*directory_, group.base, group.end);
  if (!placed) {
    failure_ =
        fmt::format("partition {}: {}; it must be opened anew to finish a compaction", name_, placed.error().message);
    return placed;
  }
  auto segment = std::make_unique<Segment>(
      directory_,
      SegmentNote{.base = group.base, .size = group.size, .max_timestamp = group.max_timestamp, .begun = group.begun});
  segment->set_index(group.index);
  static_cast<void>(segment->write_index());
  segment->rest();
  segments_[number] = std::move(segment);
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(number) + 1,
                  segments_.begin() + static_cast<std::ptrdiff_t>(end));
  awake_ = nullptr;
  remembered_ = {};
  // Positions in the old files mean nothing in the new one; both offsets lie at its end or behind.
  for (Place* place : {&flushed_place_, &flush_place_}) {
    if (place->segment >= group.base && place->segment < group.end) *place = {group.end, 0};
  }
  return {};
}

}  // namespace weir::log
