#include "app/scan/inputs.h"

#include <algorithm>

#include "io/files.h"

namespace weir::app {
namespace {

using std::chrono::floor;
using std::chrono::microseconds;

// A file, or the files of a zip. An archive that cannot be listed stays an input: reading it then tells what is wrong.
void add_file(const io::FileInfo& info, FoundInputs& inputs) {
  if (info.size > 0 && io::is_zip(info.path)) {
    if (const auto entries = io::list_zip(info.path)) {
      for (const io::ArchiveEntry& entry : *entries) {
        inputs.list.push_back({entry.path, floor<microseconds>(entry.modified), info.path, entry.index});
        inputs.bytes += entry.size;
      }
      return;
    }
  }
  inputs.list.push_back({info.path, floor<microseconds>(info.modified)});
  inputs.bytes += info.size;
}

}  // namespace

Result<FoundInputs> find_inputs(const std::vector<std::string>& paths) {
  FoundInputs inputs;
  for (const std::string& path : paths) {
    if (path == "-") {
      inputs.list.push_back({path, floor<microseconds>(std::chrono::system_clock::now())});
      continue;
    }
    TRY(const auto found, io::find_files(path));
    if (found.empty()) return fail(ErrorKind::user, "no files below {}", path);
    for (const io::FileInfo& info : found) add_file(info, inputs);
  }
  return inputs;
}

Result<ScanInput> find_input(const std::string& path) {
  auto found = find_inputs({path});
  if (found && found->list.size() == 1) return std::move(found->list.front());
  if (found && found->list.empty()) return fail(ErrorKind::user, "{} holds no files", path);
  if (found) {
    return fail(ErrorKind::user, "{} holds {} files; name one of them, such as {}", path, found->list.size(),
                found->list.front().path);
  }
  // Nothing of this name; perhaps an entry of a zip, whatever either is called.
  for (std::size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    if (!io::is_zip(path.substr(0, end))) continue;
    TRY(auto entries, find_inputs({path.substr(0, end)}));
    const auto entry = std::ranges::find(entries.list, path, &ScanInput::path);
    if (entry != entries.list.end()) return std::move(*entry);
  }
  return std::unexpected(std::move(found).error());
}

Result<std::unique_ptr<io::Input>> InputOpener::open(const ScanInput& input, const std::atomic<bool>* stop) {
  if (input.archive.empty()) return io::Input::open(input.path, stop);
  if (!archive_ || archive_->path() != input.archive) {
    TRY(io::ZipArchive archive, io::ZipArchive::open(input.archive));
    archive_ = std::move(archive);
  }
  return io::Input::open_entry(*archive_, input.entry);
}

}  // namespace weir::app
