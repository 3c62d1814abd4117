#include "traffic/windows_record.h"

#include <array>

#include "traffic/company.h"
#include "traffic/random.h"
#include "traffic/render.h"

namespace weir::traffic {
namespace {

struct ChannelFacts {
  std::string_view name;
  std::string_view provider;
  std::string_view guid;
};

constexpr std::array<ChannelFacts, 4> kChannels = {{
    {"Security", "Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-A5BA-3E3B0328C30D}"},
    {"System", "Service Control Manager", "{555908D1-A6D7-4695-8E1E-26931D2012F4}"},
    {"Microsoft-Windows-Sysmon/Operational", "Microsoft-Windows-Sysmon", "{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"},
    {"Security", "Microsoft-Windows-Eventlog", "{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}"},
}};

}  // namespace

WindowsRecord::WindowsRecord(std::string& out, EventTime time, std::string_view host, Channel channel,
                             std::uint32_t event_id)
    : out_(out) {
  const ChannelFacts& facts = kChannels[static_cast<std::size_t>(channel)];
  append(out, "{\"TimeCreated\":\"");
  append_iso_time(out, time);
  append(out, "\",\"EventID\":");
  append_number(out, event_id);
  append(out, ",\"Channel\":\"");
  append(out, facts.name);
  append(out, "\",\"Hostname\":\"");
  append(out, host);
  out.push_back('.');
  append(out, kDomain);
  append(out, "\",\"SourceName\":\"");
  append(out, facts.provider);
  append(out, "\",\"Provider_Name\":\"");
  append(out, facts.provider);
  append(out, "\",\"ProviderGuid\":\"");
  append(out, facts.guid);
  append(out, channel == Channel::sysmon ? "\",\"Level\":\"4\"" : "\",\"Level\":\"0\"");
}

void WindowsRecord::begin_field(std::string_view name) {
  append(out_, ",\"");
  append(out_, name);
  append(out_, "\":\"");
}

WindowsRecord& WindowsRecord::field(std::string_view name, std::string_view value) {
  begin_field(name);
  append_json_inside(out_, value);
  out_.push_back('"');
  return *this;
}

WindowsRecord& WindowsRecord::field(std::string_view name, std::uint64_t value) {
  begin_field(name);
  append_number(out_, value);
  out_.push_back('"');
  return *this;
}

WindowsRecord& WindowsRecord::hex(std::string_view name, std::uint64_t value) {
  begin_field(name);
  append(out_, "0x");
  std::size_t width = 1;
  while (width < 16 && value >> (4 * width) != 0) ++width;
  append_hex(out_, value, width);
  out_.push_back('"');
  return *this;
}

WindowsRecord& WindowsRecord::utc_time(EventTime time) {
  append(out_, ",\"RuleName\":\"-\",\"UtcTime\":\"");
  append_blank_time(out_, time);
  out_.push_back('"');
  return *this;
}

WindowsRecord& WindowsRecord::guid(std::string_view name, std::uint64_t process) {
  const std::uint64_t hash = mix(91, process);
  begin_field(name);
  out_.push_back('{');
  append_hex(out_, hash >> 32, 8);
  out_.push_back('-');
  append_hex(out_, hash >> 16, 4);
  out_.push_back('-');
  append_hex(out_, hash, 4);
  out_.push_back('-');
  append_hex(out_, process, 4);
  append(out_, "-000000001a00}\"");
  return *this;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('\\') + 1);
}

void append_process_start(std::string& out, const ProcessStart& start) {
  WindowsRecord record(out, start.time, start.host, Channel::sysmon, 1);
  record.utc_time(start.time)
      .guid("ProcessGuid", start.process)
      .field("ProcessId", start.process)
      .field("Image", start.image)
      .field("FileVersion", "10.0.26100.1")
      .field("Description", start.description)
      .field("Product", start.description)
      .field("Company", start.company)
      .field("OriginalFileName", base_name(start.image))
      .field("CommandLine", start.command)
      .field("CurrentDirectory", start.directory);
  append(out, ",\"User\":\"");
  append(out, start.domain);
  append(out, "\\\\");
  append(out, start.user);
  out.push_back('"');
  record.guid("LogonGuid", start.logon)
      .hex("LogonId", start.logon)
      .field("TerminalSessionId", start.logon == 0x3e7 ? "0" : "1");
  record.field("IntegrityLevel", start.integrity);
  append(out, ",\"Hashes\":\"SHA256=");
  const std::uint64_t hash = mix(92, start.image);
  for (std::uint64_t part = 0; part < 4; ++part) append_hex(out, mix(hash, part), 16);
  append(out, ",IMPHASH=");
  for (std::uint64_t part = 4; part < 6; ++part) append_hex(out, mix(hash, part), 16);
  out.push_back('"');
  record.guid("ParentProcessGuid", start.parent_process)
      .field("ParentProcessId", start.parent_process)
      .field("ParentImage", start.parent)
      .field("ParentCommandLine", start.parent_command)
      .end();
}

