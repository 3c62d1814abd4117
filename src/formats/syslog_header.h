#pragma once

// The header of a syslog message, in all the ways it is written: RFC 5424, RFC 3164 (BSD), and files without priority,
// with an ISO time, without host or without tag. Views into the message; pure.

#include <optional>
#include <string_view>

#include "formats/format.h"

namespace weir::formats {

struct SyslogHeader {
  int priority = -1;  // Facility × 8 + severity; -1: not written.
  std::string_view timestamp;
  std::string_view host;
  std::string_view program;
  std::string_view pid;
  std::string_view message_id;
  std::string_view structured_data;  // With its brackets; escapes as written.
  std::string_view level;            // A severity word in the place of the host (ChromeOS, macOS).
  std::string_view message;
};

// Nothing if the line has no time where a header has it.
std::optional<SyslogHeader> read_syslog_header(std::string_view line);

// Takes "[id name="value" …]" apart: calls `handle(id, name, value)` with the value's escapes as written.
template <typename Handle>
void for_each_parameter(std::string_view structured_data, Handle&& handle) {
  std::string_view id;
  while (!structured_data.empty()) {
    const char c = structured_data.front();
    if (c == '[') {
      structured_data.remove_prefix(1);
      const std::size_t end = std::min(structured_data.find_first_of(" ]"), structured_data.size());
      id = structured_data.substr(0, end);
      structured_data.remove_prefix(end);
    } else if (c == ' ' || c == ']') {
      structured_data.remove_prefix(1);
    } else {
      const std::size_t equals = structured_data.find("=\"");
      if (equals == std::string_view::npos) return;
      const std::string_view name = structured_data.substr(0, equals);
      std::size_t end = equals + 2;
      while (end < structured_data.size() && structured_data[end] != '"') end += structured_data[end] == '\\' ? 2 : 1;
      end = std::min(end, structured_data.size());
      handle(id, name, structured_data.substr(equals + 2, end - equals - 2));
      structured_data.remove_prefix(std::min(end + 1, structured_data.size()));
    }
  }
}

// The bytes of the frame "123 <34>1 …" (octet counting, RFC 6587, section 3.4.1) at the front of `data`, and where its
// message begins; size 0 if there is no such frame.
struct OctetFrame {
  std::size_t size = 0;
  std::size_t message = 0;
};
OctetFrame read_octet_frame(std::string_view data);

std::string_view facility_name(int priority);
std::string_view severity_name(int priority);

}  // namespace weir::formats
