#include "wire/codec.h"

#include <cstdlib>
#include <limits>

#include "base/check.h"
#include "wire/codecs.h"

namespace weir::wire {
namespace {

// A batch says its length in 31 bits; the libraries count in 32.
constexpr std::size_t kInputBytesMax = std::numeric_limits<std::int32_t>::max();

}  // namespace

std::string_view name_of(Codec codec) {
  switch (codec) {
    case Codec::none: return "none";
    case Codec::gzip: return "gzip";
    case Codec::snappy: return "snappy";
    case Codec::lz4: return "lz4";
    case Codec::zstd: return "zstd";
  }
  std::abort();
}

Result<std::string> decompress(Codec codec, std::string_view bytes, std::size_t size_max) {
  if (bytes.size() > kInputBytesMax) {
    return fail(ErrorKind::corrupt, "{} bytes are more than a batch can hold", bytes.size());
  }
  switch (codec) {
    case Codec::none:
      if (bytes.size() > size_max) return fail_too_much("uncompressed", size_max);
      return std::string(bytes);
    case Codec::gzip: return gzip_decompress(bytes, size_max);
    case Codec::snappy: return snappy_decompress(bytes, size_max);
    case Codec::lz4: return lz4_decompress(bytes, size_max);
    case Codec::zstd: return zstd_decompress(bytes, size_max);
  }
  return fail(ErrorKind::corrupt, "compression {} is unknown", static_cast<int>(codec));
}

std::string compress(Codec codec, std::string_view bytes) {
  CHECK_LE(bytes.size(), kInputBytesMax);
  switch (codec) {
    case Codec::none: return std::string(bytes);
    case Codec::gzip: return gzip_compress(bytes);
    case Codec::snappy: return snappy_compress(bytes);
    case Codec::lz4: return lz4_compress(bytes);
    case Codec::zstd: return zstd_compress(bytes);
  }
  std::abort();
}

}  // namespace weir::wire
