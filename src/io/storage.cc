#include "io/storage.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/descriptor.h"

namespace weir::io {
namespace {

constexpr std::size_t kRunsPerCallMax = 64;

std::unexpected<Error> refused(std::string_view what, const std::string& path, int code) {
  return fail(ErrorKind::external, "cannot {} {}: {}", what, path, system_message(code));
}

// Calls again what a signal interrupted.
template <typename Call>
auto uninterrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

class MachineFile final : public File {
 public:
  MachineFile(Descriptor descriptor, std::string path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::uint64_t> size() const override {
    struct stat info{};
    if (::fstat(descriptor(), &info) != 0) return refused("measure", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Result<std::size_t> read_at(std::uint64_t position, std::span<char> into) const override {
    std::size_t read = 0;
    while (read < into.size()) {
      const ssize_t taken = uninterrupted([&] {
        return ::pread(descriptor(), into.data() + read, into.size() - read, static_cast<off_t>(position + read));
      });
      if (taken < 0) return refused("read", path_, errno);
      if (taken == 0) break;
      read += static_cast<std::size_t>(taken);
    }
    return read;
  }

  Status write_at(std::uint64_t position, std::string_view bytes) override {
    return write_at(position, std::span<const std::string_view>(&bytes, 1));
  }

  Status write_at(std::uint64_t position, std::span<const std::string_view> runs) override {
    std::array<iovec, kRunsPerCallMax> parts{};
    std::size_t begun = 0;  // Bytes of runs[0] that are written.
    while (!runs.empty()) {
      const std::size_t count = std::min(runs.size(), parts.size());
      for (std::size_t i = 0; i < count; ++i) {
        const std::string_view run = i == 0 ? runs[i].substr(begun) : runs[i];
        parts[i] = {const_cast<char*>(run.data()), run.size()};
      }
      const ssize_t taken = uninterrupted(
          [&] { return ::pwritev(descriptor(), parts.data(), static_cast<int>(count), static_cast<off_t>(position)); });
      if (taken < 0) return refused("write", path_, errno);
      position += static_cast<std::uint64_t>(taken);
      begun += static_cast<std::size_t>(taken);
      while (!runs.empty() && begun >= runs.front().size()) {
        begun -= runs.front().size();
        runs = runs.subspan(1);
      }
    }
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(descriptor(), static_cast<off_t>(size)); }) != 0) {
      return refused("truncate", path_, errno);
    }
    return {};
  }

  Status allocate(std::uint64_t size) override {
    int code = EINTR;
    while (code == EINTR) code = ::posix_fallocate(descriptor(), 0, static_cast<off_t>(size));
    if (code != 0) return refused("take room for", path_, code);
    return {};
  }

  Status sync() override {
    // After EIO the kernel may have dropped the pages, so this is never tried twice; EINTR says nothing was tried.
    if (uninterrupted([&] { return ::fdatasync(descriptor()); }) != 0) return refused("sync", path_, errno);
    return {};
  }

  int descriptor() const override { return descriptor_.number(); }

 private:
  Descriptor descriptor_;
  std::string path_;
};

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read: return O_RDONLY;
    case OpenMode::write: return O_RDWR;
    case OpenMode::create: return O_RDWR | O_CREAT | O_EXCL;
    case OpenMode::overwrite: return O_RDWR | O_CREAT | O_TRUNC;
  }
  return O_RDONLY;
}

Result<std::vector<std::string>> list_names(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), &::closedir);
  if (stream == nullptr) return refused("list", path, errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return refused("list", path, errno);
  std::ranges::sort(names);
  return names;
}

Status remove_tree(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return refused("remove", path, errno);
  if (!S_ISDIR(info.st_mode)) {
    if (::unlink(path.c_str()) != 0) return refused("remove", path, errno);
    return {};
  }
  TRY(const auto names, list_names(path));
  for (const std::string& name : names) TRY(remove_tree(path + "/" + name));
  if (::rmdir(path.c_str()) != 0) return refused("remove", path, errno);
  return {};
}

