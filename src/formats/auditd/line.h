#pragma once

// The head of an audit record ("type=SYSCALL msg=audit(1604994496.155:92733): …"), as auditd writes it to its log, with
// a node before it where logs of several machines meet, and as the kernel or a dispatcher writes it to syslog. All
// functions are pure.

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::formats::auditd {

struct Line {
  std::string_view text;    // The whole line.
  std::string_view node;    // May be empty.
  std::string_view type;    // "SYSCALL"
  std::string_view time;    // "1604994496.155"
  std::string_view serial;  // "92733"
  std::string_view body;

  // Records of one event agree in all of these: serial numbers start again at every boot.
  bool is_of_one_event_with(const Line& other) const {
    return serial == other.serial && time == other.time && node == other.node;
  }
};

// Why a line cannot be read stands in `reason`.
std::optional<Line> read_line(std::string_view text, std::string_view& reason);

// Lines between records that hold none: blank ones, and what ausearch puts between events.
bool is_between_records(std::string_view text);

}  // namespace weir::formats::auditd
