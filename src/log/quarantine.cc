#include "log/quarantine.h"

#include <algorithm>

#include "log/frame.h"
#include "log/names.h"
#include "log/partition_state.h"

namespace weir::log {
namespace {

constexpr std::string_view kMagic = "weirquar";
constexpr std::string_view kFileName = "quarantine";
constexpr std::size_t kEntryBytes = 45;
constexpr std::size_t kSearchBytes = std::size_t{1} << 20;

// The first whole batch, with an offset from `offset_min` to before `offset_end`, that begins behind `position`.
Result<std::optional<std::uint64_t>> find_batch(const io::File& file, std::uint64_t position, std::uint64_t end,
                                                std::int64_t offset_min, std::int64_t offset_end) {
  constexpr std::size_t kMagicAt = 16;
  std::string buffer;
  for (std::uint64_t begin = position + 1; begin + wire::kBatchHeaderBytes <= end; begin += kSearchBytes) {
    buffer.resize(std::min<std::uint64_t>(kSearchBytes + wire::kBatchHeaderBytes - 1, end - begin));
    TRY(const std::size_t read, file.read_at(begin, buffer));
    for (std::size_t i = 0; i + wire::kBatchHeaderBytes <= read && i < kSearchBytes; ++i) {
      if (buffer[i + kMagicAt] != 2) continue;
      const auto header = wire::read_batch_header(std::string_view(buffer).substr(i, read - i));
      if (!header || header->base_offset < offset_min || header->next_offset() > offset_end) continue;
      BatchWalk walk(file, begin + i, end);
      const auto is_whole = walk.next();
      if (is_whole && *is_whole) return std::optional(begin + i);
    }
  }
  return std::optional<std::uint64_t>();
}

}  // namespace

std::string encode_quarantine(const std::vector<QuarantineEntry>& entries) {
  FieldWriter out;
  out.number(static_cast<std::uint32_t>(entries.size()));
  for (const QuarantineEntry& entry : entries) {
    out.number(entry.segment).number(entry.position).number(entry.size);
    out.number(entry.first_offset).number(entry.end_offset).number(std::uint8_t{entry.is_released}).text(entry.reason);
  }
  return make_frame(kMagic, out.take());
}

Result<std::vector<QuarantineEntry>> decode_quarantine(std::string_view bytes, const std::string& path) {
  TRY(const std::string_view body, read_frame(kMagic, bytes, path));
  FieldReader in(body);
  std::vector<QuarantineEntry> entries(in.count(kEntryBytes));
  for (QuarantineEntry& entry : entries) {
    entry.segment = in.number<std::int64_t>();
    entry.position = in.number<std::uint64_t>();
    entry.size = in.number<std::uint64_t>();
    entry.first_offset = in.number<std::int64_t>();
    entry.end_offset = in.number<std::int64_t>();
    entry.is_released = in.number<std::uint8_t>() != 0;
    entry.reason = in.text();
  }
  if (!in.is_whole()) return fail(ErrorKind::corrupt, "{} is damaged: its ranges make no sense", path);
  return entries;
}

const QuarantineEntry* Partition::State::quarantine_at(std::int64_t offset) const {
  const auto found = std::ranges::find_if(quarantine_, [offset](const QuarantineEntry& entry) {
    return entry.first_offset <= offset && offset < entry.end_offset;
  });
  return found == quarantine_.end() ? nullptr : &*found;
}

// Brings what follows from the list up to date.
void Partition::State::quarantine_changed() {
  std::ranges::sort(quarantine_, {}, [](const QuarantineEntry& entry) { return entry.first_offset; });
  quarantine_list_.clear();
  for (const QuarantineEntry& entry : quarantine_) {
    quarantine_list_.push_back({.first_offset = entry.first_offset,
                                .end_offset = entry.end_offset,
                                .bytes = entry.size,
                                .file = directory_->path() + "/" + segment_file(entry.segment, kLogSuffix),
                                .reason = entry.reason,
                                .is_released = entry.is_released});
  }
  for (const auto& segment : segments_) {
    std::vector<Hole> holes;
    for (const QuarantineEntry& entry : quarantine_) {
      if (entry.segment == segment->base()) holes.push_back({.position = entry.position, .size = entry.size});
    }
    segment->set_holes(std::move(holes));
  }
  remembered_ = {};
}

Status Partition::State::add_quarantine(QuarantineEntry entry) {
  quarantine_.push_back(std::move(entry));
  quarantine_changed();
  return io::replace_file(*directory_, std::string(kFileName), encode_quarantine(quarantine_));
}

Result<bool> Partition::State::set_damage_aside(Segment& segment) {
  const std::size_t number = segment_number(segment.base());
  const bool is_flush_end = segment.base() == flushed_place_.segment && flushed_place_.position > 0;
  const std::uint64_t end = is_flush_end ? std::min(flushed_place_.position, segment.size()) : segment.size();
  const std::int64_t end_offset = number + 1 < segments_.size() ? end_of(number) : flushed_offset_;
  TRY(const auto file, segment.file());
  BatchWalk walk(*file, 0, end, segment.holes());
  walk.expect(segment.base(), !config_.is_compacted && cleaned_offset_ == 0);
  while (true) {
    const auto has_batch = walk.next();
    if (has_batch && !*has_batch) {
      // The last batch of a segment ends where the next one begins, compacted or not.
      const bool is_short = number + 1 < segments_.size() && walk.next_offset() < end_offset &&
                            quarantine_at(walk.next_offset()) == nullptr && end_offset <= flushed_offset_;
      if (!is_short) return false;
      TRY(add_quarantine({.segment = segment.base(),
                          .position = walk.next_position(),
                          .first_offset = walk.next_offset(),
                          .end_offset = end_offset,
                          .reason = "the segment ends early"}));
      return true;
    }
    if (has_batch) continue;
    if (has_batch.error().kind != ErrorKind::corrupt) return std::unexpected(has_batch.error());
    TRY(const auto next, find_batch(*file, walk.position(), end, walk.next_offset(), end_offset));
    std::int64_t next_offset = end_offset;
    if (next) {
      HeaderWalk after(*file, *next, end);
      TRY(const auto header, after.next());
      next_offset = header->base_offset;
    }
    // Nothing is missing before what follows: these bytes were never promised to anybody.
    if (next_offset <= walk.next_offset()) return false;
    TRY(add_quarantine({.segment = segment.base(),
                        .position = walk.position(),
                        .size = next.value_or(end) - walk.position(),
                        .first_offset = walk.next_offset(),
                        .end_offset = next_offset,
                        .reason = has_batch.error().message}));
    // Places in the index may lie in what was set aside.
    TRY(segment.rebuild_index());
    return true;
  }
}

Result<Verification> Partition::State::verify() {
  Verification result;
  const std::size_t known = quarantine_.size();
  for (const auto& segment : segments_) {
    while (true) {
      TRY(const bool is_found, set_damage_aside(*segment));
      if (!is_found) break;
    }
    TRY(const auto file, segment->file());
    HeaderWalk walk(*file, 0, segment->size(), segment->holes());
    while (true) {
      TRY(const auto batch, walk.next());
      if (!batch || batch->base_offset >= flushed_offset_) break;
      ++result.batches;
      result.records += static_cast<std::uint64_t>(batch->record_count);
      result.bytes += batch->size();
    }
    if (segment.get() != active()) segment->rest();
  }
  if (quarantine_.size() > known) {
    result.found.assign(quarantine_list_.begin(), quarantine_list_.end());
  }
  return result;
}

Status Partition::State::release_quarantine(std::int64_t first_offset) {
  const auto entry = std::ranges::find(quarantine_, first_offset, &QuarantineEntry::first_offset);
  if (entry == quarantine_.end()) {
    return fail(ErrorKind::user, "partition {}: no quarantined range begins at offset {}", name_, first_offset);
  }
  Segment* segment = segment_of(first_offset);
  bool is_whole = false;
  if (segment != nullptr && segment->base() == entry->segment && entry->size > 0) {
    TRY(const auto file, segment->file());
    BatchWalk walk(*file, entry->position, entry->position + entry->size);
    walk.expect(entry->first_offset, false);
    while (true) {
      const auto has_batch = walk.next();
      if (!has_batch && has_batch.error().kind != ErrorKind::corrupt) return std::unexpected(has_batch.error());
      if (!has_batch) break;
      is_whole = !*has_batch && walk.next_offset() <= entry->end_offset;
      if (!*has_batch) break;
    }
  }
  if (is_whole) {
    quarantine_.erase(entry);
  } else {
    entry->is_released = true;
  }
  quarantine_changed();
  if (is_whole) TRY(segment->rebuild_index());
  return io::replace_file(*directory_, std::string(kFileName), encode_quarantine(quarantine_));
}

}  // namespace weir::log
