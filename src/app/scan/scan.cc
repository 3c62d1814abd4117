#include "app/scan/scan.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "app/scan/chunk_worker.h"

namespace weir::app {
namespace {

// An input whose last result has not been handed out yet.
struct OpenInput {
  InputReport report;
  std::uint64_t records_before = 0;
};

// A step of the scan, in the order of the inputs: a chunk, records that were too long for one, or the end of an input.
enum class StepKind : std::uint8_t { chunk, oversized, end };

struct Step {
  std::shared_ptr<OpenInput> input;
  StepKind kind = StepKind::chunk;
  ChunkTask task;
  ChunkOutcome outcome;
  std::uint64_t consumed = 0;  // Bytes of the file read so far.
  bool done = false;
};

// Steps go in and come out in the same order; chunks are worked on in between. Threads wait here and nowhere else.
class OrderedPool {
 public:
  OrderedPool(const ScanRules& rules, const ScanOptions& options) : capacity_(options.threads * 3) {
    for (std::size_t i = 0; i < options.threads; ++i) {
      threads_.emplace_back([this, &rules, &options] { run(rules, options); });
    }
  }

  ~OrderedPool() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    work_ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // Whether another step may be added before one is taken.
  bool has_room() const { return in_flight_.size() < capacity_; }
  bool empty() const { return in_flight_.empty(); }
  // Whether the oldest step can be taken without waiting.
  bool has_result() {
    const std::lock_guard lock(mutex_);
    return !in_flight_.empty() && in_flight_.front()->done;
  }

  void add(std::unique_ptr<Step> step) {
    if (step->kind != StepKind::chunk) {
      step->done = true;
    } else {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(step.get());
    }
    in_flight_.push_back(std::move(step));
    work_ready_.notify_one();
  }

  // Waits for the oldest step.
  std::unique_ptr<Step> take() {
    std::unique_ptr<Step> step = std::move(in_flight_.front());
    in_flight_.pop_front();
    std::unique_lock lock(mutex_);
    result_ready_.wait(lock, [&] { return step->done; });
    return step;
  }

 private:
  void run(const ScanRules& rules, const ScanOptions& options) {
    ChunkWorker worker(rules, options);
    for (;;) {
      Step* step = nullptr;
      {
        std::unique_lock lock(mutex_);
        work_ready_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        step = waiting_.front();
        waiting_.pop_front();
      }
      ChunkOutcome outcome = worker.work(step->task);
      {
        const std::lock_guard lock(mutex_);
        step->outcome = std::move(outcome);
        step->done = true;
      }
      result_ready_.notify_one();
    }
  }

  const std::size_t capacity_;
  std::deque<std::unique_ptr<Step>> in_flight_;  // Of the caller's thread only.
  std::mutex mutex_;                             // Guards what follows, and a step's outcome until it is done.
  std::condition_variable work_ready_;
  std::condition_variable result_ready_;
  std::deque<Step*> waiting_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

class Scan {
 public:
  Scan(const ScanRules& rules, const ScanOptions& options, const ScanListener& listener, const std::atomic<bool>& stop)
      : options_(options), listener_(listener), stop_(stop) {
    if (options.threads > 1) {
      pool_ = std::make_unique<OrderedPool>(rules, options);
    } else {
      worker_ = std::make_unique<ChunkWorker>(rules, options);
    }
  }

  void run(const std::vector<ScanInput>& inputs) {
    for (std::size_t i = 0; i < inputs.size() && !stop_; ++i) {
      auto open = std::make_shared<OpenInput>();
      open->report.path = inputs[i].path;
      read_input(i, inputs[i], open);
      auto end = std::make_unique<Step>();
      end->input = open;
      end->kind = StepKind::end;
      process(std::move(end));
    }
    while (pool_ && !pool_->empty()) hand_out(pool_->take());
  }

 private:
  void read_input(std::size_t index, const ScanInput& scan_input, const std::shared_ptr<OpenInput>& open) {
    auto input = scan_input.archive.empty() ? io::Input::open(scan_input.path, &stop_)
                                            : io::Input::open_entry(scan_input.archive, scan_input.entry);
    if (!input) {
      open->report.failure = std::move(input).error();
      return;
    }
    formats::Options format_options = options_.format_options;
    format_options.newest = scan_input.modified;
    ChunkReader reader(std::move(*input), scan_input.path, options_.format, std::move(format_options), &stop_);
    if (Status opened = reader.open(); !opened) {
      open->report.failure = std::move(opened).error();
      return;
    }
    open->report.format = reader.description();
    open->report.read_as = reader.format();
    read_chunks(index, reader, open);
  }

