#include "io/testing/memory_storage.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "base/check.h"
#include "io/descriptor.h"

namespace weir::io::testing {
namespace {

struct Node {
  bool is_folder = false;
  std::string bytes;                    // Of a file.
  std::map<std::string, int> children;  // Of a folder.
};

using Nodes = std::vector<Node>;
using Kind = Operation::Kind;

void write_into(std::string& file, std::uint64_t position, std::string_view bytes) {
  if (file.size() < position + bytes.size()) file.resize(position + bytes.size());
  std::ranges::copy(bytes, file.begin() + static_cast<std::ptrdiff_t>(position));
}

Node& node_of(Nodes& nodes, int number) {
  if (nodes.size() <= static_cast<std::size_t>(number)) nodes.resize(static_cast<std::size_t>(number) + 1);
  return nodes[static_cast<std::size_t>(number)];
}

// Makes a change to `nodes`. Changes that found their ground missing, since an earlier one was lost, are not made.
void make_change(Nodes& nodes, const Operation& change) {
  Node& node = node_of(nodes, change.node);
  switch (change.kind) {
    case Kind::write: write_into(node.bytes, change.position, change.bytes); return;
    case Kind::truncate: node.bytes.resize(change.position); return;
    case Kind::link:
      node.is_folder = true;
      node.children[change.name] = change.target;
      node_of(nodes, change.target).is_folder = change.is_folder;
      return;
    case Kind::unlink: node.children.erase(change.name); return;
    case Kind::rename:
      if (const auto from = node.children.find(change.name); from != node.children.end()) {
        const int target = from->second;
        node.children.erase(from);
        node.children[change.to] = target;
      }
      return;
    case Kind::sync_file:
    case Kind::sync_folder: return;
  }
}

// Which of one file's or folder's unsynced changes a power cut kept.
std::vector<Operation> survivors(const std::vector<Operation>& changes, const Chooser& choose) {
  std::vector<Operation> kept;
  const std::size_t manner = choose(4);  // All; a prefix; any of them; a prefix with a torn end.
  const std::size_t prefix = manner == 0 || manner == 2 ? changes.size() : choose(changes.size() + 1);
  for (std::size_t i = 0; i < prefix; ++i) {
    if (manner == 2 && choose(2) == 0) continue;
    kept.push_back(changes[i]);
  }
  if (manner == 3 && !kept.empty() && kept.back().kind == Kind::write) {
    std::string& bytes = kept.back().bytes;
    const std::size_t unit = choose(2) == 0 ? 1 : 512;
    bytes.resize(std::min(bytes.size(), choose(bytes.size() / unit + 1) * unit));
  }
  return kept;
}

std::uint64_t bytes_in(const Nodes& nodes, int number) {
  const Node& node = nodes[static_cast<std::size_t>(number)];
  std::uint64_t bytes = node.bytes.size();
  for (const auto& [name, child] : node.children) bytes += bytes_in(nodes, child);
  return bytes;
}

}  // namespace

struct MemoryDisk::State {
  mutable std::mutex mutex;
  Nodes base{Node{.is_folder = true}};  // What the disk began with; synced.
  Nodes nodes{Node{.is_folder = true}};
  std::vector<Operation> operations;
  std::set<std::string> locked;
  std::uint64_t calls = 0;
  std::optional<std::uint64_t> failing_call;
  bool is_failure_lasting = false;
  Failure failure = Failure::io_error;
  std::uint64_t capacity = std::uint64_t{1} << 40;

  void add(Operation operation) {
    make_change(nodes, operation);
    operations.push_back(std::move(operation));
  }

  std::optional<Failure> next_failure() {
    const std::uint64_t call = calls++;
    if (!failing_call || call < *failing_call || (call > *failing_call && !is_failure_lasting)) return std::nullopt;
    return failure;
  }

