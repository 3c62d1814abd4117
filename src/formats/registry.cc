#include "formats/registry.h"

#include <array>

#include "formats/auditd/auditd.h"
#include "formats/evtx/evtx.h"
#include "formats/windows_xml.h"

namespace weir::formats {
namespace {

// One line per format, most specific first.
const std::array kFormats = {
    kEvtx,
    kWindowsXml,
    kAuditd,
};

}  // namespace

std::span<const Format> all_formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  for (const Format& format : all_formats()) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

Choice detect_format(std::string_view sample, std::string_view file_name) {
  Choice best;
  for (const Format& format : all_formats()) {
    Detected detected = format.detect(sample, file_name);
    if (detected.confidence > best.detected.confidence) best = {&format, std::move(detected)};
  }
  return best;
}

}  // namespace weir::formats