// Keeps only its path: thousands of partitions must not hold a descriptor each for a folder that is seldom needed.
class MachineDirectory final : public Directory {
 public:
  explicit MachineDirectory(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
    const std::string path = path_of(name);
    Descriptor descriptor(uninterrupted([&] { return ::open(path.c_str(), flags_of(mode) | O_CLOEXEC, 0640); }));
    if (!descriptor.valid()) return refused("open", path, errno);
    return std::make_unique<MachineFile>(std::move(descriptor), path);
  }

  Result<std::vector<std::string>> list() const override { return list_names(path_); }

  Result<bool> exists(const std::string& name) const override {
    struct stat info{};
    if (::lstat(path_of(name).c_str(), &info) == 0) return true;
    if (errno == ENOENT) return false;
    return refused("look for", path_of(name), errno);
  }

  Result<std::unique_ptr<Directory>> folder(const std::string& name) override { return open_directory(path_of(name)); }
  Status remove(const std::string& name) override { return remove_tree(path_of(name)); }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(path_of(from).c_str(), path_of(to).c_str()) != 0) return refused("rename", path_of(from), errno);
    return {};
  }

  Status sync() override {
    const Descriptor descriptor(
        uninterrupted([&] { return ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!descriptor.valid()) return refused("open", path_, errno);
    if (uninterrupted([&] { return ::fsync(descriptor.number()); }) != 0) return refused("sync", path_, errno);
    return {};
  }

  Result<SpaceInfo> space() const override {
    struct statvfs info{};
    if (::statvfs(path_.c_str(), &info) != 0) return refused("ask for the room in", path_, errno);
    return SpaceInfo{.free_bytes = std::uint64_t{info.f_bavail} * info.f_frsize,
                     .total_bytes = std::uint64_t{info.f_blocks} * info.f_frsize};
  }

  Result<std::unique_ptr<File>> lock(const std::string& name) override {
    const std::string path = path_of(name);
    Descriptor descriptor(uninterrupted([&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640); }));
    if (!descriptor.valid()) return refused("open", path, errno);
    if (uninterrupted([&] { return ::flock(descriptor.number(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno != EWOULDBLOCK) return refused("lock", path, errno);
      return fail(ErrorKind::external, "{} is in use by another weir process; stop that one or choose another folder",
                  path_);
    }
    return std::make_unique<MachineFile>(std::move(descriptor), path);
  }

  const std::string& path() const override { return path_; }

 private:
  std::string path_of(const std::string& name) const { return path_ + "/" + name; }

  std::string path_;
};

}  // namespace

Result<std::unique_ptr<Directory>> open_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) return refused("make folder", path, errno);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return refused("open folder", path, errno);
  if (!S_ISDIR(info.st_mode)) return refused("open folder", path, ENOTDIR);
  return std::make_unique<MachineDirectory>(path);
}

Status replace_file(Directory& directory, const std::string& name, std::string_view bytes) {
  const std::string neighbour = name + ".new";
  {
    TRY(const auto file, directory.open(neighbour, OpenMode::overwrite));
    TRY(file->write_at(0, bytes));
    TRY(file->sync());
  }
  TRY(directory.rename(neighbour, name));
  return directory.sync();
}

Result<std::string> read_whole(Directory& directory, const std::string& name, std::size_t size_max) {
  TRY(const auto file, directory.open(name, OpenMode::read));
  TRY(const std::uint64_t size, file->size());
  if (size > size_max) {
    return fail(ErrorKind::corrupt, "{}/{} has {} bytes; at most {} can be right", directory.path(), name, size,
                size_max);
  }
  std::string bytes(size, '\0');
  TRY(const std::size_t read, file->read_at(0, bytes));
  bytes.resize(read);
  return bytes;
}

bool is_out_of_space(const Error& error) {
  // The reason stands last in every message of a File or Directory.
  return error.kind == ErrorKind::external &&
         (error.message.ends_with(system_message(ENOSPC)) || error.message.ends_with(system_message(EDQUOT)));
}

}  // namespace weir::io
