#include "traffic/auth.h"

#include <fmt/format.h>

#include "traffic/render.h"

namespace weir::traffic {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 10> kCommands = {"/usr/bin/systemctl status app",
                                                        "/usr/bin/journalctl -u app -n 200",
                                                        "/usr/bin/systemctl restart app",
                                                        "/usr/bin/less /var/log/app/app.log",
                                                        "/usr/bin/apt-get update",
                                                        "/usr/bin/tail -n 500 /var/log/nginx/access.log",
                                                        "/usr/bin/ss -tlnp",
                                                        "/usr/bin/docker ps",
                                                        "/usr/bin/df -h",
                                                        "/usr/bin/nginx -t"};

constexpr std::array<std::string_view, 12> kGuessedNames = {
    "admin", "test", "oracle", "ubuntu", "postgres", "git", "user", "ftpuser", "pi", "deploy", "hadoop", "guest"};

class AuthStream final : public Stream {
 public:
  AuthStream(const Company& company, std::uint64_t seed);

  Intensity begin_step(const Presence& presence, Timeline& timeline) override;
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  void add_login(EventTime time, const User& user, Timeline& timeline);
  void add_session_end(EventTime time, const Server& server, const User& user, std::uint32_t process,
                       std::uint32_t port, Timeline& timeline);
  void add_sudo(EventTime time, const Server& server, const User& user, Timeline& timeline);
  void add_deployment(EventTime time, Timeline& timeline);
  void add_cron(const Server& server, EventTime time, std::string_view user, Timeline& timeline);
  void add_knock(EventTime time, Timeline& timeline);
  std::uint32_t process() { return 1000 + random_.below(60'000); }
  std::uint32_t port() { return 32'768 + random_.below(28'000); }

  const Company& company_;
  Random random_;
  std::vector<std::uint32_t> people_;  // Index in users_ → user.
  BusyUsers users_;
  const Presence* presence_ = nullptr;
  Intensity from_users_ = 0;
  Intensity from_robots_ = 0;
  std::uint32_t session_ = 4000;
};

std::vector<std::uint32_t> logins_per_hour(const Company& company) {
  std::vector<std::uint32_t> logins(company.users.size(), 0);
  for (const std::uint32_t user : company.shell_users) logins[user] = 1400u * company.users[user].diligence / 100;
  return logins;
}

AuthStream::AuthStream(const Company& company, std::uint64_t seed)
    : company_(company), random_(mix(seed, "auth")), users_(logins_per_hour(company)) {}

Intensity AuthStream::begin_step(const Presence& presence, Timeline& timeline) {
  presence_ = &presence;
  // Every server runs its statistics at a fixed offset into the quarter and a clean-up once an hour.
  for (const Server& server : company_.linux_servers) {
    const auto offset = seconds(mix(51, server.name) % 50);
    const EventTime base = presence.time();
    add_cron(server, base + minutes(5) + offset, "root", timeline);
    if (std::chrono::floor<std::chrono::hours>(base) == base)
      add_cron(server, base + minutes(2) + offset, "www-data", timeline);
  }
  from_users_ = users_.begin_step(presence);
  from_robots_ = kPerHour * (12 + company_.linux_servers.size() * 2);
  return from_users_ + from_robots_;
}

void AuthStream::arrive(EventTime time, Timeline& timeline) {
  const std::uint64_t draw = random_.next() % (from_users_ + from_robots_);
  if (draw < from_users_) return add_login(time, company_.users[users_.pick(random_)], timeline);
  if (random_.chance(700)) return add_deployment(time, timeline);
  add_knock(time, timeline);
}

void AuthStream::add_login(EventTime time, const User& user, Timeline& timeline) {
  const Server& server = company_.linux_servers[random_.pick(user.servers)];
  const std::string_view address = presence_->at_home(user.number) ? user.vpn_address : user.address;
  const std::uint32_t id = process();
  const std::uint32_t from = port();
  EventTime at = time;
  const auto say = [&](std::string_view program, std::uint32_t who, const std::string& message) {
    timeline.add(at, [&](std::string& out) { append_auth_line(out, at, server.name, program, who, message); });
    at += microseconds(random_.between(1'000, 90'000));
  };
  if (random_.chance(60)) {  // A mistyped password first.
    say("sshd", id, fmt::format("Failed password for {} from {} port {} ssh2", user.login, address, from));
    at += milliseconds(random_.between(1'500, 6'000));
    say("sshd", id, fmt::format("Accepted password for {} from {} port {} ssh2", user.login, address, from));
  } else {
    say("sshd", id,
        fmt::format("Accepted publickey for {} from {} port {} ssh2: ED25519 SHA256:{:016x}{:016x}wQ", user.login,
                    address, from, mix(61, user.number), mix(62, user.number)));
  }
  say("sshd", id,
      fmt::format("pam_unix(sshd:session): session opened for user {}(uid={}) by (uid=0)", user.login,
                  2000 + user.number));
  say("systemd-logind", 612, fmt::format("New session {} of user {}.", ++session_, user.login));

  const auto length = seconds(random_.heavy_tailed(60, 7));
  const std::uint32_t commands = random_.below(3);
  for (std::uint32_t i = 0; i < commands; ++i) {
    add_sudo(at + microseconds(random_.between(2'000'000, 55'000'000)), server, user, timeline);
  }
  add_session_end(at + length, server, user, id, from, timeline);
}

void AuthStream::add_sudo(EventTime time, const Server& server, const User& user, Timeline& timeline) {
  const std::string command = fmt::format("{:>8} : TTY=pts/{} ; PWD=/home/{} ; USER=root ; COMMAND={}", user.login,
                                          random_.below(6), user.login, random_.pick(kCommands));
  const std::string opened = fmt::format("pam_unix(sudo:session): session opened for user root(uid=0) by {}(uid={})",
                                         user.login, 2000 + user.number);
  const EventTime end = time + milliseconds(random_.between(40, 4'000));
  timeline.add(time, [&](std::string& out) { append_auth_line(out, time, server.name, "sudo", 0, command); });
  timeline.add(time, [&](std::string& out) { append_auth_line(out, time, server.name, "sudo", 0, opened); });
  timeline.add(end, [&](std::string& out) {
    append_auth_line(out, end, server.name, "sudo", 0, "pam_unix(sudo:session): session closed for user root");
  });
}

void AuthStream::add_session_end(EventTime time, const Server& server, const User& user, std::uint32_t process,
                                 std::uint32_t port, Timeline& timeline) {
  const std::string_view address = presence_->at_home(user.number) ? user.vpn_address : user.address;
  const std::array<std::string, 3> messages = {
      fmt::format("Received disconnect from {} port {}:11: disconnected by user", address, port),
      fmt::format("Disconnected from user {} {} port {}", user.login, address, port),
      fmt::format("pam_unix(sshd:session): session closed for user {}", user.login)};
  for (const std::string& message : messages) {
    timeline.add(time, [&](std::string& out) { append_auth_line(out, time, server.name, "sshd", process, message); });
  }
}

// The build server logs in as `deploy`, with its key, and leaves at once.
void AuthStream::add_deployment(EventTime time, Timeline& timeline) {
  const Server& server = random_.pick(company_.linux_servers);
  const std::uint32_t id = process();
  const std::uint32_t from = port();
  EventTime at = time;
  for (const std::string& message :
       {fmt::format("Accepted publickey for deploy from {} port {} ssh2: ED25519 SHA256:0b7c1f54aa9d3e21c0ffe7d2RkQ",
                    company_.linux_servers[1].address, from),
        std::string("pam_unix(sshd:session): session opened for user deploy(uid=998) by (uid=0)"),
        std::string("pam_unix(sshd:session): session closed for user deploy")}) {
    timeline.add(at, [&](std::string& out) { append_auth_line(out, at, server.name, "sshd", id, message); });
    at += milliseconds(random_.between(5, 9'000));
  }
}

void AuthStream::add_cron(const Server& server, EventTime time, std::string_view user, Timeline& timeline) {
  const std::uint32_t id = process();
  const std::string opened = fmt::format("pam_unix(cron:session): session opened for user {}(uid={}) by (uid=0)", user,
                                         user == "root" ? 0 : 33);
  const std::string closed = fmt::format("pam_unix(cron:session): session closed for user {}", user);
  const EventTime end = time + milliseconds(random_.between(50, 3'000));
  timeline.add(time, [&](std::string& out) { append_auth_line(out, time, server.name, "CRON", id, opened); });
  timeline.add(end, [&](std::string& out) { append_auth_line(out, end, server.name, "CRON", id, closed); });
}

// The internet tries one or two names at the bastion and goes away.
void AuthStream::add_knock(EventTime time, Timeline& timeline) {
  const std::string_view host = company_.linux_servers.front().name;
  const std::string_view name = random_.pick(kGuessedNames);
  const std::string address = fmt::format("192.0.2.{}", 1 + random_.below(120));
  const std::uint32_t id = process();
  const std::uint32_t from = port();
  EventTime at = time;
  for (const std::string& message :
       {fmt::format("Invalid user {} from {} port {}", name, address, from),
        fmt::format("Failed password for invalid user {} from {} port {} ssh2", name, address, from),
        fmt::format("Connection closed by invalid user {} {} port {} [preauth]", name, address, from)}) {
    timeline.add(at, [&](std::string& out) { append_auth_line(out, at, host, "sshd", id, message); });
    at += milliseconds(random_.between(100, 2'500));
  }
}

}  // namespace

void append_auth_line(std::string& out, EventTime time, std::string_view host, std::string_view program,
                      std::uint32_t process, std::string_view message) {
  append_syslog_time(out, time);
  out.push_back(' ');
  append(out, host);
  out.push_back(' ');
  append(out, program);
  if (process != 0) {
    out.push_back('[');
    append_number(out, process);
    out.push_back(']');
  }
  append(out, ": ");
  append(out, message);
}

std::unique_ptr<Stream> make_auth_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<AuthStream>(company, seed);
}

}  // namespace weir::traffic
