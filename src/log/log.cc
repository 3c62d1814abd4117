#include "log/log.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "log/checkpoint.h"
#include "log/frame.h"
#include "log/partition_state.h"
#include "log/topic_file.h"

namespace weir::log {
namespace {

constexpr std::string_view kMetaMagic = "weirmeta";
constexpr std::size_t kMetaBytesMax = 4096;
constexpr std::size_t kTopicBytesMax = std::size_t{1} << 24;
constexpr std::size_t kTopicNameMax = 249;
const std::string kReserve = "reserve";

}  // namespace

class Log::State {
 public:
  State(std::unique_ptr<io::Directory> directory, const LogOptions& options)
      : directory_(std::move(directory)), options_(options) {}

  Status open();
  Status write_checkpoint(bool is_clean);
  Status close();
  Result<Topic*> create_topic(std::string_view name, std::int32_t partitions,
                              const std::map<std::string, std::string>& settings);
  Status add_partitions(Topic& topic, std::int32_t count);
  Status set_settings(Topic& topic, const std::map<std::string, std::string>& settings);
  Status delete_topic(std::string_view name);

 private:
  friend class Log;

  Status open_meta();
  Status open_topics(const Checkpoint& checkpoint);
  Result<bool> open_topic(const std::string& folder, const Checkpoint& checkpoint);
  Status open_partition(Topic& topic, io::Directory& folder, std::int32_t number, const Checkpoint* checkpoint);
  Status write_topic(const Topic& topic, std::int32_t partitions, const std::map<std::string, std::string>& settings);
  Status make_reserve();
  void drop_reserve();
  // Does `act` again without the reserve if the disk was full.
  template <typename Act>
  Status with_reserve(Act act);

