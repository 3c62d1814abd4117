// Appends of 100-byte records in process, on a memory file system and on the disk, beside plain writes with fdatasync
// in the same run; reads in process; starts. WEIR_BENCH_DISK and WEIR_BENCH_MEMORY name the folders, which are emptied.

#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>

#include <benchmark/benchmark.h>

#include "io/storage.h"
#include "log/log.h"
#include "wire/record_batch.h"

namespace weir::log {
namespace {

constexpr int kRecordsPerBatch = 1000;
constexpr std::size_t kRecordBytes = 100;

std::string folder_of(const char* variable, const char* otherwise) {
  const char* name = std::getenv(variable);
  return std::string(name == nullptr ? otherwise : name) + "/weir-log-bench";
}

std::string disk_folder() {
  return folder_of("WEIR_BENCH_DISK", "/var/tmp");
}
std::string memory_folder() {
  return folder_of("WEIR_BENCH_MEMORY", "/dev/shm");
}

std::string make_batch(int records) {
  wire::BatchWriter writer({});
  const std::string value(kRecordBytes, 'x');
  for (int i = 0; i < records; ++i) {
    writer.add({.offset = i, .timestamp = 1'700'000'000'000, .key = std::nullopt, .value = value, .headers = {}});
  }
  return writer.take();
}

std::unique_ptr<Log> open_log(const std::string& folder, bool is_new) {
  if (is_new) std::filesystem::remove_all(folder);
  return Log::open(io::open_directory(folder).value(), {.now = 1}).value();
}

void flush(Partition& partition) {
  const auto plan = partition.take_flush();
  if (plan) partition.flushed(*plan, sync_files(*plan));
}

// Group commits as the broker does them: another thread syncs what was written while more is appended. At most
// `batches_per_flush` batches are written meanwhile.
void append(benchmark::State& state, const std::string& folder, int batches_per_flush) {
  auto log = open_log(folder, true);
  Partition& partition = *log->create_topic("bench", 1, {{"retention.bytes", "2000000000"}}).value()->partitions[0];
  const std::string original = make_batch(kRecordsPerBatch);
  std::string batch = original;
  int count = 0;
  std::optional<FlushPlan> plan;
  std::future<Status> syncing;
  const auto wait = [&] {
    if (syncing.valid()) partition.flushed(*plan, syncing.get());
  };
  for (auto _ : state) {
    batch = original;
    if (!partition.append(batch, 1'700'000'000'000)) state.SkipWithError("append failed");
    if (++count % batches_per_flush == 0) {
      wait();
      plan = partition.take_flush();
      syncing = std::async(std::launch::async, [&plan] { return sync_files(*plan); });
    }
    if (count % 5000 == 0) static_cast<void>(partition.apply_retention(1'700'000'000'000));
  }
  wait();
  flush(partition);
  state.SetItemsProcessed(state.iterations() * kRecordsPerBatch);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
  log.reset();
  std::filesystem::remove_all(folder);
}

void plain_writes(benchmark::State& state, const std::string& folder, int batches_per_flush) {
  std::filesystem::remove_all(folder);
  auto directory = io::open_directory(folder).value();
  std::shared_ptr<io::File> file = directory->open("plain", io::OpenMode::create).value();
  const std::string batch = make_batch(kRecordsPerBatch);
  std::uint64_t position = 0;
  std::future<Status> syncing;
  int count = 0;
  for (auto _ : state) {
    if (!file->write_at(position, batch)) state.SkipWithError("write failed");
    position += batch.size();
    if (++count % batches_per_flush == 0) {
      if (syncing.valid() && !syncing.get()) state.SkipWithError("sync failed");
      syncing = std::async(std::launch::async, [file] { return file->sync(); });
    }
    if (position > (1U << 30)) {
      static_cast<void>(directory->remove("plain"));
      file = directory->open("plain", io::OpenMode::create).value();
      position = 0;
    }
  }
  if (syncing.valid()) syncing.wait();
  static_cast<void>(file->sync());
  state.SetItemsProcessed(state.iterations() * kRecordsPerBatch);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
  file.reset();
  std::filesystem::remove_all(folder);
}

void BM_AppendInMemory(benchmark::State& state) {
  append(state, memory_folder(), 64);
}
BENCHMARK(BM_AppendInMemory);

void BM_AppendOnDisk(benchmark::State& state) {
  append(state, disk_folder(), static_cast<int>(state.range(0)));
}
BENCHMARK(BM_AppendOnDisk)->Arg(10)->Arg(100)->UseRealTime()->MinTime(3);

void BM_PlainWritesOnDisk(benchmark::State& state) {
  plain_writes(state, disk_folder(), static_cast<int>(state.range(0)));
}
BENCHMARK(BM_PlainWritesOnDisk)->Arg(10)->Arg(100)->UseRealTime()->MinTime(3);

// Of what a consumer does: batches found and copied (0), and their records walked too (1).
void BM_Read(benchmark::State& state) {
  auto log = open_log(memory_folder(), true);
  Partition& partition = *log->create_topic("bench", 1, {{"segment.bytes", "67108864"}}).value()->partitions[0];
  std::string batch = make_batch(kRecordsPerBatch);
  for (int i = 0; i < 5000; ++i) {
    static_cast<void>(partition.append(batch, 1'700'000'000'000));
  }
  flush(partition);
  std::int64_t offset = 0;
  std::int64_t records = 0;
  std::string buffer;
  for (auto _ : state) {
    const ReadResult read = partition.read(offset, 1 << 20, Isolation::uncommitted);
    for (const FileRange& range : read.ranges) {
      buffer.resize(range.size);
      if (range.file->read_at(range.position, buffer).value() != range.size) state.SkipWithError("short read");
      std::string_view rest = buffer;
      while (!rest.empty()) {
        const auto header = wire::read_batch_header(rest).value();
        if (state.range(0) == 1) {
          auto reader = wire::RecordReader::open(rest.substr(0, header.size()), 1 << 24).value();
          wire::Record record;
          while (reader.next(record).value()) benchmark::DoNotOptimize(record.value);
        }
        records += header.record_count;
        offset = header.next_offset();
        rest.remove_prefix(header.size());
      }
    }
    if (offset >= partition.high_watermark()) offset = 0;
  }
  state.SetItemsProcessed(records);
  log.reset();
  std::filesystem::remove_all(memory_folder());
}
BENCHMARK(BM_Read)->Arg(0)->Arg(1);

// 100 GB of sparse segments, as a clean stop left them.
void BM_CleanStart(benchmark::State& state) {
  constexpr int kPartitions = 100;
  const std::string folder = disk_folder();
  {
    auto log = open_log(folder, true);
    Topic& topic = *log->create_topic("bench", kPartitions, {}).value();
    std::string batch = make_batch(10);
    for (const auto& partition : topic.partitions) {
      static_cast<void>(partition->append(batch, 1));
    }
    static_cast<void>(log->close());
  }
  for (auto _ : state) {
    auto log = open_log(folder, false);
    state.PauseTiming();
    static_cast<void>(log->close());
    log.reset();
    state.ResumeTiming();
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_CleanStart)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_StartAfterKill(benchmark::State& state) {
  constexpr int kPartitions = 100;
  const std::string folder = disk_folder();
  {
    auto log = open_log(folder, true);
    Topic& topic = *log->create_topic("bench", kPartitions, {}).value();
    std::string batch = make_batch(kRecordsPerBatch);
    for (const auto& partition : topic.partitions) {
      for (int i = 0; i < 100; ++i) static_cast<void>(partition->append(batch, 1));
      flush(*partition);
    }
    static_cast<void>(log->write_checkpoint());
    // What comes between a checkpoint and a kill.
    for (const auto& partition : topic.partitions) {
      for (int i = 0; i < 10; ++i) static_cast<void>(partition->append(batch, 1));
    }
  }
  for (auto _ : state) {
    auto log = open_log(folder, false);
    benchmark::DoNotOptimize(log->was_clean());
    state.PauseTiming();
    log.reset();
    state.ResumeTiming();
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_StartAfterKill)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

}  // namespace
}  // namespace weir::log
