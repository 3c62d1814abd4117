#pragma once

// A connection that this process opened to a server, plain or inside TLS, for callers that can wait: each call returns
// when it is done or when its deadline has passed. One thread.

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/address.h"

namespace weir::io {

using Deadline = std::chrono::steady_clock::time_point;

class ClientStream {
 public:
  virtual ~ClientStream() = default;

  // All of `bytes`, or ErrorKind::external; after an error the stream is of no more use.
  virtual Status send(std::string_view bytes, Deadline deadline) = 0;
  // Fills `into`; ErrorKind::external if the server closes before that or the deadline passes.
  virtual Status receive(std::span<char> into, Deadline deadline) = 0;
};

// What TLS needs. Texts are in PEM form, not paths.
struct TlsSettings {
  std::string authorities;   // Certificates that may have signed the server's; empty: those of the system.
  std::string certificates;  // The client's own, then those that signed it; empty: none.
  std::string private_key;   // Of the client's certificate.
  std::string private_key_password;
  bool checks_host_name = true;  // That the server's certificate is for the host that was asked for.
};

// Tries the addresses that the host stands for in turn. ErrorKind::user if the name is not known, external if nobody
// answers.
Result<std::unique_ptr<ClientStream>> connect_plain(const Address& address, Deadline deadline);

// As above, with TLS 1.2 or newer and the server's certificate verified. ErrorKind::user also if `settings` holds
// something that cannot be read.
Result<std::unique_ptr<ClientStream>> connect_tls(const Address& address, const TlsSettings& settings,
                                                  Deadline deadline);

}  // namespace weir::io
