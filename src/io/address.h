#pragma once

// Where a socket listens or what it reached, as people write it: "127.0.0.1:9092", "[::1]:9092", "localhost:9092".

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::io {

struct Address {
  std::string host;  // A name or a numeric address, without brackets.
  std::uint16_t port = 0;

  // Brackets around IPv6.
  std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// ErrorKind::user if there is no port, or it is not in 0 to 65535.
Result<Address> parse_address(std::string_view text);

// Whether every address that `host` stands for reaches this machine alone. Asks the resolver for names; a name that it
// does not know is an error.
Result<bool> is_loopback(const std::string& host);

}  // namespace weir::io
