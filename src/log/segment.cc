#include "log/segment.h"

#include <algorithm>

#include "log/names.h"

namespace weir::log {
namespace {

constexpr std::uint64_t kIndexIntervalWhenRebuilt = 4096;

}  // namespace

Result<std::unique_ptr<Segment>> Segment::create(std::shared_ptr<io::Directory> directory, std::int64_t base) {
  TRY(auto file, directory->open(segment_file(base, kLogSuffix), io::OpenMode::overwrite));
  auto segment = std::make_unique<Segment>(directory, SegmentNote{.base = base});
  segment->file_ = std::move(file);
  // What a segment of the same name left, if there was one that was cut away.
  TRY(segment->index_.clear());
  TRY(const bool has_aborted, directory->exists(segment_file(base, kAbortedSuffix)));
  if (has_aborted) TRY(directory->remove(segment_file(base, kAbortedSuffix)));
  return segment;
}

Segment::Segment(std::shared_ptr<io::Directory> directory, const SegmentNote& note)
    : directory_(directory),
      base_(note.base),
      size_(note.size),
      max_timestamp_(note.max_timestamp),
      begun_(note.begun),
      index_(directory, note.base),
      indexed_position_(note.size),
      aborted_(std::move(directory), note.base) {}

Result<std::shared_ptr<io::File>> Segment::file() {
  if (file_ == nullptr) {
    TRY(file_, directory_->open(segment_file(base_, kLogSuffix), io::OpenMode::write));
  }
  return file_;
}

void Segment::rest() {
  file_.reset();
  index_.close_file();
}

Status Segment::append(std::string_view batches, bool& is_broken) {
  TRY(const auto file, this->file());
  const Status written = file->write_at(size_, batches);
  if (!written && !file->truncate(size_)) is_broken = true;
  return written;
}

void Segment::add(const wire::BatchHeader& batch, std::uint64_t position, std::int64_t index_interval,
                  std::int64_t now) {
  if (position > 0 && position - indexed_position_ >= static_cast<std::uint64_t>(index_interval)) {
    index_.add({.offset = batch.base_offset, .position = position, .max_timestamp = max_timestamp_});
    indexed_position_ = position;
  }
  max_timestamp_ = std::max(max_timestamp_, batch.max_timestamp);
  size_ = position + batch.size();
  if (begun_ < 0) begun_ = now;
}

Status Segment::close(std::int64_t end_offset) {
  if (size_ > 0 && indexed_position_ != size_) {
    TRY(const std::int64_t newest, max_timestamp());
    index_.add({.offset = end_offset, .position = size_, .max_timestamp = newest});
    indexed_position_ = size_;
  }
  return index_.write_pending();
}

Result<IndexEntry> Segment::look_up(const std::function<bool(const IndexEntry&)>& holds) {
  auto found = index_.last_where(holds);
  if (found || found.error().kind != ErrorKind::corrupt) return found;
  TRY(rebuild_index());
  return index_.last_where(holds);
}

Result<IndexEntry> Segment::entry_at_or_below(std::uint64_t position) {
  return look_up([position](const IndexEntry& entry) { return entry.position <= position; });
}

Result<std::uint64_t> Segment::find(std::int64_t offset) {
  TRY(const IndexEntry from, look_up([offset](const IndexEntry& entry) { return entry.offset <= offset; }));
  TRY(const auto file, this->file());
  HeaderWalk walk(*file, from.position, size_, holes_);
  while (true) {
    TRY(const auto batch, walk.next());
    if (!batch) return size_;
    if (batch->last_offset() >= offset) return walk.position();
  }
}

Result<Segment::End> Segment::find_end(std::int64_t offset) {
  const auto holds = [offset, this](const IndexEntry& entry) {
    return entry.offset <= offset && entry.position <= size_;
  };
  TRY(const IndexEntry from, look_up(holds));
  TRY(const auto file, this->file());
  HeaderWalk walk(*file, from.position, size_, holes_);
  End end{.position = from.position, .next_offset = from.offset};
  while (end.next_offset < offset) {
    TRY(const auto batch, walk.next());
    if (!batch) {
      end.position = walk.position();
      break;
    }
    // Compaction has left a gap around the offset.
    if (batch->base_offset >= offset) return End{.position = walk.position(), .next_offset = offset};
    end = {.position = walk.next_position(), .next_offset = batch->next_offset()};
  }
  return end;
}

Result<std::optional<std::uint64_t>> Segment::find_time(std::int64_t timestamp) {
  TRY(const IndexEntry from, look_up([timestamp](const IndexEntry& entry) { return entry.max_timestamp < timestamp; }));
  TRY(const auto file, this->file());
  HeaderWalk walk(*file, from.position, size_, holes_);
  while (true) {
    TRY(const auto batch, walk.next());
    if (!batch) return std::optional<std::uint64_t>();
    if (batch->max_timestamp >= timestamp) return std::optional(walk.position());
  }
}

Result<std::int64_t> Segment::max_timestamp() {
  if (max_timestamp_ != kUnknown) return max_timestamp_;
  TRY(const IndexEntry from, look_up([](const IndexEntry&) { return true; }));
  std::int64_t newest = from.max_timestamp;
  TRY(const auto file, this->file());
  HeaderWalk walk(*file, from.position, size_, holes_);
  while (true) {
    TRY(const auto batch, walk.next());
    if (!batch) break;
    newest = std::max(newest, batch->max_timestamp);
  }
  max_timestamp_ = newest;
  return newest;
}

Status Segment::restart_at(std::uint64_t position, bool is_cut) {
  if (is_cut) {
    TRY(const auto file, this->file());
    TRY(file->truncate(position));
  }
  size_ = position;
  TRY(index_.cut(position));
  max_timestamp_ = kUnknown;
  const auto newest = max_timestamp();
  if (!newest) {
    if (newest.error().kind != ErrorKind::corrupt) return std::unexpected(newest.error());
    max_timestamp_ = -1;  // Damage before; whoever reads there will see to it.
  }
  TRY(const IndexEntry last, index_.last());
  indexed_position_ = last.position;
  return {};
}

Status Segment::rebuild_index() {
  TRY(index_.clear());
  TRY(const auto file, this->file());
  HeaderWalk walk(*file, 0, size_, holes_);
  std::int64_t newest = -1;
  std::uint64_t indexed = 0;
  while (true) {
    const auto next = walk.next();
    if (!next && next.error().kind != ErrorKind::corrupt) return std::unexpected(next.error());
    // Whoever reads on from the last entry meets the damage, and sees to it.
    if (!next || !*next) break;
    const wire::BatchHeader* batch = &**next;
    if (walk.position() - indexed >= kIndexIntervalWhenRebuilt) {
      index_.add({.offset = batch->base_offset, .position = walk.position(), .max_timestamp = newest});
      indexed = walk.position();
    }
    newest = std::max(newest, batch->max_timestamp);
  }
  indexed_position_ = indexed;
  return index_.write_pending();
}

void Segment::set_index(const std::vector<IndexEntry>& entries) {
  for (const IndexEntry& entry : entries) index_.add(entry);
  indexed_position_ = entries.empty() ? 0 : entries.back().position;
}

Status Segment::sync() {
  TRY(const auto file, this->file());
  return file->sync();
}

Status remove_segment_files(io::Directory& directory, std::int64_t base) {
  // A log that came back after a crash without its aborted transactions would show what was aborted.
  const std::string log_name = segment_file(base, kLogSuffix);
  TRY(const bool has_log, directory.exists(log_name));
  if (has_log) {
    TRY(directory.remove(log_name));
    TRY(directory.sync());
  }
  for (const std::string_view suffix : {kIndexSuffix, kAbortedSuffix}) {
    const std::string name = segment_file(base, suffix);
    TRY(const bool exists, directory.exists(name));
    if (exists) TRY(directory.remove(name));
  }
  return {};
}

}  // namespace weir::log
