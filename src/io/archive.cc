#include "io/archive.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fcntl.h>

#include "io/descriptor.h"
#include "io/files.h"

namespace weir::io {
namespace {

constexpr std::uint64_t kArchiveBytesMax = std::uint64_t{1} << 30;
constexpr std::int64_t kArchiveEntriesMax = 200'000;

Result<std::uint64_t> count_entries(zip_t* archive, const std::string& path) {
  const zip_int64_t count = ::zip_get_num_entries(archive, 0);
  if (count > kArchiveEntriesMax) {
    return fail(ErrorKind::user, "{} holds {} entries; at most {} are read", path, count, kArchiveEntriesMax);
  }
  return static_cast<std::uint64_t>(std::max<zip_int64_t>(count, 0));
}

// What the archive's directory says of an entry. It always has a name.
Result<zip_stat_t> read_directory(zip_t* archive, std::uint64_t index, const std::string& path) {
  zip_stat_t entry;
  if (::zip_stat_index(archive, index, 0, &entry) != 0 || (entry.valid & ZIP_STAT_NAME) == 0) {
    return fail(ErrorKind::corrupt, "{}: entry {} is damaged: {}", path, index, ::zip_strerror(archive));
  }
  return entry;
}

// The entry's bytes, never more than `size_max`, whatever size the archive's directory claims.
Result<std::string> read_entry(zip_t* archive, std::uint64_t index, const std::string& name, std::size_t size_max) {
  TRY(const ArchiveFile file, open_archive_file(archive, index, name));
  std::string bytes;
  char piece[16 * 1024];
  while (true) {
    const zip_int64_t size = ::zip_fread(file.get(), piece, sizeof piece);
    if (size < 0) return fail(ErrorKind::corrupt, "cannot read {}: {}", name, ::zip_file_strerror(file.get()));
    if (size == 0) return bytes;
    bytes.append(piece, static_cast<std::size_t>(size));
    if (bytes.size() > size_max) return fail(ErrorKind::user, "{} is larger than {} bytes", name, size_max);
  }
}

bool ends_in_one_of(std::string_view name, const std::vector<std::string>& suffixes) {
  return std::ranges::any_of(suffixes, [name](const std::string& suffix) { return name.ends_with(suffix); });
}

}  // namespace

Result<Archive> open_archive(const std::string& path) {
  int code = 0;
  Archive archive(::zip_open(path.c_str(), ZIP_RDONLY, &code), &::zip_discard);
  if (archive) return archive;
  zip_error_t error;
  ::zip_error_init_with_code(&error, code);
  const std::string reason = ::zip_error_strerror(&error);
  ::zip_error_fini(&error);
  return fail(code == ZIP_ER_NOENT || code == ZIP_ER_OPEN ? ErrorKind::user : ErrorKind::corrupt,
              "cannot open archive {}: {}", path, reason);
}

Result<ArchiveFile> open_archive_file(zip_t* archive, std::uint64_t index, const std::string& name) {
  zip_stat_t entry;
  if (::zip_stat_index(archive, index, 0, &entry) == 0 && (entry.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
      entry.encryption_method != ZIP_EM_NONE) {
    return fail(ErrorKind::user, "{} is encrypted; extract it first", name);
  }
  ArchiveFile file(::zip_fopen_index(archive, index, 0), &::zip_fclose);
  if (!file) return fail(ErrorKind::corrupt, "cannot read {}: {}", name, ::zip_strerror(archive));
  return file;
}

bool is_zip(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char signature[4];
  if (!file.valid()) return false;
  const auto size = read_some(file, path, signature, sizeof signature);
  return size && std::string_view(signature, *size) == std::string_view("PK\x03\x04", 4);
}

Result<std::vector<ArchiveEntry>> list_zip(const std::string& path) {
  TRY(const Archive archive, open_archive(path));
  TRY(const std::uint64_t count, count_entries(archive.get(), path));
  std::vector<ArchiveEntry> entries;
  for (std::uint64_t index = 0; index < count; ++index) {
    TRY(const zip_stat_t entry, read_directory(archive.get(), index, path));
    const std::string_view name = entry.name;
    if (name.ends_with('/')) continue;  // A folder.
    const bool has_size = (entry.valid & ZIP_STAT_SIZE) != 0;
    const bool has_time = (entry.valid & ZIP_STAT_MTIME) != 0;
    entries.push_back({.path = path + "/" + entry.name,
                       .index = index,
                       .size = has_size ? entry.size : 0,
                       .modified = std::chrono::system_clock::from_time_t(has_time ? entry.mtime : 0)});
  }
  std::ranges::stable_sort(entries, {}, &ArchiveEntry::path);
  return entries;
}

Result<std::vector<ArchivedFile>> read_zip(const std::string& path, const std::vector<std::string>& suffixes,
                                           std::size_t size_max) {
  TRY(const Archive archive, open_archive(path));
  TRY(const std::uint64_t count, count_entries(archive.get(), path));
  std::vector<ArchivedFile> files;
  std::uint64_t total = 0;
  for (std::uint64_t index = 0; index < count; ++index) {
    TRY(const zip_stat_t entry, read_directory(archive.get(), index, path));
    if (!ends_in_one_of(entry.name, suffixes)) continue;
    const std::string name = path + "/" + entry.name;
    TRY(std::string bytes, read_entry(archive.get(), index, name, size_max));
    total += bytes.size();
    if (total > kArchiveBytesMax) return fail(ErrorKind::user, "{}: more than 1 GiB in all at {}", path, name);
    files.push_back({name, std::move(bytes)});
  }
  return files;
}

}  // namespace weir::io