void append_process_audit(std::string& out, const ProcessStart& start) {
  WindowsRecord record(out, start.time, start.host, Channel::security, 4688);
  record.field("SubjectUserSid", "S-1-5-18")
      .field("SubjectUserName", start.user)
      .field("SubjectDomainName", start.domain)
      .hex("SubjectLogonId", start.logon)
      .hex("NewProcessId", start.process)
      .field("NewProcessName", start.image)
      .field("TokenElevationType", "%%1936")
      .hex("ProcessId", start.parent_process)
      .field("CommandLine", start.command)
      .field("TargetUserSid", "S-1-0-0")
      .field("TargetUserName", "-")
      .field("ParentProcessName", start.parent)
      .field("MandatoryLabel", "S-1-16-16384")
      .end();
}

void append_logon(std::string& out, const Logon& logon) {
  WindowsRecord(out, logon.time, logon.host, Channel::security, 4624)
      .field("SubjectUserSid", "S-1-0-0")
      .field("SubjectUserName", "-")
      .field("TargetUserSid", logon.sid)
      .field("TargetUserName", logon.user)
      .field("TargetDomainName", kWindowsDomain)
      .hex("TargetLogonId", logon.logon)
      .field("LogonType", logon.type)
      .field("LogonProcessName", logon.process)
      .field("AuthenticationPackageName", logon.process == "NtLmSsp" ? "NTLM" : "Negotiate")
      .field("WorkstationName", logon.workstation)
      .field("IpAddress", logon.address)
      .field("IpPort", logon.port)
      .field("ElevatedToken", "%%1843")
      .end();
}

void append_failed_logon(std::string& out, const Logon& logon) {
  WindowsRecord(out, logon.time, logon.host, Channel::security, 4625)
      .field("SubjectUserSid", "S-1-0-0")
      .field("SubjectUserName", "-")
      .field("TargetUserSid", "S-1-0-0")
      .field("TargetUserName", logon.user)
      .field("TargetDomainName", kWindowsDomain)
      .field("Status", "0xc000006d")
      .field("FailureReason", "%%2313")
      .field("SubStatus", "0xc000006a")
      .field("LogonType", logon.type)
      .field("LogonProcessName", logon.process)
      .field("AuthenticationPackageName", logon.process == "NtLmSsp" ? "NTLM" : "Negotiate")
      .field("WorkstationName", logon.workstation)
      .field("IpAddress", logon.address)
      .field("IpPort", logon.port)
      .end();
}

void append_logoff(std::string& out, const Logon& logon) {
  WindowsRecord(out, logon.time, logon.host, Channel::security, 4634)
      .field("TargetUserSid", logon.sid)
      .field("TargetUserName", logon.user)
      .field("TargetDomainName", kWindowsDomain)
      .hex("TargetLogonId", logon.logon)
      .field("LogonType", logon.type)
      .end();
}

void append_connection(std::string& out, const Connection& connection) {
  WindowsRecord(out, connection.time, connection.host, Channel::sysmon, 3)
      .utc_time(connection.time)
      .guid("ProcessGuid", connection.process)
      .field("ProcessId", connection.process)
      .field("Image", connection.image)
      .field("User", connection.user)
      .field("Protocol", "tcp")
      .field("Initiated", "true")
      .field("SourceIsIpv6", "false")
      .field("SourceIp", connection.source)
      .field("SourcePort", connection.source_port)
      .field("DestinationIsIpv6", "false")
      .field("DestinationIp", connection.target)
      .field("DestinationHostname", connection.target_name)
      .field("DestinationPort", connection.target_port)
      .end();
}

}  // namespace weir::traffic
