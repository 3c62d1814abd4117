// Any text as Windows events in XML; the size of the steps must not change what is read.

#include <cstdint>

#include "base/check.h"
#include "formats/testing/read_events.h"
#include "formats/windows_xml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::formats;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  kWindowsXml.detect(bytes, "");
  const ReadResult result = read_events(kWindowsXml, bytes);
  CHECK_EQ(result.records, result.events.size() + result.rejects.size());
  read_events(kWindowsXml, bytes, {}, 37);
  return 0;
}
