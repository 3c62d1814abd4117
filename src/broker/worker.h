#pragma once

// A thread that carries out one job at a time for the broker's own, which never waits: flushes have one, cleaning has
// another.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace weir::broker {

template <typename Job, typename Outcome>
class Worker {
 public:
  using Done = std::pair<Job, Outcome>;

  // `work` runs on the worker's thread; `on_done` is called there when take_done() has something.
  Worker(std::function<Outcome(Job&)> work, std::function<void()> on_done)
      : work_(std::move(work)), on_done_(std::move(on_done)), thread_([this] { run(); }) {}
  ~Worker() { stop(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Not before the last job's outcome was taken.
  void start(Job job) {
    {
      const std::scoped_lock lock(mutex_);
      wanted_.emplace(std::move(job));
    }
    wakeup_.notify_one();
  }

  std::optional<Done> take_done() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(done_, std::nullopt);
  }

  // Waits for a job that is under way, and ends the thread. What take_done() would give.
  std::optional<Done> stop() {
    {
      const std::scoped_lock lock(mutex_);
      is_stopping_ = true;
    }
    wakeup_.notify_one();
    if (thread_.joinable()) thread_.join();
    return take_done();
  }

 private:
  void run() {
    while (true) {
      std::optional<Job> job;
      {
        std::unique_lock lock(mutex_);
        wakeup_.wait(lock, [this] { return is_stopping_ || wanted_.has_value(); });
        if (!wanted_) return;
        job = std::exchange(wanted_, std::nullopt);
      }
      Outcome outcome = work_(*job);
      {
        const std::scoped_lock lock(mutex_);
        done_.emplace(std::move(*job), std::move(outcome));
      }
      on_done_();
    }
  }

  const std::function<Outcome(Job&)> work_;
  const std::function<void()> on_done_;
  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::optional<Job> wanted_;
  std::optional<Done> done_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::broker
