#pragma once

// A disk in memory for tests: it keeps a list of every change and sync, can be put into each state that a power cut at
// any point may leave, and fails when told to. What a power cut leaves: all that was synced; of what was written and
// not synced any part, the last write torn at any byte; of names made, renamed or removed and not synced any part.
//
// Directories and files of a disk keep it alive. Any thread may call anything here.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/storage.h"

namespace weir::io::testing {

// One change or sync, as a test may want to look at it.
struct Operation {
  enum class Kind : std::uint8_t { write, truncate, sync_file, link, unlink, rename, sync_folder };
  Kind kind = Kind::write;
  int node = 0;                // The file; for link, unlink, rename and sync_folder the folder.
  std::uint64_t position = 0;  // Of a write; the new size of a truncation.
  std::string bytes;           // Of a write.
  std::string name;            // In the folder.
  std::string to;              // Of a rename.
  int target = 0;              // The node that a link makes a name for.
  bool is_folder = false;      // Whether that node is one.
  bool is_dropped = false;     // A sync that failed and took the unsynced writes with it.
};

// Answers a number below `count`, at least 1: how a power cut decides. A seeded generator, or a fixed choice.
using Chooser = std::function<std::size_t(std::size_t count)>;

enum class Failure : std::uint8_t {
  no_space,           // Half of a write is made, and nothing of other changes.
  io_error,           // Likewise. A failed sync leaves what was not synced as it was.
  io_error_and_drop,  // A failed sync also drops what was not synced; asking again succeeds.
};

class MemoryDisk : public std::enable_shared_from_this<MemoryDisk> {
 public:
  static std::shared_ptr<MemoryDisk> make();
  ~MemoryDisk();

  // The root. Handles from before a crash are of the disk before it.
  std::unique_ptr<Directory> root();

  std::size_t operation_count() const;
  std::vector<Operation> operations() const;

  // The disk as a power cut after the first `operations` of them may leave it, all of it synced.
  std::shared_ptr<MemoryDisk> after_power_cut(std::size_t operations, const Chooser& choose) const;
  // The disk as the death of the process leaves it: all that was written is there.
  std::shared_ptr<MemoryDisk> after_kill() const;

  // Changing calls and syncs are counted from 0; the one numbered `call`, and with `is_lasting` all later ones, fail.
  std::uint64_t call_count() const;
  void fail_call(std::uint64_t call, Failure failure, bool is_lasting = false);
  void stop_failing();
  // Writes beyond it fail for want of space.
  void set_capacity(std::uint64_t bytes);

  // For tests that damage files: the bytes of a file below the root, by its path with slashes; null if there is none.
  std::string* bytes_of(const std::string& path);

 private:
  friend class MemoryFile;
  friend class MemoryDirectory;
  struct State;
  MemoryDisk();
  std::unique_ptr<State> state_;
};

}  // namespace weir::io::testing
