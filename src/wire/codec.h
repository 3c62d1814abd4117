#pragma once

// The compressions of record batches (Kafka's implementation notes, "Record Batch", attributes 0–2). What comes in is
// never trusted: output grows as it is decoded, and ends at the caller's limit.
//
// Any thread may call these functions. A thread keeps the contexts of gzip and zstd that it used until it ends: some
// 300 KB for gzip, up to 6 MB for zstd.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::wire {

enum class Codec : std::uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

// "gzip"; "none" for Codec::none.
std::string_view name_of(Codec codec);

// ErrorKind::corrupt when `bytes` is not what the codec writes, or the result would exceed `size_max` bytes. gzip takes
// members one behind another, snappy raw blocks and the framing of xerial's Java library, lz4 and zstd frames one
// behind another, zstd with windows up to 128 MiB. Memory beyond twice the smaller of result and `size_max` is not
// taken, save for zstd's window.
Result<std::string> decompress(Codec codec, std::string_view bytes, std::size_t size_max);

// At the codec's usual level. Snappy is written in xerial's framing, which Java's clients insist on; lz4 in independent
// blocks of 64 KiB. `bytes` has less than 2^31 bytes.
std::string compress(Codec codec, std::string_view bytes);

}  // namespace weir::wire
