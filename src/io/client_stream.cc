#include "io/client_stream.h"

#include <algorithm>
#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/dial.h"
#include "io/resolve.h"

namespace weir::io {

namespace {

class PlainStream final : public ClientStream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  Status send(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const Transfer sent = socket_.send(bytes);
      if (!sent.is_open) return fail(ErrorKind::external, "the server closed the connection");
      bytes.remove_prefix(sent.bytes);
      if (sent.bytes == 0) TRY(wait_for(socket_.number(), Wait::write, deadline));
    }
    return {};
  }

  Status receive(std::span<char> into, Deadline deadline) override {
    while (!into.empty()) {
      const Transfer received = socket_.receive(into);
      if (!received.is_open) return fail(ErrorKind::external, "the server closed the connection");
      into = into.subspan(received.bytes);
      if (received.bytes == 0) TRY(wait_for(socket_.number(), Wait::read, deadline));
    }
    return {};
  }

 private:
  Socket socket_;
};

Result<Descriptor> dial_one(const addrinfo& entry, Deadline deadline) {
  Descriptor descriptor(::socket(entry.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.valid()) return fail(ErrorKind::external, "{}", system_message(errno));
  const int yes = 1;
  ::setsockopt(descriptor.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(descriptor.number(), entry.ai_addr, entry.ai_addrlen) == 0) return descriptor;
  if (errno != EINPROGRESS) return fail(ErrorKind::external, "{}", system_message(errno));
  TRY(wait_for(descriptor.number(), Wait::write, deadline));
  int code = 0;
  socklen_t size = sizeof code;
  ::getsockopt(descriptor.number(), SOL_SOCKET, SO_ERROR, &code, &size);
  if (code != 0) return fail(ErrorKind::external, "{}", system_message(code));
  return descriptor;
}

}  // namespace

Status wait_for(int descriptor, Wait wait, Deadline deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(ErrorKind::external, "no answer in time");
    pollfd entry{descriptor, static_cast<short>(wait == Wait::read ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return fail(ErrorKind::external, "{}", system_message(errno));
  }
}

Result<Socket> dial(const Address& address, Deadline deadline) {
  TRY(const auto found, resolve(address));
  Error last;
  for (const addrinfo* entry = found.get(); entry != nullptr; entry = entry->ai_next) {
    auto dialled = dial_one(*entry, deadline);
    if (dialled) return Socket(std::move(*dialled));
    last = std::move(dialled).error();
  }
  return std::unexpected(std::move(last));
}

Result<std::unique_ptr<ClientStream>> connect_plain(const Address& address, Deadline deadline) {
  TRY(auto socket, dial(address, deadline));
  return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace weir::io
