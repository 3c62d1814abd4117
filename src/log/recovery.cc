// How a partition is opened: after a clean stop by what the checkpoint notes, after any other by reading what is not
// known to be flushed (docs/formats/log.md, "Starting").

#include <algorithm>
#include <array>

#include "log/frame.h"
#include "log/names.h"
#include "log/partition_state.h"

namespace weir::log {
namespace {

constexpr std::string_view kProducersMagic = "weirprod";
constexpr std::string_view kQuarantineFile = "quarantine";
constexpr std::size_t kSmallFileBytesMax = std::size_t{1} << 30;

std::vector<std::int64_t> offsets_of(const std::vector<std::string>& names, std::string_view suffix) {
  std::vector<std::int64_t> offsets;
  for (const std::string& name : names) {
    if (const auto offset = offset_in(name, suffix)) offsets.push_back(*offset);
  }
  return offsets;
}

}  // namespace

Status Partition::State::load() {
  TRY(std::vector<std::string> names, directory_->list());
  TRY(finish_swaps(names));
  for (const std::int64_t offset : offsets_of(names, kProducersSuffix)) snapshots_.push_back({.offset = offset});
  if (std::ranges::find(names, kQuarantineFile) != names.end()) {
    TRY(const std::string bytes, io::read_whole(*directory_, std::string(kQuarantineFile), kSmallFileBytesMax));
    TRY(quarantine_, decode_quarantine(bytes, directory_->path() + "/" + std::string(kQuarantineFile)));
  }
  const std::vector<std::int64_t> bases = offsets_of(names, kLogSuffix);
  if (opening_note_) {
    start_offset_ = opening_note_->start_offset;
    cleaned_offset_ = opening_note_->cleaned_offset;
    epochs_ = opening_note_->epochs;
  }
  bool is_as_noted =
      is_clean_ && opening_note_ && std::ranges::equal(bases, opening_note_->segments, {}, {}, &SegmentNote::base);
  if (is_as_noted) {
    TRY(is_as_noted, load_clean());
  }
  if (!is_as_noted) {
    segments_.clear();
    for (const std::int64_t base : bases) {
      TRY(const auto file, directory_->open(segment_file(base, kLogSuffix), io::OpenMode::read));
      TRY(const std::uint64_t size, file->size());
      if (size > Segment::kBytesMax) {
        return fail(ErrorKind::corrupt, "{}/{} has {} bytes; a segment has at most {}", directory_->path(),
                    segment_file(base, kLogSuffix), size, Segment::kBytesMax);
      }
      segments_.push_back(std::make_unique<Segment>(
          directory_,
          SegmentNote{
              .base = base, .size = size, .max_timestamp = Segment::kUnknown, .begun = size > 0 ? opened_ : -1}));
    }
    quarantine_changed();
    TRY(recover());
    if (is_clean_) TRY(verify());
  }
  opening_note_.reset();
  return {};
}

// A compaction that was being put in place is finished; one that was still being written is forgotten, and so is what
// lies beside no segment.
Status Partition::State::finish_swaps(std::vector<std::string>& names) {
  bool is_changed = false;
  const std::vector<std::string> old_names = names;
  for (const std::string& name : old_names) {
    if (name.ends_with(kCleanedSuffix)) {
      TRY(directory_->remove(name));
      is_changed = true;
    }
    if (!name.ends_with(kSwapSuffix) || name.size() != 2 * kOffsetDigits + 1 + kSwapSuffix.size()) continue;
    const auto base = offset_at(name);
    const auto end = offset_at(std::string_view(name).substr(kOffsetDigits + 1));
    if (!base || !end) continue;
    TRY(put_in_place(*directory_, *base, *end));
    is_changed = true;
  }
  if (is_changed) {
    TRY(names, directory_->list());
  }
  const std::vector<std::int64_t> bases = offsets_of(names, kLogSuffix);
  for (const std::string_view suffix : {kIndexSuffix, kAbortedSuffix}) {
    for (const std::int64_t offset : offsets_of(names, suffix)) {
      if (!std::ranges::binary_search(bases, offset)) TRY(directory_->remove(segment_file(offset, suffix)));
    }
  }
  return {};
}

// False if the folder is not as the last run left it after all.
Result<bool> Partition::State::load_clean() {
  for (const SegmentNote& note : opening_note_->segments) {
    segments_.push_back(std::make_unique<Segment>(directory_, note));
    TRY(const auto file, segments_.back()->file());
    TRY(const std::uint64_t size, file->size());
    segments_.back()->rest();
    // Somebody was at the files meanwhile.
    if (size != note.size) return false;
  }
  end_offset_ = flushed_offset_ = opening_note_->flushed_offset;
  flushed_place_ = {opening_note_->flushed_segment, opening_note_->flushed_position};
  if (active() != nullptr) {
    TRY(const auto file, active()->file());
    TRY(const std::uint64_t size, file->size());
    if (size != active()->size() || flushed_place_.segment != active()->base() || flushed_place_.position != size) {
      return false;
    }
    active()->rest();
  }
  quarantine_changed();
  TRY(load_producers(end_offset_));
  return true;
}

Status Partition::State::recover() {
  flushed_offset_ = opening_note_ ? opening_note_->flushed_offset : 0;
  if (segments_.empty()) {
    end_offset_ = std::max(flushed_offset_, start_offset_);
    flushed_place_ = {end_offset_, 0};
    if (start_offset_ < end_offset_) {
      TRY(add_quarantine({.segment = start_offset_,
                          .first_offset = start_offset_,
                          .end_offset = end_offset_,
                          .reason = "the partition's files are missing"}));
    }
  } else {
    start_offset_ = std::max(start_offset_, segments_.front()->base());
    flushed_offset_ = std::max(flushed_offset_, segments_.front()->base());
    TRY(const Place from, scan_start());
    TRY(scan(from));
  }
  const std::int64_t flushed_before = std::min(flushed_offset_, end_offset_);
  std::erase_if(epochs_, [this](const EpochStart& epoch) { return epoch.start_offset > end_offset_; });
  if (!epochs_.empty()) leader_epoch_ = std::max(leader_epoch_, epochs_.back().epoch + 1);
  start_offset_ = std::min(start_offset_, end_offset_);
  cleaned_offset_ = std::min(cleaned_offset_, end_offset_);
  flushed_offset_ = end_offset_;
  flushed_place_ = end_place();
  for (const Snapshot& snapshot : snapshots_) {
    // What was counted into it is gone, and other records may take the place.
    if (snapshot.offset > end_offset_) TRY(directory_->remove(segment_file(snapshot.offset, kProducersSuffix)));
  }
  std::erase_if(snapshots_, [this](const Snapshot& snapshot) { return snapshot.offset > end_offset_; });
  // Which transactions were aborted must be found again from the flushed offset on, since notes of it may be lost.
  // Where old segments are gone a later snapshot may know of more producers.
  TRY(const std::int64_t replayed_from, load_producers(flushed_before));
  if (!snapshots_.empty() && snapshots_.back().offset > replayed_from) TRY(load_producers(end_offset_));
  return directory_->sync();
}

// Where the first batch after the flushed offset stands, or would. What is missing before it is set aside.
Result<Place> Partition::State::scan_start() {
  // Where a segment begins at that offset, the one before may still have the torn end of a write that was taken back.
  Segment& segment = *segment_of(flushed_offset_ - 1);
  const Place end{segment.base(), segment.size()};
  // Each turn finds the place, or sets damage aside that stood in the way.
  while (true) {
    const auto position = segment.find_end(flushed_offset_);
    if (!position) {
      if (position.error().kind != ErrorKind::corrupt) return std::unexpected(position.error());
      TRY(const bool is_found, set_damage_aside(segment));
      if (is_found) continue;
      return std::unexpected(position.error());
    }
    if (position->next_offset >= flushed_offset_) return Place{segment.base(), position->position};
    // The file, or what can be read of it, ends early.
    const QuarantineEntry* known = quarantine_at(position->next_offset);
    if (known == nullptr) {
      TRY(add_quarantine({.segment = segment.base(),
                          .position = position->position,
                          .size = segment.size() - position->position,
                          .first_offset = position->next_offset,
                          .end_offset = flushed_offset_,
                          .reason = "the segment ends before what was flushed"}));
    }
    return end;
  }
}

Status Partition::State::scan(Place from) {
  const std::size_t first = segment_number(from.segment);
  std::int64_t expected = std::max(flushed_offset_, segments_[first]->base());
  for (std::size_t number = first; number < segments_.size(); ++number) {
    Segment& segment = *segments_[number];
    if (number > first && segment.base() != expected) {
      TRY(cut(number, 0));
      break;
    }
    const std::uint64_t size = segment.size();
    const std::uint64_t begin = number == first ? from.position : 0;
    TRY(segment.restart_at(begin, false));
    TRY(const auto file, segment.file());
    BatchWalk walk(*file, begin, size);
    walk.expect(expected, false);
    bool is_torn = false;
    while (true) {
      const auto has_batch = walk.next();
      if (!has_batch && has_batch.error().kind != ErrorKind::corrupt) return std::unexpected(has_batch.error());
      is_torn = !has_batch;
      if (is_torn || !*has_batch) break;
      const wire::BatchHeader& header = walk.header();
      segment.add(header, walk.position(), config_.index_interval_bytes, opened_);
      if (epochs_.empty() || header.leader_epoch > epochs_.back().epoch) {
        epochs_.push_back({header.leader_epoch, header.base_offset});
      }
      expected = header.next_offset();
    }
    if (is_torn) {
      TRY(cut(number, walk.position()));
      break;
    }
  }
  end_offset_ = expected;
  // What is served from now on must not be taken away by the next crash.
  for (std::size_t number = first; number < segments_.size(); ++number) TRY(segments_[number]->sync());
  TRY(directory_->sync());
  const bool is_end_lost = !quarantine_.empty() && quarantine_.back().end_offset == end_offset_ &&
                           quarantine_.back().segment == active()->base();
  if (is_end_lost && active()->base() != end_offset_) {
    TRY(auto segment, Segment::create(directory_, end_offset_));
    segments_.push_back(std::move(segment));
    TRY(directory_->sync());
  }
  return {};
}

// Ends the log before the batch at `position`: newer segments go first, so that a crash leaves no gap.
Status Partition::State::cut(std::size_t number, std::uint64_t position) {
  const std::size_t kept = position == 0 && number > 0 ? number : number + 1;
  while (segments_.size() > kept) {
    TRY(remove_segment_files(*directory_, segments_.back()->base()));
    segments_.pop_back();
  }
  if (kept == number) return {};
  return segments_[number]->restart_at(position, true);
}

Result<std::int64_t> Partition::State::load_producers(std::int64_t offset_max) {
  producers_ = {};
  // Records that users deleted count as long as they are there: a producer may repeat them.
  std::int64_t from = segments_.empty() ? end_offset_ : segments_.front()->base();
  if (opening_note_ && opening_note_->has_no_producers && opening_note_->producers_offset <= offset_max) {
    from = std::max(from, opening_note_->producers_offset);
  }
  for (auto snapshot = snapshots_.rbegin(); snapshot != snapshots_.rend() && snapshot->offset >= from; ++snapshot) {
    if (snapshot->offset > offset_max) continue;
    const std::string name = segment_file(snapshot->offset, kProducersSuffix);
    TRY(const std::string bytes, io::read_whole(*directory_, name, kSmallFileBytesMax));
    const std::string path = directory_->path() + "/" + name;
    const auto body = read_frame(kProducersMagic, bytes, path);
    auto state = body ? ProducerState::decode(*body, path) : Result<ProducerState>(std::unexpected(body.error()));
    // One that was not whole on the device when the power went: an older one and more of the log do as well.
    if (!state) {
      if (state.error().kind != ErrorKind::corrupt) return std::unexpected(state.error());
      continue;
    }
    snapshot->is_sound = true;
    producers_ = std::move(*state);
    from = snapshot->offset;
    break;
  }
  no_producers_at_ = producers_.empty() ? from : 0;
  producers_changed_at_ = from;
  const ProducerState begun_with = producers_;
  TRY(past_damage_replay(from, begun_with));
  return from;
}

// Damage that the replay meets is set aside, and the replay begun anew.
Status Partition::State::past_damage_replay(std::int64_t from, const ProducerState& begun_with) {
  constexpr int kDamageMax = 64;
  for (int i = 0;; ++i) {
    std::int64_t reached = from;
    const Status replayed = replay_producers(from, reached);
    if (replayed || replayed.error().kind != ErrorKind::corrupt || i == kDamageMax) return replayed;
    TRY(const bool is_found, set_damage_aside(*segment_of(reached)));
    if (!is_found) return replayed;
    producers_ = begun_with;
  }
}

Status Partition::State::replay_producers(std::int64_t from, std::int64_t& reached) {
  if (segments_.empty()) return {};
  for (std::size_t number = segment_number(from); number < segments_.size(); ++number) {
    Segment& segment = *segments_[number];
    reached = std::max(from, segment.base());
    bool is_whole = false;
    TRY(const std::vector<AbortedEntry> noted, segment.aborted().salvage(is_whole));
    std::vector<AbortedEntry> aborted = noted;
    std::erase_if(aborted, [from](const AbortedEntry& entry) { return entry.marker_offset >= from; });
    if (from < end_of(number)) {
      TRY(const std::uint64_t begin, segment.find(from));
      TRY(const auto file, segment.file());
      HeaderWalk walk(*file, begin, segment.size(), segment.holes());
      while (true) {
        TRY(const auto batch, walk.next());
        if (!batch) break;
        if (!batch->has_producer() || batch->base_offset < from) continue;
        if (producers_.empty()) no_producers_at_ = batch->base_offset;
        producers_changed_at_ = batch->next_offset();
        if (!batch->is_control()) {
          producers_.add(*batch, opened_);
          continue;
        }
        // A marker that compaction emptied ended its transaction all the same; its records are long decided.
        if (batch->record_count == 0) continue;
        std::string bytes(batch->size(), '\0');
        TRY(file->read_at(walk.position(), bytes));
        TRY(const wire::EndMarker marker, wire::read_end_marker(bytes));
        const std::int64_t first =
            producers_.add_marker(batch->producer_id, batch->producer_epoch, marker.coordinator_epoch, opened_);
        if (first < 0 || marker.is_commit) continue;
        aborted.push_back({.producer_id = batch->producer_id,
                           .first_offset = first,
                           .marker_offset = batch->base_offset,
                           .stable_offset = producers_.first_open_offset().value_or(batch->next_offset())});
      }
    }
    if (aborted != noted || !is_whole) TRY(segment.aborted().replace(std::move(aborted)));
    if (&segment != active()) segment.rest();
  }
  return {};
}

}  // namespace weir::log
