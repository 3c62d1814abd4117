#include "traffic/windows.h"

#include <fmt/format.h>

#include "traffic/proxy.h"
#include "traffic/render.h"
#include "traffic/vocabulary.h"
#include "traffic/windows_programs.h"
#include "traffic/windows_record.h"

namespace weir::traffic {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t kActsPerHour = 40;        // Of a busy user.
constexpr std::uint32_t kMachineActsPerHour = 6;  // Of a host that is switched on.
constexpr std::string_view kSystemUser = "SYSTEM";

constexpr std::array<std::string_view, 5> kLibraries = {
    R"(C:\Windows\System32\amsi.dll)", R"(C:\Windows\System32\winhttp.dll)", R"(C:\Windows\System32\propsys.dll)",
    R"(C:\Windows\System32\cryptsp.dll)", R"(C:\Program Files\Microsoft Office\root\Office16\mso40uiwin32client.dll)"};

constexpr std::array<std::string_view, 4> kSettings = {
    R"(HKU\S-1-5-21-1004336348\Software\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs\MRUListEx)",
    R"(HKU\S-1-5-21-1004336348\Software\Microsoft\Office\16.0\Word\Reading Locations\Document 0\Datetime)",
    R"(HKLM\System\CurrentControlSet\Services\W32Time\SecureTimeLimits\SecureTimeHigh)",
    R"(HKU\S-1-5-21-1004336348\Software\Microsoft\Internet Explorer\TypedURLs\url1)"};

class WindowsStream final : public Stream {
 public:
  WindowsStream(const Company& company, std::uint64_t seed);

  Intensity begin_step(const Presence& presence, Timeline& timeline) override;
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  void add_start_of_work(EventTime time, const User& user, Timeline& timeline);
  void add_end_of_work(EventTime time, const User& user, Timeline& timeline);
  void add_user_act(EventTime time, const User& user, Timeline& timeline);
  void add_machine_act(EventTime time, Timeline& timeline);
  void add_server_act(EventTime time, Timeline& timeline);
  void add_administration(EventTime time, Timeline& timeline);

  void add_process(EventTime time, const User& user, const Program& program, bool as_system, Timeline& timeline);
  void add_connection(EventTime time, const User& user, Timeline& timeline);
  void add_library(EventTime time, const User& user, Timeline& timeline);
  void add_file(EventTime time, const User& user, Timeline& timeline);
  void add_setting(EventTime time, const User& user, Timeline& timeline);
  void add_file_server_visit(EventTime time, const User& user, Timeline& timeline);
  void add_mistyped_password(EventTime time, const User& user, Timeline& timeline);
  void add_password_reset(EventTime time, Timeline& timeline);
  void add_service_install(EventTime time, Timeline& timeline);
  void add_task_created(EventTime time, Timeline& timeline);

