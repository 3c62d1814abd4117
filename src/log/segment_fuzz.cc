// Any bytes as a partition's files: opening, reading, verifying, compacting and appending must end in records or in a
// sentence, and never in less than was there before. The first byte says which file the rest is.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "io/testing/memory_storage.h"
#include "log/log.h"
#include "wire/record_batch.h"

namespace {

using namespace weir;
using namespace weir::log;

std::string batch_of(int count) {
  wire::BatchWriter writer({});
  for (int i = 0; i < count; ++i) {
    writer.add({.offset = i, .timestamp = 1000 + i, .key = "k", .value = "v", .headers = {}});
  }
  return writer.take();
}

void use(Partition& partition) {
  std::int64_t offset = partition.start_offset();
  for (int i = 0; i < 50 && offset < partition.high_watermark(); ++i) {
    const ReadResult read = partition.read(offset, 1000, Isolation::committed);
    if (read.code != wire::ErrorCode::none) {
      if (read.next <= offset) break;
      offset = read.next;
      continue;
    }
    if (read.size == 0) break;
    for (const FileRange& range : read.ranges) {
      std::string bytes(range.size, '\0');
      const std::size_t size = range.file->read_at(range.position, bytes).value();
      CHECK_EQ(size, bytes.size());
      for (std::string_view rest = bytes; !rest.empty();) {
        const auto header = wire::read_batch_header(rest);
        if (!header || header->size() > rest.size()) return;
        offset = header->next_offset();
        rest.remove_prefix(header->size());
      }
    }
  }
  static_cast<void>(partition.find_by_time(1001));
  static_cast<void>(partition.find_max_timestamp());
  static_cast<void>(partition.verify());
  const std::int64_t end = partition.end_offset();
  std::string batch = batch_of(2);
  const auto appended = partition.append(batch, 2000);
  if (appended) CHECK_EQ(appended->base_offset, end);
  if (const auto compaction = partition.plan_compaction(1'000'000)) {
    static_cast<void>(compaction->run());
    static_cast<void>(partition.apply(*compaction));
  }
  static_cast<void>(partition.apply_retention(2000));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const auto disk = io::testing::MemoryDisk::make();
  const LogOptions options{.now = 1000, .reserve_bytes = 0, .decompressed_max = 1 << 20};
  std::string folder;
  {
    auto log = Log::open(disk->root(), options).value();
    Topic& topic = *log->create_topic("t", 1, {{"segment.bytes", "400"}, {"cleanup.policy", "compact"}}).value();
    for (int i = 0; i < 10; ++i) {
      std::string batch = batch_of(3);
      CHECK(topic.partitions[0]->append(batch, 1000).has_value());
    }
    wire::BatchWriter writer({.attributes = 0x10, .producer_id = 1, .producer_epoch = 0, .base_sequence = 0});
    writer.add({.offset = 0, .timestamp = 1000, .key = "k", .value = "v", .headers = {}});
    std::string batch = writer.take();
    CHECK(topic.partitions[0]->append(batch, 1000).has_value());
    CHECK(topic.partitions[0]->append_end_marker(1, 0, 0, false, 1000).has_value());
    const bool is_clean = (data[0] & 0x80) != 0;
    if (is_clean) {
      CHECK(log->close().has_value());
    } else {
      const auto plan = topic.partitions[0]->take_flush();
      topic.partitions[0]->flushed(*plan, sync_files(*plan));
      CHECK(log->write_checkpoint().has_value());
    }
    folder = "topics/" + disk->root()->folder("topics").value()->list().value().at(0);
  }
  const auto names =
      disk->root()->folder("topics").value()->folder(folder.substr(7)).value()->folder("0").value()->list().value();
  std::vector<std::string> files{"checkpoint.0", "checkpoint.1", "meta", folder + "/topic"};
  for (const std::string& name : names) files.push_back(folder + "/0/" + name);
  std::string* bytes = disk->bytes_of(files[(data[0] & 0x3f) % files.size()]);
  // Put over the file from a place on, or in its stead.
  const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 0x40) != 0 && rest.size() > 1) {
    bytes->resize(std::max(bytes->size(), static_cast<std::size_t>(static_cast<std::uint8_t>(rest[0])) + rest.size()));
    bytes->replace(static_cast<std::uint8_t>(rest[0]), rest.size() - 1, rest, 1);
  } else {
    *bytes = rest;
  }
  auto log = Log::open(disk->root(), options);
  if (!log) {
    CHECK(!log.error().message.empty());
    return 0;
  }
  for (Topic* topic : (*log)->topics()) {
    if (!topic->partitions.empty()) use(*topic->partitions[0]);
  }
  static_cast<void>((*log)->close());
  return 0;
}
