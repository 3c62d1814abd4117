#pragma once

// Windows events as flat JSON lines, as NXLog and the like write them: the System part first, then the event's own
// fields under the names that Windows and Sysmon give them. All functions append one record, without a newline.

#include <cstdint>
#include <string>
#include <string_view>

#include "event/time.h"

namespace weir::traffic {

using event::EventTime;

enum class Channel : std::uint8_t { security, system, sysmon, event_log };

class WindowsRecord {
 public:
  WindowsRecord(std::string& out, EventTime time, std::string_view host, Channel channel, std::uint32_t event_id);

  WindowsRecord& field(std::string_view name, std::string_view value);
  WindowsRecord& field(std::string_view name, std::uint64_t value);
  // "0x1a2b"
  WindowsRecord& hex(std::string_view name, std::uint64_t value);
  WindowsRecord& utc_time(EventTime time);
  WindowsRecord& guid(std::string_view name, std::uint64_t process);
  void end() { out_.push_back('}'); }

 private:
  void begin_field(std::string_view name);  // Up to the value's opening quote.

  std::string& out_;
};

struct Program {
  std::string_view image{};
  std::string_view command{};  // "%u": the user's login, "%d": a document, "%n": a number.
  std::string_view parent{};
  std::string_view description{};
  std::string_view company = "Microsoft Corporation";
};

struct ProcessStart {
  EventTime time{};
  std::string_view host{};
  std::string_view domain{};
  std::string_view user{};
  std::string_view image{};
  std::string_view command{};
  std::string_view parent{};
  std::string_view parent_command{};
  std::string_view description = "-";
  std::string_view company = "-";
  std::string_view directory = "C:\\Windows\\System32\\";
  std::string_view integrity = "Medium";
  std::uint32_t process = 0;
  std::uint32_t parent_process = 0;
  std::uint64_t logon = 0x3e7;
};

void append_process_start(std::string& out, const ProcessStart& start);  // Sysmon 1
void append_process_audit(std::string& out, const ProcessStart& start);  // Security 4688

// The file's name at the end of a path: "cmd.exe".
std::string_view base_name(std::string_view path);

struct Logon {
  EventTime time{};
  std::string_view host{};
  std::string_view user{};
  std::string_view sid = "S-1-0-0";
  std::uint32_t type = 3;
  std::string_view workstation = "-";
  std::string_view address = "-";
  std::uint32_t port = 0;
  std::uint64_t logon = 0;
  std::string_view process = "Kerberos";
};

void append_logon(std::string& out, const Logon& logon);         // Security 4624
void append_failed_logon(std::string& out, const Logon& logon);  // Security 4625
void append_logoff(std::string& out, const Logon& logon);        // Security 4634

struct Connection {
  EventTime time{};
  std::string_view host{};
  std::string_view user{};  // With its domain.
  std::string_view image{};
  std::uint32_t process = 0;
  std::string_view source{};
  std::uint32_t source_port = 0;
  std::string_view target{};
  std::string_view target_name = "-";
  std::uint32_t target_port = 443;
};

void append_connection(std::string& out, const Connection& connection);  // Sysmon 3

}  // namespace weir::traffic