  std::string_view filled(std::string& scratch, std::string_view pattern, const User& user);
  std::string_view domain_user(const User& user);
  std::uint32_t process() { return 4 * (250 + random_.below(8'000)); }
  std::uint32_t port() { return 49'152 + random_.below(16'000); }
  std::string_view address_of(const User& user) const { return proxy_client(user, presence_->at_home(user.number)); }

  const Company& company_;
  Random random_;
  BusyUsers users_;
  const Presence* presence_ = nullptr;
  Intensity from_users_ = 0;
  Intensity from_machines_ = 0;
  Intensity from_servers_ = 0;
  Intensity from_helpdesk_ = 0;
  std::string image_, command_, parent_, user_;  // Scratch.
};

std::vector<std::uint32_t> acts_per_hour(const Company& company) {
  std::vector<std::uint32_t> acts;
  for (const User& user : company.users) acts.push_back(kActsPerHour * kPerHour * user.diligence / 100);
  return acts;
}

WindowsStream::WindowsStream(const Company& company, std::uint64_t seed)
    : company_(company), random_(mix(seed, "windows")), users_(acts_per_hour(company)) {}

Intensity WindowsStream::begin_step(const Presence& presence, Timeline& timeline) {
  presence_ = &presence;
  for (const Presence::Turn& turn : presence.arrivals())
    add_start_of_work(turn.time, company_.users[turn.user], timeline);
  for (const Presence::Turn& turn : presence.departures())
    add_end_of_work(turn.time, company_.users[turn.user], timeline);
  from_users_ = users_.begin_step(presence);
  from_machines_ = kPerHour * kMachineActsPerHour * company_.users.size();
  from_servers_ = kPerHour * 30 * company_.windows_servers.size();
  const bool anyone_works = from_users_ > kPerHour * kActsPerHour;
  from_helpdesk_ = anyone_works ? kPerHour / 2 + 5 * company_.users.size() : 0;  // Half an act an hour and some.
  return from_users_ + from_machines_ + from_servers_ + from_helpdesk_;
}

void WindowsStream::arrive(EventTime time, Timeline& timeline) {
  std::uint64_t draw = random_.next() % (from_users_ + from_machines_ + from_servers_ + from_helpdesk_);
  if (draw < from_users_) return add_user_act(time, company_.users[users_.pick(random_)], timeline);
  draw -= from_users_;
  if (draw < from_machines_) return add_machine_act(time, timeline);
  draw -= from_machines_;
  if (draw < from_servers_) return add_server_act(time, timeline);
  add_administration(time, timeline);
}

// "%u" becomes the login, "%d" a document of the user, "%n" a number.
std::string_view WindowsStream::filled(std::string& scratch, std::string_view pattern, const User& user) {
  scratch.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      scratch.push_back(pattern[i]);
      continue;
    }
    switch (pattern[++i]) {
      case 'u': append(scratch, user.login); break;
      case 'd': append(scratch, document_name(mix(user.number, random_.below(60)))); break;
      case 'n': append_number(scratch, 1000 + random_.below(9000)); break;
      default: scratch.push_back(pattern[i]);
    }
  }
  return scratch;
}

std::string_view WindowsStream::domain_user(const User& user) {
  user_.assign(kWindowsDomain);
  user_.push_back('\\');
  append(user_, user.login);
  return user_;
}

void WindowsStream::add_start_of_work(EventTime time, const User& user, Timeline& timeline) {
  const Logon logon{.time = time,
                    .host = user.host,
                    .user = user.login,
                    .sid = user.sid,
                    .type = 2,
                    .workstation = user.host,
                    .address = "127.0.0.1",
                    .logon = 0x40000 + random_.below(0x400000),
                    .process = "User32"};
  timeline.add(time, [&](std::string& out) { append_logon(out, logon); });
  EventTime at = time;
  for (const Program& program : logon_programs()) {
    at += milliseconds(random_.between(300, 4'000));
    add_process(at, user, program, false, timeline);
  }
}

void WindowsStream::add_end_of_work(EventTime time, const User& user, Timeline& timeline) {
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, user.host, Channel::security, 4647)
        .field("TargetUserSid", user.sid)
        .field("TargetUserName", user.login)
        .field("TargetDomainName", kWindowsDomain)
        .hex("TargetLogonId", 0x40000 + user.number)
        .end();
  });
}

void WindowsStream::add_user_act(EventTime time, const User& user, Timeline& timeline) {
  const std::uint32_t draw = random_.below(1000);
  if (draw < 260) return add_process(time, user, random_.pick(office_programs()), false, timeline);
  if (draw < 420) return add_process(time, user, random_.pick(programs_of(user.department)), false, timeline);
  if (draw < 640) return add_connection(time, user, timeline);
  if (draw < 730) return add_library(time, user, timeline);
  if (draw < 820) return add_file(time, user, timeline);
  if (draw < 910) return add_setting(time, user, timeline);
  if (draw < 994) return add_file_server_visit(time, user, timeline);
  add_mistyped_password(time, user, timeline);
}

void WindowsStream::add_process(EventTime time, const User& user, const Program& program, bool as_system,
                                Timeline& timeline) {
  const ProcessStart start{.time = time,
                           .host = user.host,
                           .domain = as_system ? std::string_view("NT AUTHORITY") : kWindowsDomain,
                           .user = as_system ? kSystemUser : std::string_view(user.login),
                           .image = filled(image_, program.image, user),
                           .command = filled(command_, program.command, user),
                           .parent = filled(parent_, program.parent, user),
                           .parent_command = parent_,
                           .description = program.description,
                           .company = program.company,
                           .integrity = as_system ? "System" : "Medium",
                           .process = process(),
                           .parent_process = process(),
                           .logon = as_system ? 0x3e7u : 0x40000u + user.number};
  timeline.add(time, [&](std::string& out) { append_process_start(out, start); });
  if (!random_.chance(350)) return;
  const EventTime end = time + milliseconds(random_.heavy_tailed(200, 10));
  timeline.add(end, [&](std::string& out) {
    WindowsRecord(out, end, user.host, Channel::sysmon, 5)
        .utc_time(end)
        .guid("ProcessGuid", start.process)
        .field("ProcessId", start.process)
        .field("Image", start.image)
        .end();
  });
}