  static std::unexpected<Error> refused(std::string_view what, const std::string& path, int code) {
    return fail(ErrorKind::external, "cannot {} {}: {}", what, path, system_message(code));
  }
  static std::unexpected<Error> refused(std::string_view what, const std::string& path, Failure failure) {
    return refused(what, path, failure == Failure::no_space ? ENOSPC : EIO);
  }
};

class MemoryFile final : public File {
 public:
  MemoryFile(std::shared_ptr<MemoryDisk> disk, int node, std::string path, std::string lock_name = "")
      : disk_(std::move(disk)), node_(node), path_(std::move(path)), lock_name_(std::move(lock_name)) {}

  ~MemoryFile() override {
    if (lock_name_.empty()) return;
    const std::lock_guard guard(state().mutex);
    state().locked.erase(lock_name_);
  }

  Result<std::uint64_t> size() const override {
    const std::lock_guard guard(state().mutex);
    return bytes().size();
  }

  Result<std::size_t> read_at(std::uint64_t position, std::span<char> into) const override {
    const std::lock_guard guard(state().mutex);
    if (position >= bytes().size()) return 0;
    return bytes().copy(into.data(), into.size(), position);
  }

  Status write_at(std::uint64_t position, std::string_view bytes) override {
    return write_at(position, std::span<const std::string_view>(&bytes, 1));
  }

  Status write_at(std::uint64_t position, std::span<const std::string_view> runs) override {
    const std::lock_guard guard(state().mutex);
    std::string all;
    for (const std::string_view run : runs) all += run;
    auto failure = state().next_failure();
    const std::uint64_t used = bytes_in(state().nodes, 0);
    const std::uint64_t grown = std::max<std::uint64_t>(bytes().size(), position + all.size()) - bytes().size();
    if (!failure && used + grown > state().capacity) failure = Failure::no_space;
    if (failure) all.resize(all.size() / 2);
    if (!all.empty()) state().add({.kind = Kind::write, .node = node_, .position = position, .bytes = all});
    if (failure) return MemoryDisk::State::refused("write", path_, *failure);
    return {};
  }

  Status truncate(std::uint64_t size) override {
    const std::lock_guard guard(state().mutex);
    if (const auto failure = state().next_failure()) return MemoryDisk::State::refused("truncate", path_, *failure);
    state().add({.kind = Kind::truncate, .node = node_, .position = size});
    return {};
  }

  Status allocate(std::uint64_t size) override {
    std::uint64_t old_size = 0;
    {
      const std::lock_guard guard(state().mutex);
      old_size = bytes().size();
    }
    return size > old_size ? write_at(old_size, std::string(size - old_size, '\0')) : Status{};
  }

  Status sync() override {
    const std::lock_guard guard(state().mutex);
    const auto failure = state().next_failure();
    if (!failure || *failure == Failure::io_error_and_drop) {
      state().add({.kind = Kind::sync_file, .node = node_, .is_dropped = failure.has_value()});
    }
    if (failure) return MemoryDisk::State::refused("sync", path_, *failure);
    return {};
  }

 private:
  MemoryDisk::State& state() const { return *disk_->state_; }
  const std::string& bytes() const { return state().nodes[static_cast<std::size_t>(node_)].bytes; }

  std::shared_ptr<MemoryDisk> disk_;
  int node_;
  std::string path_;
  std::string lock_name_;
};

class MemoryDirectory final : public Directory {
 public:
  MemoryDirectory(std::shared_ptr<MemoryDisk> disk, int node, std::string path)
      : disk_(std::move(disk)), node_(node), path_(std::move(path)) {}

  Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
    const std::lock_guard guard(state().mutex);
    const std::optional<int> found = child(name);
    const bool is_made = !found && (mode == OpenMode::create || mode == OpenMode::overwrite);
    if (found && mode == OpenMode::create) return refused("open", name, EEXIST);
    if (!found && !is_made) return refused("open", name, ENOENT);
    if (found && state().nodes[static_cast<std::size_t>(*found)].is_folder) return refused("open", name, EISDIR);
    if (is_made || mode == OpenMode::overwrite) {
      if (const auto failure = state().next_failure()) {
        return MemoryDisk::State::refused("open", path_ + "/" + name, *failure);
      }
    }
    if (is_made) return file(link(name, false), name);
    if (mode == OpenMode::overwrite) state().add({.kind = Kind::truncate, .node = *found, .position = 0});
    return file(*found, name);
  }

