// Any bytes as an input: streams end or fail, and the size of the steps changes neither the bytes nor the verdict. (How
// much a damaged zstd block gives before its damage is noticed is the decoder's business.)

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "io/input.h"

namespace {

constexpr std::size_t kDecodedMax = 1 << 20;  // Enough for a fuzzer; bombs would only make it slow.

struct Outcome {
  std::string bytes;
  bool damaged = false;
};

Outcome drain(std::string_view bytes, std::size_t step) {
  const std::unique_ptr<weir::io::Input> input = weir::io::Input::over(bytes);
  Outcome outcome;
  std::string piece(step, '\0');
  while (outcome.bytes.size() < kDecodedMax) {
    const weir::Result<std::size_t> size = input->read(piece.data(), piece.size());
    CHECK_LE(input->consumed(), bytes.size());
    outcome.damaged = !size.has_value();
    if (outcome.damaged || *size == 0) break;
    outcome.bytes.append(piece, 0, *size);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome large = drain(bytes, 65'536);
  const Outcome small = drain(bytes, 997);
  const std::size_t common = std::min(large.bytes.size(), small.bytes.size());
  // What zstd gives of a damaged block before it notices depends on the room it has.
  if (!large.damaged) CHECK(large.bytes.substr(0, common) == small.bytes.substr(0, common));
  if (common < kDecodedMax) CHECK_EQ(large.damaged, small.damaged);
  if (common < kDecodedMax && !large.damaged) CHECK_EQ(large.bytes.size(), small.bytes.size());
  return 0;
}