void WindowsStream::add_connection(EventTime time, const User& user, Timeline& timeline) {
  const Site& site = all_sites()[random_.pick(user.sites)];
  const Program& program = office_programs()[random_.below(3)];
  const Connection connection{.time = time,
                              .host = user.host,
                              .user = domain_user(user),
                              .image = program.image,
                              .process = process(),
                              .source = address_of(user),
                              .source_port = port(),
                              .target = site.address,
                              .target_name = site.host,
                              .target_port = site.tls ? 443u : 80u};
  timeline.add(time, [&](std::string& out) { append_connection(out, connection); });
}

void WindowsStream::add_library(EventTime time, const User& user, Timeline& timeline) {
  const Program& program = random_.pick(office_programs());
  const std::string_view image = filled(image_, program.image, user);
  const std::string_view library = random_.pick(kLibraries);
  const std::uint32_t id = process();
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, user.host, Channel::sysmon, 7)
        .utc_time(time)
        .guid("ProcessGuid", id)
        .field("ProcessId", id)
        .field("Image", image)
        .field("ImageLoaded", library)
        .field("OriginalFileName", base_name(library))
        .field("Signed", "true")
        .field("Signature", "Microsoft Windows")
        .field("SignatureStatus", "Valid")
        .end();
  });
}

void WindowsStream::add_file(EventTime time, const User& user, Timeline& timeline) {
  const std::string_view image = filled(image_, office_programs()[3 + random_.below(2)].image, user);
  const std::string_view file =
      filled(command_,
             random_.chance(500) ? R"(C:\Users\%u\Documents\%d)" : R"(C:\Users\%u\AppData\Local\Temp\~DF%n.TMP)", user);
  const std::uint32_t id = process();
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, user.host, Channel::sysmon, 11)
        .utc_time(time)
        .guid("ProcessGuid", id)
        .field("ProcessId", id)
        .field("Image", image)
        .field("TargetFilename", file)
        .field("User", domain_user(user))
        .end();
  });
}

void WindowsStream::add_setting(EventTime time, const User& user, Timeline& timeline) {
  const std::string_view setting = random_.pick(kSettings);
  const std::uint32_t id = process();
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, user.host, Channel::sysmon, 13)
        .utc_time(time)
        .field("EventType", "SetValue")
        .guid("ProcessGuid", id)
        .field("ProcessId", id)
        .field("Image", R"(C:\Windows\explorer.exe)")
        .field("TargetObject", setting)
        .field("Details", "Binary Data")
        .field("User", domain_user(user))
        .end();
  });
}

void WindowsStream::add_file_server_visit(EventTime time, const User& user, Timeline& timeline) {
  Logon logon{.time = time,
              .host = company_.windows_servers[1].name,
              .user = user.login,
              .sid = user.sid,
              .type = 3,
              .address = address_of(user),
              .port = port(),
              .logon = 0x1000000 + random_.below(0x8000000)};
  timeline.add(time, [&](std::string& out) { append_logon(out, logon); });
  logon.time = time + seconds(random_.between(12, 900));
  timeline.add(logon.time, [&](std::string& out) { append_logoff(out, logon); });
}

void WindowsStream::add_mistyped_password(EventTime time, const User& user, Timeline& timeline) {
  Logon logon{.time = time,
              .host = user.host,
              .user = user.login,
              .sid = user.sid,
              .type = 7,
              .workstation = user.host,
              .address = "127.0.0.1",
              .logon = 0x40000u + user.number,
              .process = "User32"};
  timeline.add(time, [&](std::string& out) { append_failed_logon(out, logon); });
  logon.time += milliseconds(random_.between(2'500, 9'000));
  timeline.add(logon.time, [&](std::string& out) { append_logon(out, logon); });
}

