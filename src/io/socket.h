#pragma once

// Stream sockets that never block. Each belongs to one thread.

#include <cstdint>
#include <span>
#include <string_view>

#include "io/address.h"
#include "io/descriptor.h"

namespace weir::io {

// What one call moved. Not `is_open`: the other side has closed, or the connection broke; nothing more can come of it.
struct Transfer {
  std::size_t bytes = 0;  // 0 while open: nothing can be moved now; wait until the poller says so.
  bool is_open = true;
};

class Socket {
 public:
  explicit Socket(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  int number() const { return descriptor_.number(); }
  Transfer receive(std::span<char> into);
  Transfer send(std::string_view bytes);
  // More will follow at once: the system may wait and join them.
  Transfer send_more(std::string_view bytes);
  // Bytes of a file, without a copy through this process.
  Transfer send_file(int file, std::uint64_t position, std::size_t size);

  // The addresses of both ends, numeric; empty if the connection is gone.
  Address local() const;
  Address remote() const;

 private:
  Descriptor descriptor_;
};

class Listener {
 public:
  // Port 0 takes a free one. ErrorKind::external if the port is in use or the address is not this machine's.
  static Result<Listener> open(const Address& address);

  int number() const { return descriptor_.number(); }
  // With the port that was taken.
  const Address& address() const { return address_; }
  // One that waits, or an invalid descriptor if nobody does. ErrorKind::external: no descriptors or memory left.
  Result<Descriptor> accept();

 private:
  Listener(Descriptor descriptor, Address address) : descriptor_(std::move(descriptor)), address_(std::move(address)) {}

  Descriptor descriptor_;
  Address address_;
};

}  // namespace weir::io
