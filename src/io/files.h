#pragma once

// The door to the file system. Paths are what a person wrote; nothing here is ever built from event text.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::io {

// The whole file, up to `size_max` bytes (more is an error).
Result<std::string> read_file(const std::string& path, std::size_t size_max);

// Writes to a neighbour first and renames, so that a reader sees the old file or the new one.
Status write_file(const std::string& path, std::string_view bytes);

struct FileInfo {
  std::string path;
  std::uint64_t size = 0;
  std::chrono::system_clock::time_point modified{};
};

// A file is itself; a folder is all files below it, sorted by path, hidden ones left out (links are followed once); a
// path with `*`, `?`, `[` that names no file is a glob. A path or glob that finds nothing is
// an error that says so; an empty folder has no files.
Result<std::vector<FileInfo>> find_files(const std::string& path);

struct ArchivedFile {
  std::string path;  // "archive.zip/inner/path.yml"
  std::string bytes;
};

// The files of a zip whose names end in one of `suffixes`; encrypted, oversized (more than `size_max` each, 1 GiB in
// all, 200,000 entries) or damaged entries are errors that name the entry.
Result<std::vector<ArchivedFile>> read_zip(const std::string& path, const std::vector<std::string>& suffixes,
                                           std::size_t size_max);

// Whether the file begins as a zip archive does; false if it cannot be read.
bool is_zip(const std::string& path);

struct ArchiveEntry {
  std::string path;  // "archive.zip/inner/auth.log"
  std::uint64_t index = 0;
  std::uint64_t size = 0;  // As the archive claims.
  std::chrono::system_clock::time_point modified{};
};

// The files of a zip, sorted by path, to be read with Input::open_entry.
Result<std::vector<ArchiveEntry>> list_zip(const std::string& path);

}  // namespace weir::io
