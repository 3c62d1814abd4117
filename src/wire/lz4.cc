// LZ4 frames (lz4_Frame_format.md 1.6), by liblz4.

#include <memory>

#include <lz4frame.h>

#include "base/check.h"
#include "wire/codecs.h"

namespace weir::wire {
namespace {

constexpr std::size_t kUsualRatio = 4;

using Context = std::unique_ptr<LZ4F_dctx, decltype(&::LZ4F_freeDecompressionContext)>;

// A context itself is small. Its buffers are as large as the frame's header asks, up to 8 MB, which is why none is
// kept.
Context make_context() {
  LZ4F_dctx* context = nullptr;
  CHECK(!::LZ4F_isError(::LZ4F_createDecompressionContext(&context, LZ4F_VERSION)));
  return {context, &::LZ4F_freeDecompressionContext};
}

}  // namespace

Result<std::string> lz4_decompress(std::string_view bytes, std::size_t size_max) {
  const Context context = make_context();
  DecodedBytes decoded(size_max, bytes.size() * kUsualRatio);
  while (true) {
    std::size_t written = decoded.room();
    std::size_t taken = bytes.size();
    const std::size_t room = written;
    const std::size_t outcome =
        ::LZ4F_decompress(context.get(), decoded.end(), &written, bytes.data(), &taken, nullptr);
    if (::LZ4F_isError(outcome)) return fail_damaged("lz4", ::LZ4F_getErrorName(outcome));
    bytes.remove_prefix(taken);
    decoded.advance(written);
    if (decoded.is_too_much()) return fail_too_much("lz4", size_max);
    const bool is_frame_done = outcome == 0;
    if (is_frame_done && bytes.empty()) return std::move(decoded).take();
    // Room left and no byte to read: the decoder holds nothing back.
    if (!is_frame_done && bytes.empty() && written < room) return fail_damaged("lz4", kEndsEarly);
  }
}

std::string lz4_compress(std::string_view bytes) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // Java's client reads no others.
  preferences.frameInfo.contentChecksumFlag = LZ4F_noContentChecksum;
  std::string compressed(::LZ4F_compressFrameBound(bytes.size(), &preferences), '\0');
  const std::size_t size =
      ::LZ4F_compressFrame(compressed.data(), compressed.size(), bytes.data(), bytes.size(), &preferences);
  CHECK(!::LZ4F_isError(size));
  compressed.resize(size);
  return compressed;
}

}  // namespace weir::wire
