#pragma once

// What a scan reads: files, the files of folders and zips, and standard input. One thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/time.h"
#include "io/input.h"

namespace weir::app {

struct ScanInput {
  std::string path;  // "-" is standard input; an entry of a zip is "archive.zip/inner/path.log".
  event::EventTime modified{};
  std::string archive = {};  // Not empty: `path` is its entry `entry`.
  std::uint64_t entry = 0;
};

struct FoundInputs {
  std::vector<ScanInput> list;
  std::uint64_t bytes = 0;  // Of all files; standard input and pipes count nothing.
};

// Paths as a person wrote them: files, folders, globs, zips, "-". What names nothing is an error.
Result<FoundInputs> find_inputs(const std::vector<std::string>& paths);

// The one input of a path as alerts state it; an error where there are several.
Result<ScanInput> find_input(const std::string& path);

// Opens inputs. The archive of the last one stays open, since its entries are read one after the other.
class InputOpener {
 public:
  // `stop`: as Input::open.
  Result<std::unique_ptr<io::Input>> open(const ScanInput& input, const std::atomic<bool>* stop = nullptr);

 private:
  std::optional<io::ZipArchive> archive_;
};

}  // namespace weir::app