  std::unique_ptr<io::Directory> directory_;
  LogOptions options_;
  std::unique_ptr<io::File> lock_;
  std::unique_ptr<io::Directory> topics_folder_;
  std::string cluster_id_;
  bool was_clean_ = true;
  std::int32_t leader_epoch_ = 0;
  std::unique_ptr<CheckpointFiles> checkpoints_;
  bool has_reserve_ = false;
  std::map<std::string, std::unique_ptr<Topic>, std::less<>> topics_;
  std::map<TopicId, Topic*> topics_by_id_;
  std::vector<std::string> notices_;
};

template <typename Act>
Status Log::State::with_reserve(Act act) {
  const Status first = act();
  if (first || !io::is_out_of_space(first.error()) || !has_reserve_) return first;
  drop_reserve();
  return act();
}

Status Log::State::open() {
  TRY(lock_, directory_->lock("lock"));
  TRY(has_reserve_, directory_->exists(kReserve));
  TRY(with_reserve([this] { return open_meta(); }));
  TRY(const CheckpointFiles::Read read, CheckpointFiles::read(*directory_));
  if (!read.damage.empty()) notices_.push_back(read.damage);
  checkpoints_ = std::make_unique<CheckpointFiles>(read.checkpoint.number);
  TRY(const auto folders, topics_folder_->list());
  was_clean_ = read.checkpoint.is_clean || (!read.is_found && folders.empty() && read.damage.empty());
  leader_epoch_ = read.checkpoint.leader_epoch + (was_clean_ ? 0 : 1);
  TRY(with_reserve([&] {
    topics_.clear();
    topics_by_id_.clear();
    return open_topics(read.checkpoint);
  }));
  for (const auto& [name, topic] : topics_) {
    for (const auto& partition : topic->partitions) leader_epoch_ = std::max(leader_epoch_, partition->leader_epoch());
  }
  // From here on the folder is not as a clean stop left it.
  TRY(with_reserve([this] { return write_checkpoint(false); }));
  static_cast<void>(make_reserve());
  return {};
}

Status Log::State::open_meta() {
  TRY(topics_folder_, directory_->folder("topics"));
  TRY(const bool exists, directory_->exists("meta"));
  if (!exists) {
    TRY(const auto folders, topics_folder_->list());
    if (!folders.empty()) {
      return fail(ErrorKind::corrupt, "{} has topics and no file 'meta'; put it back or choose another folder",
                  directory_->path());
    }
    cluster_id_ = base64url(random_id());
    return io::replace_file(*directory_, "meta", make_frame(kMetaMagic, FieldWriter().text(cluster_id_).take()));
  }
  const std::string path = directory_->path() + "/meta";
  TRY(const std::string bytes, io::read_whole(*directory_, "meta", kMetaBytesMax));
  TRY(const std::string_view body, read_frame(kMetaMagic, bytes, path));
  FieldReader in(body);
  cluster_id_ = in.text();
  if (!in.is_whole()) return fail(ErrorKind::corrupt, "{} is damaged", path);
  return {};
}

Status Log::State::open_topics(const Checkpoint& checkpoint) {
  TRY(const auto folders, topics_folder_->list());
  bool is_changed = false;
  for (const std::string& folder : folders) {
    if (folder.ends_with(kDeletedSuffix)) {
      TRY(topics_folder_->remove(folder));
      is_changed = true;
      continue;
    }
    TRY(const bool is_topic, open_topic(folder, checkpoint));
    if (!is_topic) {
      // Its making was cut short, so nobody was told of it.
      TRY(topics_folder_->remove(folder));
      is_changed = true;
    }
  }
  return is_changed ? topics_folder_->sync() : Status{};
}

Result<bool> Log::State::open_topic(const std::string& folder_name, const Checkpoint& checkpoint) {
  TRY(const auto folder, topics_folder_->folder(folder_name));
  TRY(const bool exists, folder->exists(std::string(kTopicFile)));
  if (!exists) return false;
  TRY(const std::string bytes, io::read_whole(*folder, std::string(kTopicFile), kTopicBytesMax));
  TRY(TopicFile file, decode_topic(bytes, folder->path() + "/" + std::string(kTopicFile)));
  auto topic = std::make_unique<Topic>();
  topic->name = std::move(file.name);
  topic->id = file.id;
  topic->settings = std::move(file.settings);
  auto config = parse_topic_config(topic->settings);
  if (config) {
    topic->config = *config;
  } else {
    notices_.push_back(
        fmt::format("topic {}: {}; defaults hold until it is set right", topic->name, config.error().message));
  }
  for (std::int32_t number = 0; number < file.partitions; ++number) {
    TRY(open_partition(*topic, *folder, number, &checkpoint));
  }
  if (topics_.contains(topic->name)) {
    return fail(ErrorKind::corrupt, "{}: topic {} is there twice; move one of its folders away", topics_folder_->path(),
                topic->name);
  }
  topics_by_id_[topic->id] = topic.get();
  topics_.emplace(topic->name, std::move(topic));
  return true;
}

Status Log::State::open_partition(Topic& topic, io::Directory& folder, std::int32_t number,
                                  const Checkpoint* checkpoint) {
  TRY(std::shared_ptr<io::Directory> directory, folder.folder(fmt::format("{}", number)));
  PartitionOptions options{.name = fmt::format("{}/{}", topic.name, number),
                           .directory = std::move(directory),
                           .config = topic.config,
                           .leader_epoch = leader_epoch_,
                           .note = nullptr,
                           .is_clean = checkpoint == nullptr || was_clean_,
                           .now = options_.now,
                           .decompressed_max = options_.decompressed_max};
  if (checkpoint != nullptr) {
    // Sorted: written in the order of topics' ids.
    const auto found =
        std::ranges::lower_bound(checkpoint->partitions, std::pair(topic.id, number), {},
                                 [](const PartitionNote& note) { return std::pair(note.topic, note.partition); });
    const bool is_found =
        found != checkpoint->partitions.end() && found->topic == topic.id && found->partition == number;
    if (is_found) options.note = &*found;
  }
  TRY(auto state, Partition::State::open(options));
  topic.partitions.push_back(std::unique_ptr<Partition>(new Partition(std::move(state))));
  return {};
}

Status Log::State::write_checkpoint(bool is_clean) {
  Checkpoint checkpoint{.is_clean = is_clean, .leader_epoch = leader_epoch_};
  for (const auto& [id, topic] : topics_by_id_) {
    std::int32_t number = 0;
    for (const auto& partition : topic->partitions) {
      PartitionNote note = partition->state_->note(is_clean);
      note.topic = id;
      note.partition = number++;
      checkpoint.partitions.push_back(std::move(note));
    }
  }
  return checkpoints_->write(*directory_, checkpoint);
}

Status Log::State::close() {
  for (const auto& [name, topic] : topics_) {
    for (const auto& partition : topic->partitions) {
      TRY(with_reserve([&] { return partition->state_->close(); }));
    }
  }
  return with_reserve([this] { return write_checkpoint(true); });
}

Status Log::State::make_reserve() {
  if (has_reserve_ || options_.reserve_bytes == 0) return {};
  TRY(const io::SpaceInfo space, directory_->space());
  if (space.free_bytes < 2 * options_.reserve_bytes) return {};
  {
    TRY(const auto file, directory_->open(kReserve, io::OpenMode::overwrite));
    const Status allocated = file->allocate(options_.reserve_bytes);
    if (!allocated) {
      static_cast<void>(directory_->remove(kReserve));
      return allocated;
    }
  }
  has_reserve_ = true;
  return {};
}

void Log::State::drop_reserve() {
  static_cast<void>(directory_->remove(kReserve));
  has_reserve_ = false;
  notices_.push_back("the disk is full: the reserve was given back");
}

Status Log::State::write_topic(const Topic& topic, std::int32_t partitions,
                               const std::map<std::string, std::string>& settings) {
  TRY(const auto folder, topics_folder_->folder(topic_folder(topic.name, topic.id)));
  return io::replace_file(
      *folder, std::string(kTopicFile),
      encode_topic({.name = topic.name, .id = topic.id, .partitions = partitions, .settings = settings}));
}

Result<Topic*> Log::State::create_topic(std::string_view name, std::int32_t partitions,
                                        const std::map<std::string, std::string>& settings) {
  if (!is_topic_name(name)) {
    return fail(ErrorKind::user,
                "topic name '{}' is not allowed: it must have 1 to {} of the characters a-z, A-Z, 0-9, '.', '_' and "
                "'-', and be neither '.' nor '..'",
                name.substr(0, kTopicNameMax + 1), kTopicNameMax);
  }
  if (topics_.contains(name)) return fail(ErrorKind::user, "topic '{}' exists", name);
  if (partitions < 1) return fail(ErrorKind::user, "topic '{}': there must be at least one partition", name);
  auto topic = std::make_unique<Topic>();
  topic->name = name;
  topic->id = random_id();
  topic->settings = settings;
  TRY(topic->config, parse_topic_config(settings));
  const std::string folder_name = topic_folder(name, topic->id);
  const auto make = [&]() -> Status {
    TRY(const auto folder, topics_folder_->folder(folder_name));
    for (std::int32_t number = 0; number < partitions; ++number) {
      TRY(open_partition(*topic, *folder, number, nullptr));
    }
    // The topic's file comes last: a folder without one is removed at the next start.
    TRY(write_topic(*topic, partitions, settings));
    return topics_folder_->sync();
  };
  if (const Status made = make(); !made) {
    topic->partitions.clear();
    static_cast<void>(topics_folder_->remove(folder_name));
    return std::unexpected(made.error());
  }
  Topic* created = topic.get();
  topics_by_id_[created->id] = created;
  topics_.emplace(created->name, std::move(topic));
  return created;
}

Status Log::State::add_partitions(Topic& topic, std::int32_t count) {
  const auto old_count = static_cast<std::int32_t>(topic.partitions.size());
  if (count <= old_count) {
    return fail(ErrorKind::user, "topic '{}' has {} partitions; their number can only grow", topic.name, old_count);
  }
  TRY(const auto folder, topics_folder_->folder(topic_folder(topic.name, topic.id)));
  const auto make = [&]() -> Status {
    for (std::int32_t number = old_count; number < count; ++number) {
      TRY(open_partition(topic, *folder, number, nullptr));
    }
    return write_topic(topic, count, topic.settings);
  };
  const Status made = make();
  if (!made) topic.partitions.resize(static_cast<std::size_t>(old_count));
  return made;
}

Status Log::State::set_settings(Topic& topic, const std::map<std::string, std::string>& settings) {
  TRY(const TopicConfig config, parse_topic_config(settings));
  TRY(write_topic(topic, static_cast<std::int32_t>(topic.partitions.size()), settings));
  topic.settings = settings;
  topic.config = config;
  for (const auto& partition : topic.partitions) partition->set_config(config);
  return {};
}

Status Log::State::delete_topic(std::string_view name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) return fail(ErrorKind::user, "there is no topic '{}'", name);
  const std::string folder = topic_folder(name, found->second->id);
  TRY(topics_folder_->rename(folder, folder + std::string(kDeletedSuffix)));
  topics_by_id_.erase(found->second->id);
  topics_.erase(found);
  TRY(topics_folder_->sync());
  // What cannot be removed now goes at the next start.
  static_cast<void>(topics_folder_->remove(folder + std::string(kDeletedSuffix)));
  return {};
}

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(std::unique_ptr<io::Directory> directory, LogOptions options) {
  auto state = std::make_unique<State>(std::move(directory), options);
  TRY(state->open());
  return std::unique_ptr<Log>(new Log(std::move(state)));
}

