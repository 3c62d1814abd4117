// SCRAM's messages from any bytes, at both sides: no crash, and nobody gets in.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/sasl/scram.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::wire;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_client_first(text));
  static const ScramCredential credential =
      make_scram_credential(ScramHash::sha256, "password", "salt", kScramIterationsMin);
  const ScramServer server(*parse_client_first("n,,n=user,r=nonce"), credential, "more");
  CHECK(!server.finish(text));
  ScramClient client(ScramHash::sha256, "user", "password", "nonce");
  // A server may ask for many iterations; here they would only take time.
  if (text.find("i=4096") != std::string_view::npos) static_cast<void>(client.answer(text));
  CHECK(!client.finish(text));
  return 0;
}
