// The reading side of a partition: which bytes of which files a reader gets, and look-ups by time.

#include <algorithm>

#include "log/partition_state.h"

namespace weir::log {
namespace {

using wire::ErrorCode;

// How much damage one call may find before it gives up.
constexpr int kDamageMax = 16;

}  // namespace

std::int64_t Partition::State::last_stable_offset() const {
  std::int64_t stable = std::min(high_watermark(), producers_.first_open_offset().value_or(end_offset_));
  if (!config_.is_relaxed) {
    // A marker that a power cut may still take away has ended nothing yet.
    for (const EndedTransaction& end : unflushed_ends_) stable = std::min(stable, end.first_offset);
  }
  return std::max(stable, std::min(start_offset_, high_watermark()));
}

std::size_t Partition::State::segment_number(std::int64_t base) const {
  const auto found = std::ranges::upper_bound(segments_, base, {}, [](const auto& s) { return s->base(); });
  return found == segments_.begin() ? 0 : static_cast<std::size_t>(found - segments_.begin()) - 1;
}

Segment* Partition::State::segment_of(std::int64_t offset) {
  return segments_.empty() ? nullptr : segments_[segment_number(offset)].get();
}

std::int64_t Partition::State::end_of(std::size_t number) const {
  return number + 1 < segments_.size() ? segments_[number + 1]->base() : end_offset_;
}

void Partition::State::remember(std::int64_t offset, Place place) {
  for (const Remembered& known : remembered_) {
    if (known.offset == offset) return;
  }
  remembered_[remember_next_++ % remembered_.size()] = {offset, place};
}

template <typename Act>
auto Partition::State::past_damage(std::int64_t offset, Act act) -> decltype(act()) {
  auto result = act();
  for (int i = 0; i < kDamageMax && !result && result.error().kind == ErrorKind::corrupt; ++i) {
    Segment* segment = segment_of(offset);
    if (segment == nullptr) break;
    const auto found = set_damage_aside(*segment);
    if (!found) return std::unexpected(found.error());
    if (!*found) break;
    result = act();
  }
  return result;
}

Result<Place> Partition::State::locate(std::int64_t offset) {
  for (const Remembered& known : remembered_) {
    if (known.offset == offset) return known.place;
  }
  Segment* segment = segment_of(offset);
  if (segment == nullptr) return end_place();
  if (segment != active() && segment != awake_) {
    if (awake_ != nullptr) awake_->rest();
    awake_ = segment;
  }
  TRY(const std::uint64_t position, past_damage(offset, [&] { return segment->find(offset); }));
  return Place{.segment = segment->base(), .position = position};
}

ReadResult Partition::State::read(std::int64_t offset, std::uint64_t size_max, Isolation isolation) {
  ReadResult result;
  if (offset < start_offset_ || offset > end_offset_) {
    result.code = ErrorCode::offset_out_of_range;
    return result;
  }
  const std::int64_t limit_offset = isolation == Isolation::committed ? last_stable_offset() : high_watermark();
  if (offset >= limit_offset) return result;

  const auto read = [&]() -> Result<std::int64_t> {
    Place limit = limit_offset == flushed_offset_ ? flushed_place_ : end_place();
    if (limit_offset != flushed_offset_ && limit_offset != end_offset_) {
      TRY(limit, locate(limit_offset));
      remember(limit_offset, limit);
    }
    std::int64_t from_offset = offset;
    if (const QuarantineEntry* lost = quarantine_at(offset)) {
      if (!lost->is_released) return lost->end_offset;
      from_offset = lost->end_offset;
    }
    TRY(const Place from, locate(from_offset));
    // Looking may have found damage where the reader stands.
    if (const QuarantineEntry* lost = quarantine_at(offset); lost != nullptr && !lost->is_released) {
      return lost->end_offset;
    }
    std::int64_t next_offset = limit_offset;
    TRY(collect(result, from, limit, size_max, next_offset));
    if (isolation == Isolation::committed) TRY(collect_aborted(result, offset, next_offset));
    return -1;
  };
  const auto outcome = past_damage(offset, [&] {
    result = {};
    return read();
  });
  if (!outcome || *outcome >= 0) {
    result = {};
    result.code = ErrorCode::kafka_storage_error;
    result.next = outcome.value_or(-1);
    result.message =
        outcome ? fmt::format("partition {}: offset {} is quarantined", name_, offset) : outcome.error().message;
  }
  return result;
}

Status Partition::State::collect(ReadResult& result, Place from, Place limit, std::uint64_t size_max,
                                 std::int64_t& next_offset) {
  std::uint64_t room = size_max;
  for (std::size_t number = segment_number(from.segment); number < segments_.size(); ++number) {
    Segment& segment = *segments_[number];
    const bool is_last = segment.base() == limit.segment;
    std::uint64_t position = segment.base() == from.segment ? from.position : 0;
    std::uint64_t end = is_last ? limit.position : segment.size();
    // A reader that comes to damage is told so when it asks for it, not here; what was released is stepped over.
    const auto hole = std::ranges::find_if(segment.holes(), [&](const Hole& h) { return h.position >= position; });
    const bool is_held = hole != segment.holes().end() && hole->position <= end;
    if (is_held) end = hole->position;
    if (position < end) {
      TRY(auto file, segment.file());
      std::uint64_t taken_to = end;
      if (end - position > room) {
        TRY(const IndexEntry entry, segment.entry_at_or_below(position + room));
        taken_to = std::max(position, entry.position);
        next_offset = entry.offset;
        if (taken_to == position) {
          HeaderWalk walk(*file, position, end);
          while (true) {
            TRY(const auto batch, walk.next());
            const bool is_first = result.size == 0 && taken_to == position;
            if (!batch || (!is_first && walk.next_position() - position > room)) break;
            taken_to = walk.next_position();
            next_offset = batch->next_offset();
            if (taken_to - position >= room) break;
          }
        }
      }
      if (taken_to == position) return {};
      result.ranges.push_back({std::move(file), position, taken_to - position});
      result.size += taken_to - position;
      room -= std::min(room, taken_to - position);
      if (taken_to < end) {
        remember(next_offset, {segment.base(), taken_to});
        return {};
      }
      if (is_held) {
        const QuarantineEntry* lost = nullptr;
        for (const QuarantineEntry& entry : quarantine_) {
          if (entry.segment == segment.base() && entry.position == hole->position) lost = &entry;
        }
        if (lost != nullptr) next_offset = lost->first_offset;
        return {};
      }
    } else if (is_held) {
      return {};
    }
    if (is_last || room == 0) {
      if (!is_last) {
        next_offset = end_of(number);
        remember(next_offset, {next_offset, 0});
      }
      return {};
    }
  }
  return {};
}

// Kafka's read_committed: transactions that were aborted and have records in [offset, end_offset).
Status Partition::State::collect_aborted(ReadResult& result, std::int64_t offset, std::int64_t end_offset) {
  for (std::size_t number = segment_number(offset); number < segments_.size(); ++number) {
    TRY(const std::vector<AbortedEntry>* entries, segments_[number]->aborted().entries());
    for (const AbortedEntry& entry : *entries) {
      if (entry.marker_offset >= offset && entry.first_offset < end_offset) {
        result.aborted.push_back({.producer_id = entry.producer_id, .first_offset = entry.first_offset});
      }
      // No transaction that ended later began before this.
      if (entry.stable_offset >= end_offset) return {};
    }
  }
  return {};
}

Result<std::optional<TimedOffset>> Partition::State::find_time_in(Segment& segment, Millis timestamp) {
  TRY(const auto from, segment.find_time(timestamp));
  if (!from) return std::optional<TimedOffset>();
  TRY(const auto file, segment.file());
  BatchWalk walk(*file, *from, segment.size(), segment.holes());
  while (true) {
    TRY(const bool has_batch, walk.next());
    if (!has_batch) return std::optional<TimedOffset>();
    const wire::BatchHeader& header = walk.header();
    if (header.max_timestamp < timestamp || header.last_offset() < start_offset_) continue;
    if (header.base_offset >= high_watermark()) return std::optional<TimedOffset>();
    TRY(auto reader, wire::RecordReader::open(walk.bytes(), decompressed_max_));
    wire::Record record;
    while (true) {
      TRY(const bool has_record, reader.next(record));
      if (!has_record) break;
      const Millis time = header.has_log_append_time() ? header.max_timestamp : record.timestamp;
      if (time >= timestamp && record.offset >= start_offset_) {
        return std::optional(TimedOffset{record.offset, time, header.leader_epoch});
      }
    }
  }
}

Result<TimedOffset> Partition::State::find_by_time(Millis timestamp) {
  for (std::size_t number = 0; number < segments_.size(); ++number) {
    if (end_of(number) <= start_offset_) continue;
    Segment& segment = *segments_[number];
    const auto newest = past_damage(segment.base(), [&] { return segment.max_timestamp(); });
    if (!newest) return std::unexpected(newest.error());
    if (*newest >= timestamp) {
      TRY(const auto found, past_damage(segment.base(), [&] { return find_time_in(segment, timestamp); }));
      if (found) return *found;
    }
    if (&segment != active() && &segment != awake_) segment.rest();
  }
  return TimedOffset{};
}

Result<TimedOffset> Partition::State::find_max_timestamp() {
  Millis newest = -1;
  for (std::size_t number = 0; number < segments_.size(); ++number) {
    if (end_of(number) <= start_offset_) continue;
    Segment& segment = *segments_[number];
    TRY(const std::int64_t in_segment, past_damage(segment.base(), [&] { return segment.max_timestamp(); }));
    newest = std::max(newest, in_segment);
  }
  // The highest may stand in a record that is not flushed yet, or was deleted; then the next lower one is sought.
  TimedOffset best;
  if (newest < 0) return best;
  TRY(best, find_by_time(newest));
  if (best.offset >= 0) return best;
  for (const auto& segment : segments_) {
    TRY(const auto file, segment->file());
    BatchWalk walk(*file, 0, segment->size(), segment->holes());
    while (true) {
      TRY(const bool has_batch, walk.next());
      if (!has_batch || walk.header().base_offset >= high_watermark()) break;
      const wire::BatchHeader& header = walk.header();
      if (header.last_offset() < start_offset_ || header.max_timestamp <= best.timestamp) continue;
      TRY(auto reader, wire::RecordReader::open(walk.bytes(), decompressed_max_));
      wire::Record record;
      while (true) {
        TRY(const bool has_record, reader.next(record));
        if (!has_record) break;
        const Millis time = header.has_log_append_time() ? header.max_timestamp : record.timestamp;
        if (time > best.timestamp && record.offset >= start_offset_) best = {record.offset, time, header.leader_epoch};
      }
    }
  }
  return best;
}

Partition::EpochEnd Partition::State::epoch_end(std::int32_t epoch) const {
  if (epoch == leader_epoch_) return {leader_epoch_, end_offset_};
  if (epoch > leader_epoch_ || epochs_.empty() || epochs_.front().epoch > epoch) return {};
  const auto after = std::ranges::upper_bound(epochs_, epoch, {}, &EpochStart::epoch);
  const std::int32_t known = std::prev(after)->epoch;
  return {known, after == epochs_.end() ? end_offset_ : after->start_offset};
}

}  // namespace weir::log
