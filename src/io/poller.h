#pragma once

// Waits until some of many descriptors can be read or written (epoll, level-triggered), or another thread wakes it.
// Belongs to one thread; only wake() may be called by any.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "io/descriptor.h"

namespace weir::io {

class Poller {
 public:
  struct Ready {
    std::uint64_t token = 0;
    bool can_read = false;  // Also when the other side has closed.
    bool can_write = false;
  };
  struct Interest {
    bool read = false;
    bool write = false;
  };

  static Result<Poller> open();

  // `token` comes back in Ready; the largest is taken.
  Status add(int descriptor, std::uint64_t token, Interest interest);
  void change(int descriptor, std::uint64_t token, Interest interest);
  // Before the descriptor is closed.
  void remove(int descriptor);

  // Returns when something is ready, at a wake(), or after `timeout`; nullopt waits for ever. What it gives is valid
  // until the next call.
  const std::vector<Ready>& wait(std::optional<std::chrono::milliseconds> timeout);
  void wake() const;

 private:
  Poller(Descriptor epoll, Descriptor wakeup) : epoll_(std::move(epoll)), wakeup_(std::move(wakeup)) {}

  Descriptor epoll_;
  Descriptor wakeup_;
  std::vector<Ready> ready_;
};

}  // namespace weir::io
