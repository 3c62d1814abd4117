// Random runs of one partition, held against the model: appends of plain, idempotent and transactional producers,
// flushes, checkpoints, retention, deletions, compactions, clean stops, kills, power cuts within the last step, and
// failing calls. WEIR_LOG_SEEDS says how many seeds each kind of run takes, WEIR_LOG_SEED which is the first.

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "io/testing/memory_storage.h"
#include "log/log.h"
#include "log/testing/model.h"
#include "wire/record_batch.h"

namespace weir::log {
namespace {

using io::testing::Failure;
using io::testing::MemoryDisk;
using testing::Model;
using testing::ModelRecord;
using wire::ErrorCode;

constexpr std::int64_t kProducers = 4;  // Ids 0 and 1 are idempotent, 2 and 3 transactional.

int setting_of(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

struct RunOptions {
  bool is_compacted = false;
  bool is_failing = false;
};

class Run {
 public:
  Run(std::uint32_t seed, RunOptions options) : random_(seed), options_(options), disk_(MemoryDisk::make()) {}

  void play() {
    open();
    if (::testing::Test::HasFailure()) return;
    for (int step = 0; step < 60 && !::testing::Test::HasFailure(); ++step) {
      now_ += below(200);
      crash_from_ = step_begin_;
      step_begin_ = {disk_->operation_count(), partition_->high_watermark()};
      if (options_.is_failing && below(3) == 0) {
        const Failure failures[] = {Failure::no_space, Failure::io_error, Failure::io_error_and_drop};
        disk_->fail_call(disk_->call_count() + below(6), failures[below(3)], below(8) == 0);
      }
      take_step();
      disk_->stop_failing();
      if (!partition_->failure().empty()) {
        EXPECT_TRUE(options_.is_failing);
        below(2) == 0 ? crash() : kill();
      }
      if (below(4) == 0) check();
    }
    check();
  }

 private:
  std::size_t below(std::size_t count) { return random_() % count; }

  void take_step() {
    const std::size_t kind = below(24);
    if (std::getenv("WEIR_LOG_TRACE") != nullptr) {
      fmt::print(stderr, "step {} start {} high {} end {} failed '{}'\n", kind, partition_->start_offset(),
                 partition_->high_watermark(), partition_->end_offset(), partition_->failure());
    }
    switch (kind) {
      case 0: crash(); break;
      case 1: kill(); break;
      case 2: reopen_clean(); break;
      case 3:
      case 4: static_cast<void>(log_->write_checkpoint()); break;
      case 5: static_cast<void>(partition_->apply_retention(now_)); break;
      case 6: delete_records(); break;
      case 7:
      case 8: compact(); break;
      case 9:
      case 10:
      case 11:
      case 12: flush(); break;
      case 13:
      case 14:
      case 15: end_transaction(2 + static_cast<std::int64_t>(below(2))); break;
      case 16: append(-1); break;
      default: append(static_cast<std::int64_t>(below(kProducers))); break;
    }
  }

  void open() {
    LogOptions options;
    options.now = now_;
    options.reserve_bytes = 0;
    auto log = Log::open(disk_->root(), options);
    ASSERT_TRUE(log) << log.error().message;
    log_ = std::move(*log);
    if (log_->find("t", 0) == nullptr) {
      std::map<std::string, std::string> settings{{"segment.bytes", "900"},
                                                  {"index.interval.bytes", "150"},
                                                  {"retention.ms", "5000"},
                                                  {"delete.retention.ms", "300"},
                                                  {"min.cleanable.dirty.ratio", "0.1"}};
      if (options_.is_compacted) settings["cleanup.policy"] = below(2) == 0 ? "compact" : "compact,delete";
      ASSERT_TRUE(log_->create_topic("t", 1, settings));
    }
    partition_ = log_->find("t", 0);
  }

  struct NextSend {
    std::int16_t epoch = 0;
    std::int32_t sequence = 0;
    bool is_open = false;
  };
  NextSend next_of(std::int64_t producer) const {
    NextSend next;
    const ModelRecord* last = model_.last_of(producer);
    if (last == nullptr) return next;
    next.epoch = last->epoch;
    next.is_open = last->is_transactional && !last->is_marker;
    // After a marker of the same epoch the sequence goes on.
    for (auto record = model_.records.rbegin(); record != model_.records.rend(); ++record) {
      if (record->producer_id != producer || record->epoch != next.epoch || record->is_marker) continue;
      next.sequence = record->sequence + 1;
      break;
    }
    return next;
  }

  std::string batch_of(std::vector<ModelRecord>& records) const {
    const ModelRecord& first = records.front();
    wire::BatchWriter::Options options;
    options.attributes = first.is_transactional ? 0x10 : 0;
    options.producer_id = first.producer_id;
    options.producer_epoch = first.epoch;
    options.base_sequence = first.sequence;
    options.codec = records.size() > 2 ? wire::Codec::zstd : wire::Codec::none;
    wire::BatchWriter writer(options);
    for (std::size_t i = 0; i < records.size(); ++i) {
      wire::Record record{.offset = static_cast<std::int64_t>(i), .timestamp = now_, .headers = {}};
      if (records[i].key) record.key = *records[i].key;
      if (records[i].value) record.value = *records[i].value;
      writer.add(record);
    }
    return writer.take();
  }

  void append(std::int64_t producer) {
    std::vector<ModelRecord> records(1 + below(4));
    NextSend next;
    if (producer >= 0) next = next_of(producer);
    for (std::size_t i = 0; i < records.size(); ++i) {
      ModelRecord& record = records[i];
      record.offset = model_.end() + static_cast<std::int64_t>(i);
      record.batch_base = model_.end();
      record.batch_last = model_.end() + static_cast<std::int64_t>(records.size()) - 1;
      record.producer_id = producer;
      if (producer >= 0) {
        record.epoch = next.epoch;
        record.sequence = next.sequence + static_cast<std::int32_t>(i);
        record.is_transactional = producer >= 2;
      }
      record.key = std::string(1, static_cast<char>('a' + below(6)));
      if (below(5) != 0) record.value = std::to_string(random_());
    }
    std::string batch = batch_of(records);
    const auto appended = partition_->append(batch, now_);
    if (!appended) {
      EXPECT_TRUE(options_.is_failing) << appended.error().message;
      EXPECT_EQ(appended.error().code, ErrorCode::kafka_storage_error);
      if (!partition_->failure().empty()) add(records, true);
      return;
    }
    EXPECT_FALSE(appended->is_duplicate);
    EXPECT_EQ(appended->base_offset, model_.end());
    add(records, false);
    EXPECT_EQ(partition_->end_offset(), model_.end());
  }

  void add(const std::vector<ModelRecord>& records, bool is_doubtful) {
    model_.records.insert(model_.records.end(), records.begin(), records.end());
    static_cast<void>(is_doubtful);
  }

  void end_transaction(std::int64_t producer) {
    const NextSend next = next_of(producer);
    if (!next.is_open) return;
    ModelRecord marker;
    marker.offset = marker.batch_base = marker.batch_last = model_.end();
    marker.producer_id = producer;
    marker.is_marker = true;
    marker.is_transactional = true;
    marker.is_commit = below(2) == 0;
    marker.epoch = static_cast<std::int16_t>(next.epoch + (below(2) == 0 ? 1 : 0));
    const auto appended = partition_->append_end_marker(producer, marker.epoch, 0, marker.is_commit, now_);
    if (!appended) {
      EXPECT_TRUE(options_.is_failing) << appended.error().message;
      if (!partition_->failure().empty()) add({marker}, true);
      return;
    }
    EXPECT_EQ(appended->base_offset, model_.end());
    add({marker}, false);
  }

  void flush() {
    const auto plan = partition_->take_flush();
    if (!plan) return;
    // Sometimes more is appended while the flush is under way.
    if (below(3) == 0) append(0);
    if (!partition_->failure().empty()) return;
    partition_->flushed(*plan, sync_files(*plan));
    if (partition_->failure().empty()) {
      EXPECT_EQ(partition_->high_watermark(), plan->end_offset);
    }
  }

  void delete_records() {
    if (options_.is_compacted || below(3) != 0) return;
    const std::int64_t high = partition_->high_watermark();
    const std::int64_t start = partition_->start_offset();
    if (high > start) {
      EXPECT_TRUE(partition_->delete_records(start + static_cast<std::int64_t>(below(high - start + 1))));
    }
  }

  void compact() {
    const auto compaction = partition_->plan_compaction(now_);
    if (compaction == nullptr) return;
    const Status ran = compaction->run();
    if (!options_.is_failing) {
      EXPECT_TRUE(ran) << ran.error().message;
    }
    if (below(3) == 0) append(1);
    const auto applied = partition_->apply(*compaction);
    if (!options_.is_failing) {
      EXPECT_TRUE(applied) << applied.error().message;
    }
    ++compactions_;
  }

  void restart(std::shared_ptr<MemoryDisk> disk, std::int64_t promised) {
    const std::int64_t start = partition_->start_offset();
    log_.reset();
    disk_ = std::move(disk);
    open();
    if (partition_ == nullptr || ::testing::Test::HasFailure()) return;
    EXPECT_GE(partition_->end_offset(), promised);
    EXPECT_LE(partition_->end_offset(), model_.end());
    EXPECT_LE(partition_->start_offset(), start);
    EXPECT_TRUE(partition_->quarantined().empty());
    if (::testing::Test::HasFailure()) return;
    model_.cut(partition_->end_offset());
    step_begin_ = crash_from_ = {0, model_.end()};
    check();
    repeat_last_batches();
  }

  void crash() {
    const std::size_t operations = disk_->operation_count();
    const std::size_t point = crash_from_.operations + below(operations - crash_from_.operations + 1);
    // What the last step promised holds only if it was over.
    const bool is_over = point >= step_begin_.operations;
    const std::int64_t promised = is_over ? step_begin_.promised : crash_from_.promised;
    restart(disk_->after_power_cut(point, [this](std::size_t count) { return below(count); }),
            std::min(promised, partition_->high_watermark()));
  }

  void kill() { restart(disk_->after_kill(), partition_->failure().empty() ? model_.end() : 0); }

  void reopen_clean() {
    const std::int64_t start = partition_->start_offset();
    const Status closed = log_->close();
    if (!closed) {
      EXPECT_TRUE(options_.is_failing) << closed.error().message;
      disk_->stop_failing();
      kill();
      return;
    }
    log_.reset();
    disk_->stop_failing();
    open();
    if (::testing::Test::HasFailure()) return;
    EXPECT_TRUE(log_->was_clean());
    EXPECT_EQ(partition_->start_offset(), start);
    EXPECT_EQ(partition_->end_offset(), model_.end());
    EXPECT_EQ(partition_->high_watermark(), model_.end());
    check();
    repeat_last_batches();
  }

  // A producer that did not hear the answer sends again.
  void repeat_last_batches() {
    for (std::int64_t producer = 0; producer < kProducers; ++producer) {
      const ModelRecord* last = model_.last_of(producer);
      if (last == nullptr || last->is_marker) continue;
      std::vector<ModelRecord> records(model_.records.begin() + last->batch_base,
                                       model_.records.begin() + last->batch_last + 1);
      std::string batch = batch_of(records);
      const auto appended = partition_->append(batch, now_);
      ASSERT_TRUE(appended) << appended.error().message;
      EXPECT_TRUE(appended->is_duplicate) << "producer " << producer << " at " << last->batch_base;
      EXPECT_EQ(appended->base_offset, last->batch_base);
    }
  }

  struct Got {
    std::optional<std::string> key;
    std::optional<std::string> value;
  };

  // Everything a consumer sees from the start on.
  std::map<std::int64_t, Got> consume(Isolation isolation) {
    std::map<std::int64_t, Got> got;
    std::int64_t offset = partition_->start_offset();
    const std::int64_t limit =
        isolation == Isolation::committed ? partition_->last_stable_offset() : partition_->high_watermark();
    while (offset < limit) {
      const ReadResult read = partition_->read(offset, 1 + below(600), isolation);
      EXPECT_EQ(read.code, ErrorCode::none) << "at " << offset << ": " << read.message;
      EXPECT_FALSE(read.ranges.empty()) << "at " << offset << " below " << limit;
      if (::testing::Test::HasFailure()) return got;
      std::string bytes;
      for (const FileRange& range : read.ranges) {
        std::string part(range.size, '\0');
        EXPECT_EQ(range.file->read_at(range.position, part).value_or(0), part.size());
        bytes += part;
      }
      take_batches(bytes, read, offset, limit, got);
      if (::testing::Test::HasFailure()) return got;
    }
    EXPECT_EQ(offset, limit);
    return got;
  }

  void take_batches(std::string_view bytes, const ReadResult& read, std::int64_t& offset, std::int64_t limit,
                    std::map<std::int64_t, Got>& got) {
    std::set<std::int64_t> aborting;  // As a client's read_committed does it.
    std::size_t next_aborted = 0;
    std::vector<AbortedTransaction> aborted = read.aborted;
    std::ranges::sort(aborted, {}, &AbortedTransaction::first_offset);
    while (!bytes.empty()) {
      const auto header = wire::read_batch_header(bytes);
      ASSERT_TRUE(header) << header.error().message;
      ASSERT_LE(header->size(), bytes.size());
      const std::string_view batch = bytes.substr(0, header->size());
      bytes.remove_prefix(header->size());
      ASSERT_TRUE(wire::is_crc_right(batch));
      ASSERT_GE(header->last_offset(), offset);
      if (!options_.is_compacted && header->base_offset > offset) FAIL() << "gap at " << offset;
      ASSERT_LT(header->last_offset(), limit);
      while (next_aborted < aborted.size() && aborted[next_aborted].first_offset <= header->last_offset()) {
        aborting.insert(aborted[next_aborted++].producer_id);
      }
      const std::int64_t asked = offset;
      offset = header->next_offset();
      if (header->is_control()) {
        const auto marker = wire::read_end_marker(batch);
        if (marker && !marker->is_commit) aborting.erase(header->producer_id);
        continue;
      }
      if (header->is_transactional() && aborting.contains(header->producer_id)) continue;
      auto reader = wire::RecordReader::open(batch, 1 << 20);
      ASSERT_TRUE(reader);
      wire::Record record;
      while (reader->next(record).value()) {
        if (record.offset >= asked)
          got[record.offset] = {std::optional<std::string>(record.key), std::optional<std::string>(record.value)};
      }
    }
  }

  void check() {
    if (::testing::Test::HasFailure()) return;
    const std::int64_t high = partition_->high_watermark();
    EXPECT_LE(high, model_.end());
    const Model::Fate fate = model_.fate(high);
    EXPECT_EQ(partition_->last_stable_offset(), std::max(fate.stable, std::min(partition_->start_offset(), high)));
    compare(consume(Isolation::uncommitted), high, {});
    compare(consume(Isolation::committed), partition_->last_stable_offset(), fate.aborted);
  }

  void compare(const std::map<std::int64_t, Got>& got, std::int64_t end, const std::set<std::int64_t>& aborted) {
    if (::testing::Test::HasFailure()) return;
    const Model::Fate fate = model_.fate(model_.end());
    std::map<std::string, std::int64_t> last_of_key;
    for (const ModelRecord& record : model_.records) {
      if (!record.is_marker && !fate.aborted.contains(record.offset)) last_of_key[*record.key] = record.offset;
    }
    for (std::int64_t offset = partition_->start_offset(); offset < end; ++offset) {
      const ModelRecord& record = model_.records[static_cast<std::size_t>(offset)];
      const auto found = got.find(offset);
      const bool is_hidden = record.is_marker || aborted.contains(offset);
      if (is_hidden) {
        EXPECT_EQ(found, got.end()) << "record " << offset << " should not be seen";
        continue;
      }
      if (found == got.end()) {
        // Compaction may take what is superseded or aborted, and tombstones in time.
        const bool may_be_gone = options_.is_compacted &&
                                 (fate.aborted.contains(offset) || !record.value || last_of_key[*record.key] != offset);
        EXPECT_TRUE(may_be_gone) << "record " << offset << " of " << end << " is missing";
        continue;
      }
      EXPECT_EQ(found->second.key, record.key) << offset;
      EXPECT_EQ(found->second.value, record.value) << offset;
    }
    EXPECT_TRUE(got.empty() || got.rbegin()->first < end);
  }

  std::mt19937 random_;
  RunOptions options_;
  std::shared_ptr<MemoryDisk> disk_;
  std::unique_ptr<Log> log_;
  Partition* partition_ = nullptr;
  Model model_;
  Millis now_ = 1'000'000;
  // Where a step began, and what was promised then. A power cut strikes within the step before, or after it.
  struct Mark {
    std::size_t operations = 0;
    std::int64_t promised = 0;
  };
  Mark step_begin_;
  Mark crash_from_;

 public:
  int compactions_ = 0;
};

void play(RunOptions options, int count) {
  const auto first = static_cast<std::uint32_t>(setting_of("WEIR_LOG_SEED", 1));
  const auto seeds = static_cast<std::uint32_t>(setting_of("WEIR_LOG_SEEDS", count));
  int compactions = 0;
  for (std::uint32_t seed = first; seed < first + seeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("WEIR_LOG_SEED=" + std::to_string(seed));
    Run run(seed, options);
    run.play();
    compactions += run.compactions_;
  }
  if (options.is_compacted && seeds >= 100) {
    EXPECT_GT(compactions, 0);
  }
}

TEST(LogModel, RandomRunsLoseNothingThatWasPromised) {
  play({}, 400);
}

TEST(LogModel, RandomRunsWithFailingCallsLoseNothingThatWasPromised) {
  play({.is_failing = true}, 400);
}

TEST(LogModel, RandomRunsOfCompactedTopicsKeepTheLastValueOfEveryKey) {
  play({.is_compacted = true}, 400);
}

TEST(LogModel, RandomRunsOfCompactedTopicsWithFailingCalls) {
  play({.is_compacted = true, .is_failing = true}, 400);
}

}  // namespace
}  // namespace weir::log