  Result<std::vector<std::string>> list() const override {
    const std::lock_guard guard(state().mutex);
    std::vector<std::string> names;
    for (const auto& [name, node] : children()) names.push_back(name);
    return names;
  }

  Result<bool> exists(const std::string& name) const override {
    const std::lock_guard guard(state().mutex);
    return child(name).has_value();
  }

  Result<std::unique_ptr<Directory>> folder(const std::string& name) override {
    const std::lock_guard guard(state().mutex);
    std::optional<int> found = child(name);
    if (found && !state().nodes[static_cast<std::size_t>(*found)].is_folder) {
      return refused("open folder", name, ENOTDIR);
    }
    if (!found) {
      if (const auto failure = state().next_failure()) {
        return MemoryDisk::State::refused("make folder", path_ + "/" + name, *failure);
      }
      found = link(name, true);
    }
    return std::make_unique<MemoryDirectory>(disk_, *found, path_ + "/" + name);
  }

  Status remove(const std::string& name) override {
    const std::lock_guard guard(state().mutex);
    if (!child(name)) return refused("remove", name, ENOENT);
    if (const auto failure = state().next_failure()) {
      return MemoryDisk::State::refused("remove", path_ + "/" + name, *failure);
    }
    state().add({.kind = Kind::unlink, .node = node_, .name = name});
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    const std::lock_guard guard(state().mutex);
    if (!child(from)) return refused("rename", from, ENOENT);
    if (const auto failure = state().next_failure()) {
      return MemoryDisk::State::refused("rename", path_ + "/" + from, *failure);
    }
    state().add({.kind = Kind::rename, .node = node_, .name = from, .to = to});
    return {};
  }

  Status sync() override {
    const std::lock_guard guard(state().mutex);
    if (const auto failure = state().next_failure()) return MemoryDisk::State::refused("sync", path_, *failure);
    state().add({.kind = Kind::sync_folder, .node = node_});
    return {};
  }

  Result<SpaceInfo> space() const override {
    const std::lock_guard guard(state().mutex);
    const std::uint64_t used = std::min(bytes_in(state().nodes, 0), state().capacity);
    return SpaceInfo{.free_bytes = state().capacity - used, .total_bytes = state().capacity};
  }

  Result<std::unique_ptr<File>> lock(const std::string& name) override {
    const std::lock_guard guard(state().mutex);
    const std::string path = path_ + "/" + name;
    if (state().locked.contains(path)) {
      return fail(ErrorKind::external, "{} is in use by another weir process; stop that one or choose another folder",
                  path_);
    }
    std::optional<int> found = child(name);
    if (!found) {
      if (const auto failure = state().next_failure()) return MemoryDisk::State::refused("open", path, *failure);
      found = link(name, false);
    }
    state().locked.insert(path);
    return std::make_unique<MemoryFile>(disk_, *found, path, path);
  }

  const std::string& path() const override { return path_; }

 private:
  MemoryDisk::State& state() const { return *disk_->state_; }
  const std::map<std::string, int>& children() const { return state().nodes[static_cast<std::size_t>(node_)].children; }
  std::optional<int> child(const std::string& name) const {
    const auto found = children().find(name);
    return found == children().end() ? std::nullopt : std::optional(found->second);
  }
  int link(const std::string& name, bool is_folder) {
    const int target = static_cast<int>(state().nodes.size());
    state().add({.kind = Kind::link, .node = node_, .name = name, .target = target, .is_folder = is_folder});
    return target;
  }
  std::unique_ptr<File> file(int node, const std::string& name) const {
    return std::make_unique<MemoryFile>(disk_, node, path_ + "/" + name);
  }
  std::unexpected<Error> refused(std::string_view what, const std::string& name, int code) const {
    return MemoryDisk::State::refused(what, path_ + "/" + name, code);
  }

