#include "log/cleaning.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <random>
#include <set>

#include <xxhash.h>

#include "log/batch_rewrite.h"
#include "log/names.h"
#include "log/segment.h"

namespace weir::log {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

// Writes one cleaned file, and notes its index.
class GroupWriter {
 public:
  GroupWriter(io::File& file, CleanedGroup& group, std::uint64_t index_interval)
      : file_(file), group_(group), index_interval_(index_interval) {}

  Status add(std::string_view batch, const wire::BatchHeader& header) {
    if (group_.size > 0 && group_.size - indexed_ >= index_interval_) {
      group_.index.push_back({header.base_offset, group_.size, group_.max_timestamp});
      indexed_ = group_.size;
    }
    group_.max_timestamp = std::max(group_.max_timestamp, header.max_timestamp);
    group_.size += batch.size();
    buffer_ += batch;
    return buffer_.size() < kWriteBytes ? Status{} : write();
  }

  Status finish() {
    TRY(write());
    group_.index.push_back({group_.end, group_.size, group_.max_timestamp});
    return file_.sync();
  }

 private:
  Status write() {
    TRY(file_.write_at(group_.size - buffer_.size(), buffer_));
    buffer_.clear();
    return {};
  }

  io::File& file_;
  CleanedGroup& group_;
  std::uint64_t index_interval_;
  std::uint64_t indexed_ = 0;
  std::string buffer_;
};

// The offsets of the end markers in a file.
Result<std::set<std::int64_t>> markers_in(io::Directory& directory, const std::string& name) {
  TRY(const auto file, directory.open(name, io::OpenMode::read));
  TRY(const std::uint64_t size, file->size());
  std::set<std::int64_t> markers;
  HeaderWalk walk(*file, 0, size);
  while (true) {
    TRY(const auto batch, walk.next());
    if (!batch) return markers;
    if (batch->is_control()) markers.insert(batch->base_offset);
  }
}

}  // namespace

Status KeyCompaction::run() {
  outcome_ = clean();
  if (!outcome_) {
    for (const CleaningSource& source : plan_.sources) {
      static_cast<void>(plan_.directory->remove(segment_file(source.base, kCleanedSuffix)));
    }
  }
  last_offsets_.clear();
  return outcome_;
}

Status KeyCompaction::clean() {
  // Seeded anew each time, so that nobody can choose keys that collide.
  std::random_device random;
  seed_ = (std::uint64_t{random()} << 32) | random();
  TRY(note_keys());
  return clean_groups();
}

KeyCompaction::Hash KeyCompaction::hash_of(std::string_view key) const {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(key.data(), key.size(), seed_);
  return {.low = hash.low64, .high = hash.high64};
}

bool KeyCompaction::is_newest(std::string_view key, std::int64_t offset) const {
  const auto found = last_offsets_.find(hash_of(key));
  return found == last_offsets_.end() || offset >= found->second;
}

bool KeyCompaction::is_aborted(const wire::BatchHeader& header) const {
  return header.is_transactional() && std::ranges::any_of(plan_.aborted, [&](const AbortedEntry& entry) {
           return entry.producer_id == header.producer_id && entry.first_offset <= header.base_offset &&
                  header.base_offset < entry.marker_offset;
         });
}

bool KeyCompaction::is_producers_last(const wire::BatchHeader& header) const {
  const auto last = plan_.last_data_offsets.find(header.producer_id);
  return last != plan_.last_data_offsets.end() && last->second <= header.last_offset();
}

Status KeyCompaction::note_keys() {
  cleaned_to_ = plan_.dirty_from;
  for (const CleaningSource& source : plan_.sources) {
    if (source.end <= plan_.dirty_from) continue;
    bool is_full = false;
    TRY(note_keys_of(source, is_full));
    if (is_full) return {};
    cleaned_to_ = source.end;
  }
  return {};
}

Status KeyCompaction::note_keys_of(const CleaningSource& source, bool& is_full) {
  BatchWalk walk(*source.file, 0, source.size, source.holes);
  while (true) {
    TRY(const bool has_batch, walk.next());
    if (!has_batch) return {};
    const wire::BatchHeader& header = walk.header();
    if (header.last_offset() < plan_.dirty_from || header.is_control() || is_aborted(header)) continue;
    // A batch is noted whole or not at all. One batch alone is taken whatever its number of keys.
    const std::size_t keys = last_offsets_.size() + static_cast<std::size_t>(header.record_count);
    if (keys > plan_.keys_max && !last_offsets_.empty()) {
      cleaned_to_ = header.base_offset;
      is_full = true;
      return {};
    }
    TRY(auto reader, wire::RecordReader::open(walk.bytes(), plan_.decompressed_max));
    wire::Record record;
    while (true) {
      TRY(const bool has_record, reader.next(record));
      if (!has_record) break;
      if (record.key) last_offsets_[hash_of(*record.key)] = record.offset;
    }
  }
}

Status KeyCompaction::clean_groups() {
  constexpr std::int64_t kOffsetsMax = std::numeric_limits<std::int32_t>::max();
  const std::vector<CleaningSource>& sources = plan_.sources;
  for (std::size_t begin = 0; begin < sources.size() && sources[begin].base < cleaned_to_;) {
    if (!sources[begin].holes.empty()) {
      // The bytes that were set aside must stay where they are.
      TRY(note_transactions(sources[begin++]));
      continue;
    }
    std::uint64_t size = sources[begin].size;
    std::size_t end = begin + 1;
    while (end < sources.size() && sources[end].base < cleaned_to_ && sources[end].holes.empty() &&
           size + sources[end].size <= plan_.segment_bytes && sources[end].end - sources[begin].base <= kOffsetsMax) {
      size += sources[end++].size;
    }
    TRY(clean_group(begin, end));
    begin = end;
  }
  return {};
}

