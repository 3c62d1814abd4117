#pragma once

// CRC-32C (Castagnoli; RFC 3720, appendix B.4), as record batches and weir's own log files use. Uses the processor's
// instruction where there is one. Pure functions; any thread may call them.

#include <cstdint>
#include <string_view>

namespace weir::wire {

// `crc` is the result for what stands before `bytes`, 0 at the beginning.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

// The same without the processor's instruction: what crc32c() does where there is none, and its twin in tests.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace weir::wire
