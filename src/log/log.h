#pragma once

// All topics in a data folder. Owned by one thread. Opening takes the folder's lock, recovers what an unclean stop
// left, and removes what a deletion did not finish.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/storage.h"
#include "log/partition.h"
#include "log/topic_config.h"
#include "log/topic_file.h"

namespace weir::log {

struct LogOptions {
  Millis now = 0;
  // Bytes that recovery and deletion may use when the disk is full.
  std::uint64_t reserve_bytes = 16U << 20;
  std::uint64_t decompressed_max = 256U << 20;  // Of one batch.
};

struct Topic {
  std::string name;
  TopicId id{};
  std::map<std::string, std::string> settings;  // As set by users.
  TopicConfig config;
  std::vector<std::unique_ptr<Partition>> partitions;
};

class Log {
 public:
  // ErrorKind::external if the folder is held by another process, read-only or full beyond the reserve (the message
  // says which); ErrorKind::corrupt if the folder's own files cannot be understood; ErrorKind::user if they need a
  // newer release. `directory` is held as long as the log.
  static Result<std::unique_ptr<Log>> open(std::unique_ptr<io::Directory> directory, LogOptions options);
  ~Log();

  // The cluster's id: 22 characters of base64url, made once for the folder.
  const std::string& cluster_id() const;
  bool was_clean() const;  // How the last run ended.

  // Sorted by name. Pointers are valid until the topic is deleted.
  std::vector<Topic*> topics();
  Topic* find(std::string_view name);
  Topic* find(const TopicId& id);
  Partition* find(std::string_view name, std::int32_t partition);

  // Errors: ErrorKind::user if the name, the number or a setting is wrong, or the topic exists; else
  // ErrorKind::external. Names as Kafka takes them: 1 to 249 of [a-zA-Z0-9._-], neither "." nor "..". All are on the
  // device when they return.
  Result<Topic*> create_topic(std::string_view name, std::int32_t partitions,
                              const std::map<std::string, std::string>& settings);
  Status add_partitions(Topic& topic, std::int32_t count_in_all);
  Status set_settings(Topic& topic, const std::map<std::string, std::string>& settings);
  // Files go at once or, where the machine is slow, with apply_retention's next calls.
  Status delete_topic(std::string_view name);

  // Notes how far each partition is flushed, producer states, and the leader epochs; called every few seconds. Call it
  // too before a DeleteRecords is answered that must survive a crash.
  Status write_checkpoint();
  // Flushes everything (no flush that was taken may be under way), writes the checkpoint and the mark of a clean stop.
  // Nothing may be called afterwards.
  Status close();

  Result<io::SpaceInfo> space() const;
  // What was noteworthy about the start: a checkpoint that was damaged, topics that cannot be read. For the log of the
  // process; one sentence each.
  const std::vector<std::string>& notices() const;
  // The folder, as a person would write it.
  const std::string& path() const;

 private:
  class State;
  explicit Log(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

bool is_topic_name(std::string_view name);

}  // namespace weir::log
