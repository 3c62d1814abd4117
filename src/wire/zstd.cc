// RFC 8878, by libzstd.

#include <memory>

#include <zstd.h>

#include "base/check.h"
#include "wire/codecs.h"

namespace weir::wire {
namespace {

// 2^27 bytes, which level 22 uses; larger windows are how a small batch asks for much memory.
constexpr int kWindowLogMax = 27;
// Room for the windows of the usual levels; a context that a larger one has blown up is not kept.
constexpr std::size_t kContextBytesKept = 4 * 1024 * 1024;
// A frame may say how much it holds. Up to this ratio it is believed, which lets the library decode straight into the
// result; a bold claim costs no more than that.
constexpr std::size_t kRatioBelieved = 64;
constexpr std::size_t kUsualRatio = 4;

using DecompressionContext = std::unique_ptr<ZSTD_DCtx, decltype(&::ZSTD_freeDCtx)>;
using CompressionContext = std::unique_ptr<ZSTD_CCtx, decltype(&::ZSTD_freeCCtx)>;

std::size_t size_expected(std::string_view bytes) {
  const unsigned long long declared = ::ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  // The two numbers that say "unknown" and "no frame" are larger than any size.
  return declared <= bytes.size() * kRatioBelieved ? declared : bytes.size() * kUsualRatio;
}

Result<std::string> decompress_with(ZSTD_DCtx* context, std::string_view bytes, std::size_t size_max) {
  CHECK(!::ZSTD_isError(::ZSTD_DCtx_reset(context, ZSTD_reset_session_only)));
  DecodedBytes decoded(size_max, size_expected(bytes));
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (true) {
    const std::size_t room = decoded.room();
    ZSTD_outBuffer out{decoded.end(), room, 0};
    const std::size_t outcome = ::ZSTD_decompressStream(context, &out, &in);
    if (::ZSTD_isError(outcome)) return fail_damaged("zstd", ::ZSTD_getErrorName(outcome));
    decoded.advance(out.pos);
    if (decoded.is_too_much()) return fail_too_much("zstd", size_max);
    const bool is_frame_done = outcome == 0;
    if (is_frame_done && in.pos == in.size) return std::move(decoded).take();
    if (!is_frame_done && in.pos == in.size && out.pos < room) return fail_damaged("zstd", kEndsEarly);
  }
}

}  // namespace

Result<std::string> zstd_decompress(std::string_view bytes, std::size_t size_max) {
  thread_local DecompressionContext context(nullptr, &::ZSTD_freeDCtx);
  if (context == nullptr) {
    context.reset(::ZSTD_createDCtx());
    CHECK(context != nullptr);
    CHECK(!::ZSTD_isError(::ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindowLogMax)));
  }
  Result<std::string> decoded = decompress_with(context.get(), bytes, size_max);
  if (::ZSTD_sizeof_DCtx(context.get()) > kContextBytesKept) context.reset();
  return decoded;
}

std::string zstd_compress(std::string_view bytes) {
  thread_local CompressionContext context(nullptr, &::ZSTD_freeCCtx);
  if (context == nullptr) context.reset(::ZSTD_createCCtx());
  CHECK(context != nullptr);
  std::string compressed(::ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ::ZSTD_compress2(context.get(), compressed.data(), compressed.size(), bytes.data(), bytes.size());
  CHECK(!::ZSTD_isError(size));
  compressed.resize(size);
  return compressed;
}

}  // namespace weir::wire
