// Requests as a client may send them: the first byte chooses the API, the second the version, the rest is decoded. What
// decodes is encoded and decoded again, and must be the same.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "wire/testing/message_cases.h"

namespace {

using weir::wire::MessageCase;

std::vector<const MessageCase*> requests() {
  std::vector<const MessageCase*> found;
  for (const MessageCase& message : weir::wire::message_cases()) {
    if (message.is_request) found.push_back(&message);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const std::vector<const MessageCase*> kRequests = requests();
  const MessageCase& message = *kRequests[data[0] % kRequests.size()];
  const int version_count = message.versions.max - message.versions.min + 1;
  const int version = message.versions.min + data[1] % version_count;
  std::string problem;
  static_cast<void>(message.decode({reinterpret_cast<const char*>(data) + 2, size - 2}, version, problem));
  CHECK_EQ(problem, "");
  return 0;
}
