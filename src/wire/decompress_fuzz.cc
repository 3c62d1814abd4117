// Any bytes as compressed data: decoding ends or fails, stays within its limit, and says the same under a higher one;
// what it gives can be compressed and comes back. The first byte picks the codec.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using weir::wire::Codec;
  constexpr std::size_t kDecodedMax = 1 << 16;
  if (size == 0) return 0;
  const auto codec = static_cast<Codec>(data[0] % 5);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const weir::Result<std::string> decoded = weir::wire::decompress(codec, bytes, kDecodedMax);
  if (!decoded) {
    CHECK(decoded.error().kind == weir::ErrorKind::corrupt);
    return 0;
  }
  CHECK_LE(decoded->size(), kDecodedMax);
  CHECK(weir::wire::decompress(codec, bytes, 4 * kDecodedMax).value() == *decoded);
  CHECK(weir::wire::decompress(codec, weir::wire::compress(codec, *decoded), decoded->size()).value() == *decoded);
  return 0;
}
