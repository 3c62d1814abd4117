#include "io/poller.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace weir::io {

namespace {

constexpr std::uint64_t kWakeToken = std::numeric_limits<std::uint64_t>::max();
constexpr int kEventsMax = 256;

epoll_event event_of(std::uint64_t token, Poller::Interest interest) {
  epoll_event event{};
  event.events = (interest.read ? EPOLLIN | EPOLLRDHUP : 0U) | (interest.write ? EPOLLOUT : 0U);
  event.data.u64 = token;
  return event;
}

}  // namespace

Result<Poller> Poller::open() {
  Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  Descriptor wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll.valid() || !wakeup.valid()) {
    return fail(ErrorKind::external, "cannot wait for connections: {}", system_message(errno));
  }
  Poller poller(std::move(epoll), std::move(wakeup));
  TRY(poller.add(poller.wakeup_.number(), kWakeToken, {.read = true}));
  return poller;
}

Status Poller::add(int descriptor, std::uint64_t token, Interest interest) {
  epoll_event event = event_of(token, interest);
  if (::epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return fail(ErrorKind::external, "cannot wait for a connection: {}", system_message(errno));
  }
  return {};
}

void Poller::change(int descriptor, std::uint64_t token, Interest interest) {
  epoll_event event = event_of(token, interest);
  CHECK_EQ(::epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event), 0);
}

void Poller::remove(int descriptor) {
  CHECK_EQ(::epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr), 0);
}

const std::vector<Poller::Ready>& Poller::wait(std::optional<std::chrono::milliseconds> timeout) {
  ready_.clear();
  std::array<epoll_event, kEventsMax> events;
  constexpr std::int64_t kLongest = std::numeric_limits<int>::max();
  const int milliseconds = timeout ? static_cast<int>(std::clamp<std::int64_t>(timeout->count(), 0, kLongest)) : -1;
  const int count = ::epoll_wait(epoll_.number(), events.data(), kEventsMax, milliseconds);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == kWakeToken) {
      std::uint64_t ignored = 0;
      // Fails only if nothing is there: then another wake was taken with an earlier one.
      [[maybe_unused]] const ssize_t taken = ::read(wakeup_.number(), &ignored, sizeof ignored);
      continue;
    }
    constexpr std::uint32_t kReadable = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    ready_.push_back({event.data.u64, (event.events & kReadable) != 0, (event.events & (EPOLLOUT | EPOLLERR)) != 0});
  }
  return ready_;
}

void Poller::wake() const {
  const std::uint64_t one = 1;
  // Full means that a wake already waits to be taken.
  [[maybe_unused]] const ssize_t written = ::write(wakeup_.number(), &one, sizeof one);
}

}  // namespace weir::io
