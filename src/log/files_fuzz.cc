// Any bytes as one of the small files: what is read is written as it was, what is not is a sentence.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "log/aborted_index.h"
#include "log/checkpoint.h"
#include "log/frame.h"
#include "log/producer_state.h"
#include "log/quarantine.h"
#include "log/topic_file.h"

using namespace weir;
using namespace weir::log;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  // A right checksum lets the fuzzer at what is behind it.
  constexpr std::string_view kMagics[] = {"weirchkp", "weirquar", "weirtopc", "weirprod"};
  const std::string framed = make_frame(kMagics[data[0] % 4], bytes);
  if (const auto checkpoint = decode_checkpoint(framed, "c")) {
    CHECK(decode_checkpoint(encode_checkpoint(*checkpoint), "c").has_value());
  }
  if (const auto entries = decode_quarantine(framed, "q"))
    CHECK(decode_quarantine(encode_quarantine(*entries), "q").has_value());
  if (const auto topic = decode_topic(framed, "t")) CHECK(decode_topic(encode_topic(*topic), "t").has_value());
  if (const auto state = ProducerState::decode(bytes, "p")) {
    const std::string encoded = state->encode();
    CHECK(ProducerState::decode(encoded, "p")->encode() == encoded);
  }
  bool is_whole = false;
  const auto aborted = decode_aborted(bytes, is_whole);
  if (is_whole) CHECK(encode_aborted(aborted) == bytes);
  static_cast<void>(read_frame("weirmeta", bytes, "m"));
  return 0;
}