const std::string& Log::cluster_id() const {
  return state_->cluster_id_;
}
bool Log::was_clean() const {
  return state_->was_clean_;
}

std::vector<Topic*> Log::topics() {
  std::vector<Topic*> list;
  for (const auto& [name, topic] : state_->topics_) list.push_back(topic.get());
  return list;
}

Topic* Log::find(std::string_view name) {
  const auto found = state_->topics_.find(name);
  return found == state_->topics_.end() ? nullptr : found->second.get();
}

Topic* Log::find(const TopicId& id) {
  const auto found = state_->topics_by_id_.find(id);
  return found == state_->topics_by_id_.end() ? nullptr : found->second;
}

Partition* Log::find(std::string_view name, std::int32_t partition) {
  Topic* topic = find(name);
  if (topic == nullptr || partition < 0 || static_cast<std::size_t>(partition) >= topic->partitions.size()) {
    return nullptr;
  }
  return topic->partitions[static_cast<std::size_t>(partition)].get();
}

Result<Topic*> Log::create_topic(std::string_view name, std::int32_t partitions,
                                 const std::map<std::string, std::string>& settings) {
  return state_->create_topic(name, partitions, settings);
}
Status Log::add_partitions(Topic& topic, std::int32_t count_in_all) {
  return state_->add_partitions(topic, count_in_all);
}
Status Log::set_settings(Topic& topic, const std::map<std::string, std::string>& settings) {
  return state_->set_settings(topic, settings);
}
Status Log::delete_topic(std::string_view name) {
  return state_->delete_topic(name);
}

Status Log::write_checkpoint() {
  for (const auto& [name, topic] : state_->topics_) {
    for (const auto& partition : topic->partitions) {
      // Without the snapshot the next start reads more; the checkpoint is written all the same.
      static_cast<void>(partition->state_->checkpoint());
    }
  }
  TRY(state_->with_reserve([this] { return state_->write_checkpoint(false); }));
  return state_->make_reserve();
}

Status Log::close() {
  return state_->close();
}
Result<io::SpaceInfo> Log::space() const {
  return state_->directory_->space();
}
const std::string& Log::path() const {
  return state_->directory_->path();
}
const std::vector<std::string>& Log::notices() const {
  return state_->notices_;
}

bool is_topic_name(std::string_view name) {
  if (name.empty() || name.size() > kTopicNameMax || name == "." || name == "..") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

}  // namespace weir::log
