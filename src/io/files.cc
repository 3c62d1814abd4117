#include "io/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/descriptor.h"

namespace weir::io {
namespace {

// What tells one file from another, whatever path leads to it.
using Identity = std::pair<dev_t, ino_t>;

Identity identity_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

FileInfo info_of(std::string path, const struct stat& status) {
  using namespace std::chrono;
  const auto since_1970 = seconds(status.st_mtim.tv_sec) + nanoseconds(status.st_mtim.tv_nsec);
  return {.path = std::move(path),
          .size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0,
          .modified = system_clock::time_point(duration_cast<system_clock::duration>(since_1970))};
}

Status write_all(const Descriptor& file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(ErrorKind::external, "cannot write {}: {}", path, system_message(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Where a rename must go so that a link stays a link: the file that `path` leads to, or will.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&::free)> target(::realpath(path.c_str(), nullptr), &::free);
  return target ? std::string(target.get()) : path;
}

// What mode a file gets that nobody asked a mode for.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

Status write_neighbour(const std::string& path, std::string_view bytes, mode_t mode) {
  std::string neighbour = path + ".XXXXXX";
  Descriptor file(::mkostemp(neighbour.data(), O_CLOEXEC));
  if (!file.valid()) return fail(ErrorKind::external, "cannot write {}: {}", path, system_message(errno));
  Status written = write_all(file, path, bytes);
  // Synced before the rename: after a power cut the name must not lead to an empty file.
  if (written && (::fchmod(file.number(), mode) != 0 || ::fsync(file.number()) != 0 ||
                  ::rename(neighbour.c_str(), path.c_str()) != 0)) {
    written = fail(ErrorKind::external, "cannot write {}: {}", path, system_message(errno));
  }
  if (!written) ::unlink(neighbour.c_str());
  return written;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Collects the files below one folder. Links are set aside until everything else was seen, so that a file that is
// reached both ways goes by its own path; a folder is entered once, so links in a circle end.
class FolderWalk {
 public:
  Status run(const std::string& folder, std::vector<FileInfo>& found) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) == 0) enter(folder, status);
    while (!folders_.empty() || !links_.empty()) {
      if (!folders_.empty()) {
        const std::string next = std::move(folders_.front());
        folders_.pop_front();
        TRY(list(next));
      } else {
        const std::string link = std::move(links_.front());
        links_.pop_front();
        // A link that leads nowhere is no file.
        if (::stat(link.c_str(), &status) == 0) take(link, status);
      }
    }
    std::ranges::sort(files_, {}, &FileInfo::path);
    std::ranges::move(files_, std::back_inserter(found));
    return {};
  }

 private:
  Status list(const std::string& folder) {
    const std::unique_ptr<DIR, CloseFolder> directory(::opendir(folder.c_str()));
    if (!directory)
      return fail(kind_of_system_error(errno), "cannot open folder {}: {}", folder, system_message(errno));
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(directory.get())) {
      if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    }
    std::ranges::sort(names);
    for (const std::string& name : names) {
      const std::string path = folder.ends_with('/') ? folder + name : folder + "/" + name;
      struct stat status{};
      if (::lstat(path.c_str(), &status) != 0) continue;  // Removed since it was listed.
      if (S_ISLNK(status.st_mode)) {
        links_.push_back(path);
      } else {
        take(path, status);
      }
    }
    return {};
  }

  void take(const std::string& path, const struct stat& status) {
    if (S_ISDIR(status.st_mode)) {
      enter(path, status);
    } else if (S_ISREG(status.st_mode) && seen_.insert(identity_of(status)).second) {
      files_.push_back(info_of(path, status));
    }
  }

  void enter(const std::string& folder, const struct stat& status) {
    if (seen_.insert(identity_of(status)).second) folders_.push_back(folder);
  }

  std::deque<std::string> folders_;
  std::deque<std::string> links_;
  std::set<Identity> seen_;
  std::vector<FileInfo> files_;
};

Status add_path(const std::string& path, const struct stat& status, std::vector<FileInfo>& found) {
  if (!S_ISDIR(status.st_mode)) {
    found.push_back(info_of(path, status));
    return {};
  }
  return FolderWalk().run(path, found);
}

Status add_glob(const std::string& pattern, std::vector<FileInfo>& found) {
  glob_t matches{};
  const int outcome = ::glob(pattern.c_str(), 0, nullptr, &matches);
  const std::unique_ptr<glob_t, decltype(&::globfree)> release(&matches, &::globfree);
  if (outcome == GLOB_NOMATCH) return {};
  if (outcome != 0) return fail(ErrorKind::external, "cannot search for {}", pattern);
  for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
    const std::string path = matches.gl_pathv[i];
    struct stat status{};
    if (::stat(path.c_str(), &status) == 0) TRY(add_path(path, status, found));
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t size_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail(kind_of_system_error(errno), "cannot open {}: {}", path, system_message(errno));
  std::string bytes;
  char piece[64 * 1024];
  while (true) {
    TRY(const std::size_t size, read_some(file, path, piece, sizeof piece));
    if (size == 0) return bytes;
    bytes.append(piece, size);
    if (bytes.size() > size_max) return fail(ErrorKind::user, "{} is larger than {} bytes", path, size_max);
  }
}

Status write_file(const std::string& path, std::string_view bytes) {
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (!exists || S_ISREG(status.st_mode)) {
    return write_neighbour(resolved(path), bytes, exists ? status.st_mode & 07777 : usual_mode());
  }
  // A device or pipe (/dev/stdout) cannot be replaced; it takes the bytes itself.
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) return fail(ErrorKind::user, "cannot write {}: {}", path, system_message(errno));
  return write_all(file, path, bytes);
}

Result<std::vector<FileInfo>> find_files(const std::string& path) {
  std::vector<FileInfo> found;
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) {
    TRY(add_path(path, status, found));
    return found;
  }
  const int code = errno;
  if (path.find_first_of("*?[") == std::string::npos) {
    return fail(kind_of_system_error(code), "cannot open {}: {}", path, system_message(code));
  }
  TRY(add_glob(path, found));
  if (found.empty()) return fail(ErrorKind::user, "no file fits {}", path);
  return found;
}

}  // namespace weir::io
