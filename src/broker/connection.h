#pragma once

// One client's connection: bytes to frames, and answers back in the order of their requests. Belongs to the broker's
// thread.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_buffer.h"
#include "broker/call.h"
#include "broker/now.h"
#include "broker/session.h"
#include "io/socket.h"

namespace weir::broker {

class Connection {
 public:
  // Gets each frame, without its length, in memory that it may change; valid during the call.
  using OnFrame = std::function<void(std::uint64_t request, std::span<char> frame)>;

  Connection(io::Socket socket, ConnectionId id, std::size_t frame_bytes_max, Now now);

  Session& session() { return session_; }
  const io::Socket& socket() const { return socket_; }

  // Reads what has come, and hands out whole frames. `scratch` is memory for one read, shared by all connections.
  // False if the connection is over; reason() says why.
  bool receive(std::span<char> scratch, const OnFrame& on_frame, Now now);

  void answer(std::uint64_t request, Frame frame);
  void pass_over(std::uint64_t request) { answer(request, {}); }
  // Nothing more is read; when what was answered is sent, the connection is over.
  void close_when_sent(std::string reason);

  // Sends as much as goes. False if the connection is over.
  bool send(Now now);
  bool has_unsent() const { return !unsent_.empty(); }
  // So many requests or bytes wait that no more should be read for now.
  bool is_overloaded() const;

  const std::string& reason() const { return reason_; }
  // Over because of what the client sent.
  bool is_refused() const { return is_closing_ || is_frame_refused_; }
  // For the owner: whether it waits for more than the next request.
  bool is_watched_for_more() const { return is_watched_for_more_; }
  void set_watched_for_more(bool is_watched) { is_watched_for_more_ = is_watched; }
  SteadyTime last_active() const { return last_active_; }
  bool is_idle() const { return next_request_ == next_answer_ && unsent_.empty(); }

 private:
  // Where the frame that is being sent stands.
  struct Progress {
    std::size_t byte = 0;
    std::size_t insert = 0;
    std::uint64_t in_insert = 0;
  };

  // Hands out the whole frames at the front of `bytes`; answers how many bytes they took, or nullopt if a frame is too
  // large to be one.
  std::optional<std::size_t> take_frames(std::span<char> bytes, const OnFrame& on_frame);
  io::Transfer send_front();

  io::Socket socket_;
  Session session_;
  const std::size_t frame_bytes_max_;
  ByteBuffer partial_;  // A frame of which a part has come.
  std::uint64_t next_request_ = 0;
  std::uint64_t next_answer_ = 0;         // Of the requests; those before it are sent or in `unsent_`.
  std::map<std::uint64_t, Frame> early_;  // Answers whose predecessors are still missing.
  std::deque<Frame> unsent_;
  std::uint64_t unsent_bytes_ = 0;
  Progress progress_;
  bool is_closing_ = false;
  bool is_frame_refused_ = false;
  bool is_watched_for_more_ = false;
  std::string reason_;
  SteadyTime last_active_;
};

}  // namespace weir::broker
