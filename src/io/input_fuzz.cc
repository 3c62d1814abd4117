// Any bytes as an input: compressed streams end or fail, and a second read of another step gives the same bytes.

#include <cstdint>
#include <string>

#include "base/check.h"
#include "io/input.h"

namespace {

constexpr std::size_t kDecodedMax = 1 << 20;  // Enough for a fuzzer; bombs would only make it slow.

std::string drain(std::string_view bytes, std::size_t step) {
  const std::unique_ptr<weir::io::Input> input = weir::io::Input::over(bytes);
  std::string out;
  std::string piece(step, '\0');
  while (out.size() < kDecodedMax) {
    const weir::Result<std::size_t> size = input->read(piece.data(), piece.size());
    CHECK_LE(input->consumed(), bytes.size());
    if (!size) return out + " error: " + size.error().message;
    if (*size == 0) return out;
    out.append(piece, 0, *size);
  }
  return out.substr(0, kDecodedMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CHECK(drain(bytes, 65'536) == drain(bytes, 997));
  return 0;
}
