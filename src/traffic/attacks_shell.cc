// Attacks on the Linux servers' sshd.

#include <fmt/format.h>

#include "traffic/attack.h"
#include "traffic/auth.h"
#include "traffic/rule_ids.h"

namespace weir::traffic {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

void plant(Attack& attack, EventTime time, std::uint32_t process, std::string_view message) {
  PlantedRecord record{Source::auth, time, {}};
  append_auth_line(record.bytes, time, attack.host, "sshd", process, message);
  attack.records.push_back(std::move(record));
}

std::optional<Attack> root_login(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(seconds(10));
  if (!time) return std::nullopt;
  Attack attack{.title = "root logs in over ssh from outside",
                .technique = "T1021.004",
                .rules = {rule_id("linux/sshd_root_login_from_outside")},
                .source = Source::auth,
                .user = "root",
                .host = stage.company().linux_servers.front().name};
  plant(attack, *time, 8123, fmt::format("Accepted password for root from {} port 51514 ssh2", kAttackerAddress));
  return attack;
}

std::optional<Attack> brute_force(Stage& stage) {
  const auto scene = stage.scene(stage.company().shell_users, minutes(6));
  if (!scene) return std::nullopt;
  Attack attack{.title = "Brute force against one account, which succeeds",
                .technique = "T1110.001",
                .needs = Needs::correlation,
                .source = Source::auth,
                .user = scene->user->login,
                .host = stage.company().linux_servers.front().name};
  EventTime at = scene->time;
  for (std::uint32_t i = 0; i < 80; ++i) {
    plant(attack, at, 20'000 + i,
          fmt::format("Failed password for {} from 203.0.113.140 port {} ssh2", scene->user->login, 40'000 + 7 * i));
    at += milliseconds(stage.random().between(900, 4'000));
  }
  plant(attack, at, 20'080,
        fmt::format("Accepted password for {} from 203.0.113.140 port 40560 ssh2", scene->user->login));
  return attack;
}

std::optional<Attack> spraying(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(minutes(20));
  if (!time) return std::nullopt;
  const Company& company = stage.company();
  Attack attack{.title = "One address tries many accounts over ssh",
                .technique = "T1110.003",
                .needs = Needs::correlation,
                .source = Source::auth,
                .user = {},
                .host = company.linux_servers.front().name};
  EventTime at = *time;
  const std::uint32_t first = stage.random().below(static_cast<std::uint32_t>(company.users.size()));
  for (std::uint32_t i = 0; i < 50; ++i) {
    const User& target = company.users[(first + i) % company.users.size()];
    plant(attack, at, 30'000 + i,
          fmt::format("Failed password for {} from 203.0.113.177 port {} ssh2", target.login, 50'000 + 11 * i));
    at += milliseconds(stage.random().between(6'000, 22'000));
  }
  return attack;
}

constexpr std::array<Scenario, 3> kScenarios = {{
    {"ssh-root-login", root_login},
    {"ssh-brute-force", brute_force},
    {"ssh-password-spraying", spraying},
}};

}  // namespace

std::span<const Scenario> shell_scenarios() {
  return kScenarios;
}

}  // namespace weir::traffic
