#pragma once

// What the broker knows of one connection. Owned by the connection; handlers see it while they handle one of its
// requests, never later.

#include <cstdint>
#include <string>

#include "io/address.h"

namespace weir::broker {

using ConnectionId = std::uint64_t;  // Never used twice.

struct Session {
  ConnectionId id = 0;
  io::Address local;  // The address that the client reached: where it is told to find the broker.
  io::Address remote;
  std::string client_software = "unknown";  // Name and version, as the client says (KIP-511).
  std::string principal = "User:ANONYMOUS";
};

}  // namespace weir::broker
