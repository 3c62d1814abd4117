#include "formats/registry.h"

#include "formats/auditd/auditd.h"
#include "formats/evtx/evtx.h"
#include "formats/json/json.h"
#include "formats/text_formats.h"
#include "formats/windows_xml.h"

namespace weir::formats {

std::span<const Format> all_formats() {
  // One line per format, most specific first.
  static const Format kFormats[] = {
      kEvtx,
      kWindowsXml,
      kAuditd,
      json::format(),
      cef_format(),
      leef_format(),
      zeek_tsv_format(),
      w3c_format(),
      squid_format(),
      access_log_format(),
      syslog_format(),
      csv_format(),
      key_value_format(),
  };
  return kFormats;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const Format& format : all_formats()) names.push_back(format.name);
  return names;
}

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
