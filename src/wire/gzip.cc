// RFC 1952, by zlib.

#include <algorithm>

#include <zlib.h>

#include "base/check.h"
#include "wire/codecs.h"

namespace weir::wire {
namespace {

constexpr int kGzipOnly = 16;
// Text, which most records are, shrinks to a quarter.
constexpr std::size_t kUsualRatio = 4;

// Deflate's state takes some 260 KB, inflate's some 40: each thread makes one and starts it anew for each batch.
struct Inflater {
  Inflater() { CHECK_EQ(::inflateInit2(&stream, MAX_WBITS + kGzipOnly), Z_OK); }
  ~Inflater() { ::inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  z_stream stream{};
};

struct Deflater {
  Deflater() {
    constexpr int kMemoryLevel = 8;  // zlib's usual one.
    CHECK_EQ(::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + kGzipOnly, kMemoryLevel,
                            Z_DEFAULT_STRATEGY),
             Z_OK);
  }
  ~Deflater() { ::deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  z_stream stream{};
};

void set_input(z_stream& stream, std::string_view bytes) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
}

}  // namespace

Result<std::string> gzip_decompress(std::string_view bytes, std::size_t size_max) {
  thread_local Inflater inflater;
  z_stream& stream = inflater.stream;
  CHECK_EQ(::inflateReset(&stream), Z_OK);
  set_input(stream, bytes);
  DecodedBytes decoded(size_max, bytes.size() * kUsualRatio);
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(decoded.end());
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(decoded.room(), 1U << 30));
    const uInt room = stream.avail_out;
    const int outcome = ::inflate(&stream, Z_NO_FLUSH);
    const uInt written = room - stream.avail_out;
    decoded.advance(written);
    if (decoded.is_too_much()) return fail_too_much("gzip", size_max);
    if (outcome == Z_STREAM_END) {
      if (stream.avail_in == 0) return std::move(decoded).take();
      CHECK_EQ(::inflateReset(&stream), Z_OK);  // Another member follows.
    } else if (outcome != Z_OK && outcome != Z_BUF_ERROR) {
      return fail_damaged("gzip", stream.msg != nullptr ? stream.msg : "it cannot be decoded");
    } else if (stream.avail_in == 0 && written < room) {
      return fail_damaged("gzip", kEndsEarly);
    }
  }
}

std::string gzip_compress(std::string_view bytes) {
  thread_local Deflater deflater;
  z_stream& stream = deflater.stream;
  CHECK_EQ(::deflateReset(&stream), Z_OK);
  set_input(stream, bytes);
  std::string compressed(::deflateBound(&stream, bytes.size()), '\0');
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  CHECK_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);  // The bound leaves room for all.
  compressed.resize(compressed.size() - stream.avail_out);
  return compressed;
}

}  // namespace weir::wire