void WindowsStream::add_machine_act(EventTime time, Timeline& timeline) {
  const User& user = random_.pick(company_.users);
  if (random_.chance(700)) return add_process(time, user, random_.pick(machine_programs()), true, timeline);
  const Logon logon{.time = time,
                    .host = user.host,
                    .user = kSystemUser,
                    .sid = "S-1-5-18",
                    .type = 5,
                    .logon = 0x3e7,
                    .process = "Advapi"};
  timeline.add(time, [&](std::string& out) { append_logon(out, logon); });
}

// Servers have no Sysmon: their processes are seen by the Security log's audit alone.
void WindowsStream::add_server_act(EventTime time, Timeline& timeline) {
  const Server& server = random_.pick(company_.windows_servers);
  const User& nobody = company_.users.front();
  if (random_.chance(400)) {
    const Program& program = random_.pick(server_programs());
    const ProcessStart start{.time = time,
                             .host = server.name,
                             .domain = kWindowsDomain,
                             .user = "svc-backup",
                             .image = program.image,
                             .command = filled(command_, program.command, nobody),
                             .parent = program.parent,
                             .parent_command = program.parent,
                             .process = process(),
                             .parent_process = process(),
                             .logon = 0x5a1c3};
    timeline.add(time, [&](std::string& out) { append_process_audit(out, start); });
    return;
  }
  Logon logon{.time = time,
              .host = server.name,
              .user = random_.chance(500) ? "svc-backup" : "svc-monitor",
              .sid = "S-1-5-21-1004336348-1177238915-682003330-1102",
              .type = 3,
              .address = company_.windows_servers.back().address,
              .port = port(),
              .logon = 0x1000000 + random_.below(0x8000000)};
  timeline.add(time, [&](std::string& out) { append_logon(out, logon); });
  logon.time += milliseconds(random_.between(50, 20'000));
  timeline.add(logon.time, [&](std::string& out) { append_logoff(out, logon); });
}

void WindowsStream::add_administration(EventTime time, Timeline& timeline) {
  const std::uint32_t draw = random_.below(100);
  if (draw < 60) return add_password_reset(time, timeline);
  if (draw < 85) return add_task_created(time, timeline);
  add_service_install(time, timeline);
}

void WindowsStream::add_password_reset(EventTime time, Timeline& timeline) {
  const User& helper = company_.users[random_.pick(company_.helpdesk)];
  const User& user = random_.pick(company_.users);
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, company_.windows_servers.front().name, Channel::security, 4724)
        .field("TargetUserName", user.login)
        .field("TargetDomainName", kWindowsDomain)
        .field("TargetSid", user.sid)
        .field("SubjectUserSid", helper.sid)
        .field("SubjectUserName", helper.login)
        .field("SubjectDomainName", kWindowsDomain)
        .hex("SubjectLogonId", 0x40000 + helper.number)
        .end();
  });
}

void WindowsStream::add_task_created(EventTime time, Timeline& timeline) {
  const User& user = random_.pick(company_.users);
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, user.host, Channel::security, 4698)
        .field("SubjectUserSid", "S-1-5-18")
        .field("SubjectUserName", user.host)
        .field("SubjectDomainName", kWindowsDomain)
        .field("TaskName", R"(\GoogleUpdaterTaskSystem138.0.7194.0)")
        .field(
            "TaskContent",
            R"(<Task version="1.4"><Actions><Exec><Command>C:\Program Files (x86)\Google\GoogleUpdater\138.0.7194.0\updater.exe</Command><Arguments>--wake --system</Arguments></Exec></Actions></Task>)")
        .end();
  });
}

void WindowsStream::add_service_install(EventTime time, Timeline& timeline) {
  const User& user = random_.pick(company_.users);
  timeline.add(time, [&](std::string& out) {
    WindowsRecord(out, time, user.host, Channel::system, 7045)
        .field("ServiceName", "Inventory Agent")
        .field("ImagePath", R"("C:\Program Files\Inventory\agent.exe" --service)")
        .field("ServiceType", "user mode service")
        .field("StartType", "auto start")
        .field("AccountName", "LocalSystem")
        .end();
  });
}

}  // namespace

std::unique_ptr<Stream> make_windows_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<WindowsStream>(company, seed);
}

}  // namespace weir::traffic