  std::shared_ptr<MemoryDisk> disk_;
  int node_;
  std::string path_;
};

MemoryDisk::MemoryDisk() : state_(std::make_unique<State>()) {}
MemoryDisk::~MemoryDisk() = default;

std::shared_ptr<MemoryDisk> MemoryDisk::make() {
  return std::shared_ptr<MemoryDisk>(new MemoryDisk);
}

std::unique_ptr<Directory> MemoryDisk::root() {
  return std::make_unique<MemoryDirectory>(shared_from_this(), 0, "disk");
}

std::size_t MemoryDisk::operation_count() const {
  const std::lock_guard guard(state_->mutex);
  return state_->operations.size();
}

std::vector<Operation> MemoryDisk::operations() const {
  const std::lock_guard guard(state_->mutex);
  return state_->operations;
}

std::shared_ptr<MemoryDisk> MemoryDisk::after_power_cut(std::size_t operations, const Chooser& choose) const {
  const std::lock_guard guard(state_->mutex);
  CHECK_LE(operations, state_->operations.size());
  Nodes durable = state_->base;
  std::map<int, std::vector<Operation>> unsynced;  // By file or folder.
  for (std::size_t i = 0; i < operations; ++i) {
    const Operation& operation = state_->operations[i];
    std::vector<Operation>& changes = unsynced[operation.node];
    if (operation.kind != Kind::sync_file && operation.kind != Kind::sync_folder) {
      changes.push_back(operation);
      continue;
    }
    if (!operation.is_dropped) {
      for (const Operation& change : changes) make_change(durable, change);
    }
    changes.clear();
  }
  for (const auto& [node, changes] : unsynced) {
    if (changes.empty()) continue;
    for (const Operation& change : survivors(changes, choose)) make_change(durable, change);
  }
  node_of(durable, static_cast<int>(state_->nodes.size()) - 1);
  auto disk = make();
  disk->state_->base = durable;
  disk->state_->nodes = std::move(durable);
  disk->state_->capacity = state_->capacity;
  return disk;
}

std::shared_ptr<MemoryDisk> MemoryDisk::after_kill() const {
  const std::lock_guard guard(state_->mutex);
  auto disk = make();
  disk->state_->base = state_->nodes;
  disk->state_->nodes = state_->nodes;
  disk->state_->capacity = state_->capacity;
  return disk;
}

std::uint64_t MemoryDisk::call_count() const {
  const std::lock_guard guard(state_->mutex);
  return state_->calls;
}

void MemoryDisk::fail_call(std::uint64_t call, Failure failure, bool is_lasting) {
  const std::lock_guard guard(state_->mutex);
  state_->failing_call = call;
  state_->failure = failure;
  state_->is_failure_lasting = is_lasting;
}

void MemoryDisk::stop_failing() {
  const std::lock_guard guard(state_->mutex);
  state_->failing_call.reset();
}

void MemoryDisk::set_capacity(std::uint64_t bytes) {
  const std::lock_guard guard(state_->mutex);
  state_->capacity = bytes;
}

std::string* MemoryDisk::bytes_of(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  int node = 0;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const auto& children = state_->nodes[static_cast<std::size_t>(node)].children;
    const auto found = children.find(path.substr(begin, end - begin));
    if (found == children.end()) return nullptr;
    node = found->second;
    begin = end + 1;
  }
  return &state_->nodes[static_cast<std::size_t>(node)].bytes;
}

}  // namespace weir::io::testing
