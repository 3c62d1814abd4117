#pragma once

// The door to durable files: what the log is kept in. A Directory holds files and folders that weir alone writes; names
// are made by weir, never taken from outside. `open_directory` gives the machine's own; tests give one in memory that
// records every write and sync, and fails when told to.
//
// A File may be read and synced by any thread while one thread writes; a Directory belongs to one thread at a time.
// Failures are ErrorKind::external (the machine refused: full, read-only, damaged device); a full disk is told apart by
// `is_out_of_space`.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::io {

class File {
 public:
  virtual ~File() = default;

  // Bytes, as the last write or truncation left it.
  virtual Result<std::uint64_t> size() const = 0;
  // As many bytes as lie there, up to `into.size()`: fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t position, std::span<char> into) const = 0;
  // All of `bytes` or an error; after an error any part may have been written.
  virtual Status write_at(std::uint64_t position, std::string_view bytes) = 0;
  // Several runs of bytes, one after the other, in as few system calls as there can be.
  virtual Status write_at(std::uint64_t position, std::span<const std::string_view> runs) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  // Takes room on the device for the file's first `size` bytes; the file is then at least that long.
  virtual Status allocate(std::uint64_t size) = 0;
  // Returns when all that was written before is on the device (fdatasync). After an error nothing is known of what was
  // written since the last success, and asking again proves nothing.
  virtual Status sync() = 0;
  // For sendfile(2); -1 where there is none.
  virtual int descriptor() const { return -1; }
};

enum class OpenMode {
  read,       // Must exist; to be read only.
  write,      // Must exist; to be read and written.
  create,     // Must not exist; to be read and written.
  overwrite,  // Made if absent, emptied if not.
};

struct SpaceInfo {
  std::uint64_t free_bytes = 0;  // For this process.
  std::uint64_t total_bytes = 0;
};

class Directory {
 public:
  virtual ~Directory() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) = 0;
  // Names of files and folders in it, sorted.
  virtual Result<std::vector<std::string>> list() const = 0;
  virtual Result<bool> exists(const std::string& name) const = 0;
  // A folder in this one, made if absent.
  virtual Result<std::unique_ptr<Directory>> folder(const std::string& name) = 0;
  // A file, or a folder with all that is in it.
  virtual Status remove(const std::string& name) = 0;
  // Within this directory; takes the place of what had the name `to`.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // Returns when names made, renamed and removed before are on the device.
  virtual Status sync() = 0;
  virtual Result<SpaceInfo> space() const = 0;
  // Holds the file `name`, made if absent, until what is returned goes, or the process. One clear sentence if another
  // holder, here or in another process, has it.
  virtual Result<std::unique_ptr<File>> lock(const std::string& name) = 0;
  // For messages: where it is, as a person would write it.
  virtual const std::string& path() const = 0;
};

// The machine's folder at `path`, made if absent (its parent must exist).
Result<std::unique_ptr<Directory>> open_directory(const std::string& path);

// Writes a neighbour, syncs it, renames it to `name` and syncs the directory: after a crash there is the old file whole
// or the new one.
Status replace_file(Directory& directory, const std::string& name, std::string_view bytes);
// The whole file; more than `size_max` bytes is ErrorKind::corrupt.
Result<std::string> read_whole(Directory& directory, const std::string& name, std::size_t size_max);

// Whether an error of File or Directory means that the disk, or a quota on it, is full.
bool is_out_of_space(const Error& error);

}  // namespace weir::io
