#include "app/scan/scan.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

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

// Reads the inputs, in order, as steps. One thread at a time.
class StepSource {
 public:
  StepSource(const ScanOptions& options, const std::vector<ScanInput>& inputs, const std::atomic<bool>& stop)
      : options_(options), inputs_(inputs), stop_(stop) {}

  // The next step; null at the end. A chunk is read into `buffer` and takes it along.
  std::unique_ptr<Step> next(ChunkBuffer& buffer) {
    while (ready_.empty()) {
      if (reader_) {
        read_chunk(buffer);
      } else if (next_input_ < inputs_.size() && !stop_) {
        open_input(inputs_[next_input_++]);
      } else {
        return nullptr;
      }
    }
    std::unique_ptr<Step> step = std::move(ready_.front());
    ready_.pop_front();
    return step;
  }

 private:
  void open_input(const ScanInput& input) {
    open_ = std::make_shared<OpenInput>();
    open_->report.path = input.path;
    if (Status opened = open_reader(input); !opened) {
      open_->report.failure = std::move(opened).error();
      end_input();
    }
  }

  Status open_reader(const ScanInput& scan_input) {
    TRY(auto input, opener_.open(scan_input, &stop_));
    formats::Options format_options = options_.format_options;
    format_options.newest = scan_input.modified;
    auto reader = std::make_unique<ChunkReader>(std::move(input), scan_input.path, options_.format,
                                                std::move(format_options), &stop_);
    Status opened = reader->open();
    open_->report.is_unrecognised = reader->is_unrecognised();
    TRY(std::move(opened));
    open_->report.format = reader->description();
    open_->report.read_as = reader->format();
    reader_options_ = std::make_shared<const formats::Options>(reader->options());
    reader_ = std::move(reader);
    return {};
  }

  void read_chunk(ChunkBuffer& buffer) {
    auto step = std::make_unique<Step>();
    step->input = open_;
    step->task = {next_input_, reader_->format(), reader_options_, open_->report.path, std::exchange(buffer, {})};
    auto more = reader_->next(step->task.buffer);
    add_oversized();
    const bool has_chunk = more && *more;
    if (!more) open_->report.failure = std::move(more).error();
    if (has_chunk) {
      step->consumed = reader_->consumed();
      ready_.push_back(std::move(step));
    }
    // What was read when a stop came is still matched.
    if (!has_chunk || stop_) end_input();
  }

  void add_oversized() {
    std::vector<std::string> starts = reader_->take_oversized();
    if (starts.empty()) return;
    auto step = std::make_unique<Step>();
    step->input = open_;
    step->kind = StepKind::oversized;
    step->consumed = reader_->consumed();
    step->outcome.result.counts.rejected[formats::kTooLong] = starts.size();
    for (std::string& start : starts) {
      const std::uint64_t number = step->outcome.record_count++;
      if (options_.keep_rejects) step->outcome.result.rejects.push_back({number, formats::kTooLong, std::move(start)});
    }
    ready_.push_back(std::move(step));
  }

  void end_input() {
    reader_.reset();
    auto step = std::make_unique<Step>();
    step->input = std::exchange(open_, nullptr);
    step->kind = StepKind::end;
    ready_.push_back(std::move(step));
  }

  const ScanOptions& options_;
  const std::vector<ScanInput>& inputs_;
  const std::atomic<bool>& stop_;
  std::size_t next_input_ = 0;
  InputOpener opener_;
  std::shared_ptr<OpenInput> open_;  // That reader_ reads.
  std::unique_ptr<ChunkReader> reader_;
  std::shared_ptr<const formats::Options> reader_options_;
  std::deque<std::unique_ptr<Step>> ready_;
};

// Threads that read a step in turn and work on it side by side; steps come out in the order in which they were read.
// A thread reads what it works on, so that the bytes are in its cache.
class OrderedPool {
 public:
  OrderedPool(const ScanRules& rules, const ScanOptions& options, StepSource& source)
      : capacity_(options.threads * 3), source_(source) {
    for (std::size_t i = 0; i < options.threads; ++i) {
      threads_.emplace_back([this, &rules, &options] { run(rules, options); });
    }
  }

  // All steps must have been taken.
  ~OrderedPool() {
    for (std::thread& thread : threads_) thread.join();
  }

  // Waits for the oldest step; null at the end.
  std::unique_ptr<Step> take() {
    std::unique_lock lock(mutex_);
    result_ready_.wait(lock, [&] { return in_flight_.empty() ? at_end_ : in_flight_.front()->done; });
    if (in_flight_.empty()) return nullptr;
    std::unique_ptr<Step> step = std::move(in_flight_.front());
    in_flight_.pop_front();
    has_room_.notify_one();
    return step;
  }

  void give_back(ChunkBuffer buffer) {
    const std::lock_guard lock(mutex_);
    spare_buffers_.push_back(std::move(buffer));
  }

 private:
  void run(const ScanRules& rules, const ScanOptions& options) {
    ChunkWorker worker(rules, options);
    while (Step* step = read()) {
      ChunkOutcome outcome = worker.work(step->task);
      {
        const std::lock_guard lock(mutex_);
        step->outcome = std::move(outcome);
        step->done = true;
      }
      result_ready_.notify_one();
    }
  }

