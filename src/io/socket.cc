#include "io/socket.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "io/resolve.h"

namespace weir::io {

namespace {

constexpr int kBacklog = 1024;
constexpr std::size_t kSendFileMax = 1U << 30;

Transfer transfer_of(ssize_t moved, bool is_zero_the_end) {
  if (moved > 0) return {static_cast<std::size_t>(moved), true};
  if (moved == 0) return {0, !is_zero_the_end};
  return {0, errno == EAGAIN || errno == EWOULDBLOCK};
}

template <typename Call>
ssize_t again_if_interrupted(Call call) {
  while (true) {
    const ssize_t moved = call();
    if (moved >= 0 || errno != EINTR) return moved;
  }
}

Address address_of(const sockaddr_storage& storage) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (storage.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(address.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(storage);
    if (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr)) {
      ::inet_ntop(AF_INET, &address.sin6_addr.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
    }
    return {text.data(), ntohs(address.sin6_port)};
  }
  return {};
}

template <typename Ask>
Address end_of(int number, Ask ask) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (ask(number, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return address_of(storage);
}

}  // namespace

Transfer Socket::receive(std::span<char> into) {
  return transfer_of(again_if_interrupted([&] { return ::recv(number(), into.data(), into.size(), 0); }), true);
}

Transfer Socket::send(std::string_view bytes) {
  return transfer_of(again_if_interrupted([&] { return ::send(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }),
                     false);
}

Transfer Socket::send_more(std::string_view bytes) {
  return transfer_of(
      again_if_interrupted([&] { return ::send(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_MORE); }),
      false);
}

Transfer Socket::send_file(int file, std::uint64_t position, std::size_t size) {
  auto from = static_cast<off_t>(position);
  // A file that ends early would give 0 for ever: that is no open connection any more.
  return transfer_of(
      again_if_interrupted([&] { return ::sendfile(number(), file, &from, std::min(size, kSendFileMax)); }), true);
}

Address Socket::local() const {
  return end_of(number(), ::getsockname);
}

Address Socket::remote() const {
  return end_of(number(), ::getpeername);
}

Result<Listener> Listener::open(const Address& address) {
  TRY(const auto found, resolve(address));
  Descriptor descriptor(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.valid()) {
    return fail(ErrorKind::external, "cannot open a socket for {}: {}", address.text(), system_message(errno));
  }
  const int yes = 1;
  ::setsockopt(descriptor.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(descriptor.number(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(descriptor.number(), kBacklog) != 0) {
    if (errno == EADDRINUSE) {
      return fail(ErrorKind::external, "cannot listen on {}: another process listens there; choose another port",
                  address.text());
    }
    return fail(ErrorKind::external, "cannot listen on {}: {}", address.text(), system_message(errno));
  }
  Address taken = address;
  taken.port = end_of(descriptor.number(), ::getsockname).port;
  return Listener(std::move(descriptor), std::move(taken));
}

Result<Descriptor> Listener::accept() {
  while (true) {
    Descriptor taken(::accept4(number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (taken.valid()) {
      const int yes = 1;
      ::setsockopt(taken.number(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      return taken;
    }
    switch (errno) {
      case EAGAIN: return Descriptor(-1);
      case EINTR:
      case ECONNABORTED:
      case EPROTO: continue;  // That one gave up; the next may not have.
      default: return fail(ErrorKind::external, "cannot accept a connection: {}", system_message(errno));
    }
  }
}

}  // namespace weir::io
