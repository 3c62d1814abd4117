#pragma once

// Opening connections and waiting on them; for the sockets of this module.

#include <poll.h>

#include "io/client_stream.h"
#include "io/socket.h"

namespace weir::io {

enum class Wait { read, write };

// Returns when the descriptor may be read or written, or is broken; ErrorKind::external when the deadline passes.
Status wait_for(int descriptor, Wait wait, Deadline deadline);

// The first address of the host that answers.
Result<Socket> dial(const Address& address, Deadline deadline);

}  // namespace weir::io
