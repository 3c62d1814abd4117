#include "log/segment_index.h"

#include <array>

#include "log/names.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"

namespace weir::log {
namespace {

constexpr std::size_t kPendingMax = 64;
constexpr std::size_t kPositionAt = 4;
constexpr std::size_t kTimestampAt = 8;
constexpr std::size_t kCrcAt = 16;

std::uint32_t crc_of(std::string_view entry, std::int64_t base) {
  std::array<char, sizeof(base)> base_bytes{};
  wire::store_big(base_bytes.data(), base);
  return wire::crc32c(entry.substr(0, kCrcAt), wire::crc32c({base_bytes.data(), base_bytes.size()}));
}

void append_entry(std::string& out, const IndexEntry& entry, std::int64_t base) {
  const std::size_t begin = out.size();
  wire::append_big(out, static_cast<std::uint32_t>(entry.offset - base));
  wire::append_big(out, static_cast<std::uint32_t>(entry.position));
  wire::append_big(out, entry.max_timestamp);
  wire::append_big(out, crc_of(std::string_view(out).substr(begin), base));
}

}  // namespace

SegmentIndex::SegmentIndex(std::shared_ptr<io::Directory> directory, std::int64_t base)
    : directory_(std::move(directory)), base_(base) {}

Result<io::File*> SegmentIndex::file(bool is_made) {
  if (file_ != nullptr) return file_.get();
  const std::string name = segment_file(base_, kIndexSuffix);
  TRY(const bool exists, directory_->exists(name));
  if (!exists && !is_made) return nullptr;
  TRY(file_, directory_->open(name, exists ? io::OpenMode::write : io::OpenMode::create));
  return file_.get();
}

Result<std::uint64_t> SegmentIndex::written_count() {
  if (written_ >= 0) return static_cast<std::uint64_t>(written_);
  TRY(const io::File* file, this->file(false));
  std::uint64_t size = 0;
  if (file != nullptr) {
    TRY(size, file->size());
  }
  written_ = static_cast<std::int64_t>(size / kEntryBytes);
  return size / kEntryBytes;
}

void SegmentIndex::add(const IndexEntry& entry) {
  pending_.push_back(entry);
  // A failed write is no harm: the entries stay here.
  if (pending_.size() % kPendingMax == 0) static_cast<void>(write_pending());
}

Status SegmentIndex::write_pending() {
  if (pending_.empty()) return {};
  TRY(const std::uint64_t written, written_count());
  TRY(io::File * file, this->file(true));
  std::string bytes;
  for (const IndexEntry& entry : pending_) append_entry(bytes, entry, base_);
  TRY(file->write_at(written * kEntryBytes, bytes));
  written_ += static_cast<std::int64_t>(pending_.size());
  pending_.clear();
  return {};
}

Result<IndexEntry> SegmentIndex::entry(std::uint64_t number) {
  if (number >= static_cast<std::uint64_t>(written_)) return pending_[number - static_cast<std::uint64_t>(written_)];
  TRY(const io::File* file, this->file(false));
  std::array<char, kEntryBytes> bytes{};
  if (file != nullptr) {
    TRY(file->read_at(number * kEntryBytes, bytes));
  }
  if (crc_of({bytes.data(), bytes.size()}, base_) != wire::load_big<std::uint32_t>(bytes.data() + kCrcAt)) {
    return fail(ErrorKind::corrupt, "{}/{}: entry {} is damaged", directory_->path(), segment_file(base_, kIndexSuffix),
                number);
  }
  return IndexEntry{.offset = base_ + wire::load_big<std::uint32_t>(bytes.data()),
                    .position = wire::load_big<std::uint32_t>(bytes.data() + kPositionAt),
                    .max_timestamp = wire::load_big<std::int64_t>(bytes.data() + kTimestampAt)};
}

Result<IndexEntry> SegmentIndex::last_where(const std::function<bool(const IndexEntry&)>& holds) {
  TRY(const std::uint64_t written, written_count());
  IndexEntry best = first();
  std::uint64_t begin = 0;
  std::uint64_t end = written + pending_.size();
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    TRY(const IndexEntry found, entry(middle));
    if (holds(found)) {
      best = found;
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return best;
}

Result<IndexEntry> SegmentIndex::last() {
  return last_where([](const IndexEntry&) { return true; });
}

Status SegmentIndex::cut(std::uint64_t position) {
  while (!pending_.empty() && pending_.back().position > position) pending_.pop_back();
  TRY(std::uint64_t count, written_count());
  const std::uint64_t old_count = count;
  for (; count > 0; --count) {
    const auto last = entry(count - 1);
    if (!last && last.error().kind != ErrorKind::corrupt) return std::unexpected(last.error());
    if (last && last->position <= position) break;
  }
  if (count != old_count && file_ != nullptr) {
    // Entries of what was cut away would look right if they came back after the next crash.
    TRY(file_->truncate(count * kEntryBytes));
    TRY(file_->sync());
  }
  written_ = static_cast<std::int64_t>(count);
  return {};
}

Status SegmentIndex::clear() {
  pending_.clear();
  written_ = 0;
  TRY(io::File * file, this->file(false));
  if (file == nullptr) return {};
  TRY(file->truncate(0));
  return file->sync();
}

}  // namespace weir::log