  // The next chunk; null at the end.
  Step* read() {
    const std::lock_guard turn(reading_);
    for (;;) {
      ChunkBuffer buffer;
      {
        std::unique_lock lock(mutex_);
        has_room_.wait(lock, [&] { return in_flight_.size() < capacity_; });
        if (!spare_buffers_.empty()) {
          buffer = std::move(spare_buffers_.back());
          spare_buffers_.pop_back();
        }
      }
      std::unique_ptr<Step> step = source_.next(buffer);
      Step* const chunk = step && step->kind == StepKind::chunk ? step.get() : nullptr;
      {
        const std::lock_guard lock(mutex_);
        at_end_ = step == nullptr;
        if (step) {
          step->done = chunk == nullptr;
          in_flight_.push_back(std::move(step));
        }
      }
      if (chunk != nullptr) return chunk;
      result_ready_.notify_one();
      if (at_end_) return nullptr;
    }
  }

  const std::size_t capacity_;
  std::mutex reading_;  // Guards source_.
  StepSource& source_;
  std::mutex mutex_;  // Guards what follows, and a step's outcome until it is done.
  std::condition_variable has_room_;
  std::condition_variable result_ready_;
  std::deque<std::unique_ptr<Step>> in_flight_;
  std::vector<ChunkBuffer> spare_buffers_;
  bool at_end_ = false;
  std::vector<std::thread> threads_;
};

// Gives places and ids to what a step brought.
void hand_out(Step& step, const ScanListener& listener) {
  OpenInput& input = *step.input;
  if (step.kind == StepKind::end) {
    listener.on_input_end(input.report);
    return;
  }
  ChunkResult& result = step.outcome.result;
  for (FoundAlert& found : result.alerts) {
    event::AlertEvent& event = found.alert.events.front();
    event.offset += input.records_before + 1;
    found.alert.id =
        event::alert_id(found.alert.rule.id, found.alert.group, event.source, event.partition, event.offset);
  }
  for (RejectedRecord& reject : result.rejects) reject.number += input.records_before + 1;
  input.records_before += step.outcome.record_count;
  input.report.alerts += result.alerts.size();
  input.report.counts.add(result.counts);
  listener.on_result(input.report.path, result, step.consumed);
}

// Hands a step out, and its alerts beyond those that are kept at once, unless a stop comes. `worker` gives a worker of
// this thread.
template <typename GiveWorker>
void hand_out_whole(Step& step, const ScanListener& listener, const std::atomic<bool>& stop, GiveWorker&& worker) {
  hand_out(step, listener);
  while (step.outcome.rest && !stop) {
    step.outcome = worker().work(step.task, *step.outcome.rest);
    hand_out(step, listener);
  }
}

void scan_alone(const ScanRules& rules, const ScanOptions& options, StepSource& source, const ScanListener& listener,
                const std::atomic<bool>& stop) {
  ChunkWorker worker(rules, options);
  ChunkBuffer buffer;
  while (std::unique_ptr<Step> step = source.next(buffer)) {
    if (step->kind == StepKind::chunk) step->outcome = worker.work(step->task);
    hand_out_whole(*step, listener, stop, [&]() -> ChunkWorker& { return worker; });
    buffer = std::move(step->task.buffer);
  }
}

void scan_together(const ScanRules& rules, const ScanOptions& options, StepSource& source, const ScanListener& listener,
                   const std::atomic<bool>& stop) {
  OrderedPool pool(rules, options, source);
  std::optional<ChunkWorker> worker;
  const auto own_worker = [&]() -> ChunkWorker& { return worker ? *worker : worker.emplace(rules, options); };
  while (std::unique_ptr<Step> step = pool.take()) {
    hand_out_whole(*step, listener, stop, own_worker);
    if (step->kind == StepKind::chunk) pool.give_back(std::move(step->task.buffer));
  }
}

}  // namespace

namespace {

// 0: says what happened. 1: says which action it was. 2: says where the event comes from or of what kind it is.
int kind_of_field(std::string_view field) {
  static constexpr std::string_view kOfTheSource[] = {
      "EventID",   "event_id", "EventCode",    "event.code",    "Channel",        "Provider_Name", "Provider",
      "EventType", "type",     "event.module", "eventSource",   "event.provider", "source_name",   "SourceName",
      "eventType", "category", "event.type",   "event.dataset", "event.category", "log_name",      "product"};
  static constexpr std::string_view kOfTheAction[] = {"eventName",     "action",        "event.action",
                                                      "OperationName", "operationName", "Operation",
                                                      "EventName",     "method",        "cs-method"};
  if (std::ranges::find(kOfTheSource, field) != std::end(kOfTheSource)) return 2;
  return std::ranges::find(kOfTheAction, field) != std::end(kOfTheAction) ? 1 : 0;
}

}  // namespace

const event::AlertReason* deciding_reason(const event::Alert& alert) {
  const auto found = std::ranges::min_element(
      alert.why, {}, [](const event::AlertReason& reason) { return kind_of_field(reason.field); });
  return found == alert.why.end() ? nullptr : &*found;
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
  StepSource source(options, inputs, stop);
  options.threads > 1 ? scan_together(rules, options, source, listener, stop)
                      : scan_alone(rules, options, source, listener, stop);
}

}  // namespace weir::app
