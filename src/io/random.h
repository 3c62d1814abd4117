#pragma once

// Randomness of the operating system, fit for secrets. Any thread may ask.

#include <span>
#include <string>

namespace weir::io {

void random_bytes(std::span<char> into);

// A UUID (RFC 9562, version 4) as text: 36 characters.
std::string random_uuid();

}  // namespace weir::io