  void read_chunks(std::size_t index, ChunkReader& reader, const std::shared_ptr<OpenInput>& open) {
    const auto options = std::make_shared<const formats::Options>(reader.options());
    // Once more after a stop: what was read by then is still matched.
    do {
      auto step = std::make_unique<Step>();
      step->input = open;
      step->task = {index, reader.format(), options, open->report.path, take_buffer()};
      auto more = reader.next(step->task.buffer);
      process_oversized(reader, open);
      if (!more) open->report.failure = std::move(more).error();
      if (!more || !*more) return;
      step->consumed = reader.consumed();
      process(std::move(step));
    } while (!stop_);
  }

  void process_oversized(ChunkReader& reader, const std::shared_ptr<OpenInput>& open) {
    std::vector<std::string> starts = reader.take_oversized();
    if (starts.empty()) return;
    auto step = std::make_unique<Step>();
    step->input = open;
    step->kind = StepKind::oversized;
    step->consumed = reader.consumed();
    step->outcome.result.counts.rejected[formats::kTooLong] = starts.size();
    for (std::string& start : starts) {
      const std::uint64_t number = step->outcome.record_count++;
      if (options_.keep_rejects) step->outcome.result.rejects.push_back({number, formats::kTooLong, std::move(start)});
    }
    process(std::move(step));
  }

  void process(std::unique_ptr<Step> step) {
    if (worker_) {
      if (step->kind == StepKind::chunk) step->outcome = worker_->work(step->task);
      hand_out(std::move(step));
      return;
    }
    if (!pool_->has_room()) hand_out(pool_->take());
    pool_->add(std::move(step));
    while (pool_->has_result()) hand_out(pool_->take());
  }

  // Gives places and ids to what a chunk brought.
  void hand_out(std::unique_ptr<Step> step) {
    OpenInput& input = *step->input;
    if (step->kind == StepKind::end) {
      listener_.on_input_end(input.report);
      return;
    }
    ChunkResult& result = step->outcome.result;
    for (FoundAlert& found : result.alerts) {
      event::AlertEvent& event = found.alert.events.front();
      event.offset += input.records_before + 1;
      found.alert.id =
          event::alert_id(found.alert.rule.id, found.alert.group, event.source, event.partition, event.offset);
    }
    for (RejectedRecord& reject : result.rejects) reject.number += input.records_before + 1;
    input.records_before += step->outcome.record_count;
    input.report.alerts += result.alerts.size();
    input.report.counts.add(result.counts);
    listener_.on_result(input.report.path, result, step->consumed);
    if (step->kind == StepKind::chunk) spare_buffers_.push_back(std::move(step->task.buffer));
  }

  ChunkBuffer take_buffer() {
    if (spare_buffers_.empty()) return {};
    ChunkBuffer buffer = std::move(spare_buffers_.back());
    spare_buffers_.pop_back();
    return buffer;
  }

  const ScanOptions& options_;
  const ScanListener& listener_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<OrderedPool> pool_;    // With several threads,
  std::unique_ptr<ChunkWorker> worker_;  // else this.
  std::vector<ChunkBuffer> spare_buffers_;
};

}  // namespace

const event::AlertReason* deciding_reason(const event::Alert& alert) {
  static constexpr std::string_view kOfTheKind[] = {"EventID", "Channel", "Provider_Name", "EventType", "eventSource"};
  const auto says_more = [](const event::AlertReason& reason) {
    return std::ranges::find(kOfTheKind, reason.field) == std::end(kOfTheKind);
  };
  const auto found = std::ranges::find_if(alert.why, says_more);
  if (found != alert.why.end()) return &*found;
  return alert.why.empty() ? nullptr : &alert.why.front();
}

std::uint64_t ScanCounts::rejected_in_all() const {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : rejected) sum += count;
  return sum;
}

void ScanCounts::add(const ScanCounts& other) {
  events += other.events;
  bytes += other.bytes;
  repaired += other.repaired;
  unknown_logsource += other.unknown_logsource;
  outside_time += other.outside_time;
  without_time += other.without_time;
  for (const auto& [source, count] : other.logsources) logsources[source] += count;
  for (const auto& [reason, count] : other.rejected) rejected[reason] += count;
}

void scan(const ScanRules& rules, const ScanOptions& options, const std::vector<ScanInput>& inputs,
          const ScanListener& listener, const std::atomic<bool>& stop) {
  Scan(rules, options, listener, stop).run(inputs);
}

}  // namespace weir::app
