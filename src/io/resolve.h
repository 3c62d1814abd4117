#pragma once

// From a name to the addresses it stands for; for the sockets of this module.

#include <memory>

#include <netdb.h>

#include "io/address.h"

namespace weir::io {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

// At least one entry. ErrorKind::user if the name is not known.
Result<AddressList> resolve(const Address& address);

}  // namespace weir::io