Status KeyCompaction::note_transactions(const CleaningSource& source) {
  HeaderWalk walk(*source.file, 0, source.size, source.holes);
  while (true) {
    TRY(const auto batch, walk.next());
    if (!batch) return {};
    if (batch->is_transactional()) has_records_[batch->producer_id] = !batch->is_control();
  }
}

Status KeyCompaction::clean_group(std::size_t begin, std::size_t end) {
  CleanedGroup group{
      .base = plan_.sources[begin].base, .end = plan_.sources[end - 1].end, .begun = plan_.sources[begin].begun};
  const std::string name = segment_file(group.base, kCleanedSuffix);
  TRY(const auto file, plan_.directory->open(name, io::OpenMode::overwrite));
  GroupWriter writer(*file, group, plan_.index_interval);
  bool is_changed = end - begin > 1;
  for (std::size_t number = begin; number < end; ++number) {
    const CleaningSource& source = plan_.sources[number];
    group.old_size += source.size;
    BatchWalk walk(*source.file, 0, source.size);
    while (true) {
      TRY(const bool has_batch, walk.next());
      if (!has_batch) break;
      const bool is_last = number + 1 == end && walk.next_position() >= source.size;
      TRY(const std::string kept, cleaned(walk.bytes(), walk.header(), is_last));
      is_changed = is_changed || kept != walk.bytes();
      if (kept.empty()) continue;
      TRY(const wire::BatchHeader header, wire::read_batch_header(kept));
      TRY(writer.add(kept, header));
    }
  }
  if (!is_changed) return plan_.directory->remove(name);
  TRY(writer.finish());
  groups_.push_back(std::move(group));
  return {};
}

Result<std::string> KeyCompaction::cleaned(std::string_view batch, const wire::BatchHeader& header, bool is_last) {
  if (header.is_control()) return cleaned_marker(batch, header, is_last);
  const bool is_kept_when_empty = is_last || is_producers_last(header);
  if (header.record_count == 0) return is_kept_when_empty ? std::string(batch) : std::string();
  if (is_aborted(header)) return is_kept_when_empty ? empty_batch(header) : std::string();
  TRY(std::string kept,
      rewrite_batch(batch, header, [this](std::string_view key, std::int64_t offset) { return is_newest(key, offset); },
                    {.horizon_new = plan_.now + plan_.delete_retention_ms,
                     .now = plan_.now,
                     .is_kept_when_empty = is_kept_when_empty,
                     .decompressed_max = plan_.decompressed_max}));
  if (header.is_transactional() && !kept.empty()) {
    TRY(const wire::BatchHeader kept_header, wire::read_batch_header(kept));
    if (kept_header.record_count > 0) has_records_[header.producer_id] = true;
  }
  return kept;
}

Result<std::string> KeyCompaction::cleaned_marker(std::string_view batch, const wire::BatchHeader& header,
                                                  bool is_last) {
  const bool has_records = std::exchange(has_records_[header.producer_id], false);
  // The producer's last marker says its epoch.
  if (has_records || is_last || is_producers_last(header)) return std::string(batch);
  if (!header.has_delete_horizon()) return with_horizon(batch, header, plan_.now + plan_.delete_retention_ms);
  return header.base_timestamp <= plan_.now ? std::string() : std::string(batch);
}

Status put_in_place(io::Directory& directory, std::int64_t base, std::int64_t end) {
  const std::string swap = swap_file(base, end);
  // An entry must not outlive its marker: readers would never see the transaction end.
  TRY(const std::set<std::int64_t> markers, markers_in(directory, swap));
  TRY(const auto names, directory.list());
  std::vector<AbortedEntry> aborted;
  const std::shared_ptr<io::Directory> borrowed(&directory, [](io::Directory*) {});
  for (const std::string& name : names) {
    const auto offset = offset_in(name, kAbortedSuffix);
    if (!offset || *offset < base || *offset >= end) continue;
    bool is_whole = false;
    TRY(const auto entries, AbortedIndex(borrowed, *offset).salvage(is_whole));
    for (const AbortedEntry& entry : entries) {
      if (markers.contains(entry.marker_offset)) aborted.push_back(entry);
    }
  }
  std::ranges::sort(aborted, {}, &AbortedEntry::marker_offset);
  aborted.erase(std::ranges::unique(aborted).begin(), aborted.end());
  TRY(AbortedIndex(borrowed, base).replace(std::move(aborted)));

  for (const std::string& name : names) {
    const auto offset = offset_in(name, kLogSuffix);
    if (offset && *offset > base && *offset < end) TRY(remove_segment_files(directory, *offset));
  }
  const std::string index = segment_file(base, kIndexSuffix);
  TRY(const bool has_index, directory.exists(index));
  if (has_index) TRY(directory.remove(index));
  TRY(directory.sync());
  TRY(directory.rename(swap, segment_file(base, kLogSuffix)));
  return directory.sync();
}

}  // namespace weir::log
