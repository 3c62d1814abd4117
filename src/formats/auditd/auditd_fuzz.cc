// Any text as an audit log: every line is part of an event, a reject, or nothing.

#include <cstdint>

#include "base/check.h"
#include "formats/auditd/auditd.h"
#include "formats/testing/read_events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::formats;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  kAuditd.detect(bytes, "");
  const ReadResult result = read_events(kAuditd, bytes);
  CHECK_LE(result.events.size() + result.rejects.size(), result.records);
  read_events(kAuditd, bytes, {}, 40);
  return 0;
}
