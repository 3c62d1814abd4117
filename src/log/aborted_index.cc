#include "log/aborted_index.h"

#include "log/names.h"
#include "wire/big_endian.h"
#include "wire/crc32c.h"

namespace weir::log {
namespace {

constexpr std::size_t kCrcAt = 32;
constexpr std::size_t kFileBytesMax = std::size_t{1} << 30;

void append_entry(std::string& out, const AbortedEntry& entry) {
  const std::size_t begin = out.size();
  wire::append_big(out, entry.producer_id);
  wire::append_big(out, entry.first_offset);
  wire::append_big(out, entry.marker_offset);
  wire::append_big(out, entry.stable_offset);
  wire::append_big(out, wire::crc32c(std::string_view(out).substr(begin)));
}

}  // namespace

std::string encode_aborted(const std::vector<AbortedEntry>& entries) {
  std::string bytes;
  for (const AbortedEntry& entry : entries) append_entry(bytes, entry);
  return bytes;
}

std::vector<AbortedEntry> decode_aborted(std::string_view bytes, bool& is_whole) {
  std::vector<AbortedEntry> entries;
  for (; bytes.size() >= kAbortedEntryBytes; bytes.remove_prefix(kAbortedEntryBytes)) {
    const char* at = bytes.data();
    if (wire::crc32c(bytes.substr(0, kCrcAt)) != wire::load_big<std::uint32_t>(at + kCrcAt)) break;
    entries.push_back({.producer_id = wire::load_big<std::int64_t>(at),
                       .first_offset = wire::load_big<std::int64_t>(at + 8),
                       .marker_offset = wire::load_big<std::int64_t>(at + 16),
                       .stable_offset = wire::load_big<std::int64_t>(at + 24)});
  }
  is_whole = bytes.empty();
  return entries;
}

Result<std::vector<AbortedEntry>> AbortedIndex::salvage(bool& is_whole) {
  is_whole = true;
  const std::string name = segment_file(base_, kAbortedSuffix);
  TRY(const bool exists, directory_->exists(name));
  if (!exists) return std::vector<AbortedEntry>();
  TRY(const std::string bytes, io::read_whole(*directory_, name, kFileBytesMax));
  return decode_aborted(bytes, is_whole);
}

Result<const std::vector<AbortedEntry>*> AbortedIndex::entries() {
  if (is_loaded_) return &entries_;
  const std::string name = segment_file(base_, kAbortedSuffix);
  TRY(const bool exists, directory_->exists(name));
  if (exists) {
    TRY(const std::string bytes, io::read_whole(*directory_, name, kFileBytesMax));
    bool is_whole = false;
    entries_ = decode_aborted(bytes, is_whole);
    if (!is_whole) return fail(ErrorKind::corrupt, "{}/{} is damaged", directory_->path(), name);
  }
  is_loaded_ = true;
  return &entries_;
}

Status AbortedIndex::open_file() {
  if (file_ != nullptr) return {};
  const std::string name = segment_file(base_, kAbortedSuffix);
  TRY(const bool exists, directory_->exists(name));
  TRY(file_, directory_->open(name, exists ? io::OpenMode::write : io::OpenMode::create));
  is_made_ = is_made_ || !exists;
  return {};
}

Status AbortedIndex::add(const AbortedEntry& entry) {
  TRY(entries());
  TRY(open_file());
  TRY(file_->write_at(entries_.size() * kAbortedEntryBytes, encode_aborted({entry})));
  entries_.push_back(entry);
  is_dirty_ = true;
  return {};
}

Status AbortedIndex::replace(std::vector<AbortedEntry> entries) {
  const std::string name = segment_file(base_, kAbortedSuffix);
  file_.reset();
  if (!entries.empty()) {
    TRY(io::replace_file(*directory_, name, encode_aborted(entries)));
  } else {
    TRY(const bool exists, directory_->exists(name));
    if (exists) TRY(directory_->remove(name));
  }
  entries_ = std::move(entries);
  is_loaded_ = true;
  is_dirty_ = false;
  return {};
}

std::shared_ptr<io::File> AbortedIndex::take_dirty() {
  return std::exchange(is_dirty_, false) ? file_ : nullptr;
}

}  // namespace weir::log
