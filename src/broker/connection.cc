#include "broker/connection.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace weir::broker {

namespace {

constexpr std::size_t kLengthBytes = 4;
constexpr std::uint64_t kUnansweredMax = 1000;
constexpr std::uint64_t kUnsentBytesMax = 128U << 20;

std::int32_t length_of(const char* bytes) {
  std::int32_t length = 0;
  std::memcpy(&length, bytes, sizeof length);
  return std::byteswap(length);
}

}  // namespace

Connection::Connection(io::Socket socket, ConnectionId id, std::size_t frame_bytes_max, Now now)
    : socket_(std::move(socket)), frame_bytes_max_(frame_bytes_max), last_active_(now.steady) {
  session_.id = id;
  session_.local = socket_.local();
  session_.remote = socket_.remote();
}

bool Connection::receive(std::span<char> scratch, const OnFrame& on_frame, Now now) {
  if (is_closing_) return true;
  const std::size_t before = partial_.size();
  std::span<char> bytes;
  io::Transfer received;
  if (before == 0) {
    received = socket_.receive(scratch);
    bytes = scratch.first(received.bytes);
  } else {
    // The rest of the frame whose beginning is here, and no more than fits in one read.
    const std::size_t whole =
        before >= kLengthBytes ? kLengthBytes + static_cast<std::size_t>(length_of(partial_.data())) : 0;
    const std::size_t more = std::clamp<std::size_t>(whole - std::min(whole, before), 4096, scratch.size());
    partial_.resize(before + more);
    received = socket_.receive(std::span(partial_.data() + before, more));
    partial_.resize(before + received.bytes);
    bytes = std::span(partial_.data(), partial_.size());
  }
  if (!received.is_open) {
    reason_ = "the client closed it";
    return false;
  }
  if (received.bytes == 0) return true;
  last_active_ = now.steady;
  const auto taken = take_frames(bytes, on_frame);
  if (!taken) return false;
  if (before == 0) {
    partial_.append(std::string_view(bytes.data(), bytes.size()).substr(*taken));
  } else if (*taken == partial_.size()) {
    partial_ = ByteBuffer();  // An idle connection holds no memory.
  } else {
    partial_.erase_front(*taken);
  }
  return true;
}

std::optional<std::size_t> Connection::take_frames(std::span<char> bytes, const OnFrame& on_frame) {
  std::size_t taken = 0;
  while (bytes.size() - taken >= kLengthBytes && !is_closing_) {
    const std::int32_t length = length_of(bytes.data() + taken);
    if (length < 0 || static_cast<std::size_t>(length) > frame_bytes_max_) {
      reason_ = fmt::format("a frame of {} bytes: the largest is {}", length, frame_bytes_max_);
      is_frame_refused_ = true;
      return std::nullopt;
    }
    const std::size_t whole = kLengthBytes + static_cast<std::size_t>(length);
    if (bytes.size() - taken < whole) break;
    on_frame(next_request_++, bytes.subspan(taken + kLengthBytes, static_cast<std::size_t>(length)));
    taken += whole;
  }
  return taken;
}

void Connection::answer(std::uint64_t request, Frame frame) {
  early_.emplace(request, std::move(frame));
  for (auto next = early_.begin(); next != early_.end() && next->first == next_answer_; next = early_.begin()) {
    // A request that has no answer leaves an empty frame.
    if (next->second.bytes.size() > 0) {
      unsent_bytes_ += next->second.size();
      unsent_.push_back(std::move(next->second));
    }
    early_.erase(next);
    ++next_answer_;
  }
}

void Connection::close_when_sent(std::string reason) {
  if (is_closing_) return;
  is_closing_ = true;
  reason_ = std::move(reason);
}

bool Connection::is_overloaded() const {
  return next_request_ - next_answer_ >= kUnansweredMax || unsent_bytes_ >= kUnsentBytesMax;
}

// The next run of bytes of the first frame, or of the file that stands before them.
io::Transfer Connection::send_front() {
  const Frame& frame = unsent_.front();
  const bool has_insert = progress_.insert < frame.inserts.size();
  const std::size_t end = has_insert ? frame.inserts[progress_.insert].position : frame.bytes.size();
  if (progress_.byte < end) {
    const std::string_view run = frame.bytes.view().substr(progress_.byte, end - progress_.byte);
    const io::Transfer sent = has_insert ? socket_.send_more(run) : socket_.send(run);
    progress_.byte += sent.bytes;
    return sent;
  }
  const log::FileRange& range = frame.inserts[progress_.insert].range;
  const io::Transfer sent = socket_.send_file(range.file->descriptor(), range.position + progress_.in_insert,
                                              static_cast<std::size_t>(range.size - progress_.in_insert));
  progress_.in_insert += sent.bytes;
  if (progress_.in_insert == range.size) {
    ++progress_.insert;
    progress_.in_insert = 0;
  }
  return sent;
}

bool Connection::send(Now now) {
  while (!unsent_.empty()) {
    const Frame& frame = unsent_.front();
    if (progress_.byte == frame.bytes.size() && progress_.insert == frame.inserts.size()) {
      unsent_bytes_ -= frame.size();
      unsent_.pop_front();
      progress_ = {};
      continue;
    }
    const io::Transfer sent = send_front();
    if (!sent.is_open) {
      reason_ = "the client closed it";
      return false;
    }
    if (sent.bytes == 0) return true;
    last_active_ = now.steady;
  }
  return !is_closing_;
}

}  // namespace weir::broker
