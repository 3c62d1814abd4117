// Misuse of the cloud account.

#include <fmt/format.h>

#include "traffic/attack.h"
#include "traffic/cloud.h"
#include "traffic/rule_ids.h"

namespace weir::traffic {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kCommandLine = "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/linux#6.1 lang/python#3.13.4";

PlantedRecord planted(const CloudCall& call) {
  PlantedRecord record{Source::cloud, call.time, {}};
  append_cloud_record(record.bytes, call);
  return record;
}

struct CloudPlot {
  std::string_view title;
  std::string_view technique;
  std::string_view rule;
  std::string_view service;
  std::string_view name;
  std::string_view request;
};

std::optional<Attack> call_once(Stage& stage, const CloudPlot& plot) {
  const auto scene = stage.scene(stage.company().cloud_users, seconds(10));
  if (!scene) return std::nullopt;
  Attack attack{.title = plot.title,
                .technique = plot.technique,
                .rules = {rule_id(plot.rule)},
                .source = Source::cloud,
                .user = scene->user->login,
                .host = {}};
  attack.records.push_back(planted({.time = scene->time,
                                    .who = {"IAMUser", scene->user->login, {}},
                                    .service = plot.service,
                                    .name = plot.name,
                                    .address = cloud_address(*scene->user, scene->at_home),
                                    .agent = kCommandLine,
                                    .request = plot.request,
                                    .read_only = false,
                                    .id = stage.random().next()}));
  return attack;
}

std::optional<Attack> trail_stopped(Stage& stage) {
  return call_once(
      stage, {"CloudTrail logging stopped", "T1562.008", "aws/trail_stopped", "cloudtrail.amazonaws.com", "StopLogging",
              R"({"name":"arn:aws:cloudtrail:eu-central-1:400012345678:trail/harborlane-audit"})"});
}

std::optional<Attack> open_group(Stage& stage) {
  return call_once(
      stage,
      {"Security group opened to the world", "T1562.007", "aws/security_group_open_to_world", "ec2.amazonaws.com",
       "AuthorizeSecurityGroupIngress",
       R"({"groupId":"sg-0a77c1e2b3","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})"});
}

std::optional<Attack> access_key(Stage& stage) {
  return call_once(stage, {"Access key made for another user", "T1098.001", "aws/access_key_for_other_user",
                           "iam.amazonaws.com", "CreateAccessKey", R"({"userName":"backup-automation"})"});
}

std::optional<Attack> root_login(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(seconds(10));
  if (!time) return std::nullopt;
  Attack attack{.title = "Root logs in to the console without a second factor",
                .technique = "T1078.004",
                .rules = {rule_id("aws/root_login_without_mfa")},
                .source = Source::cloud,
                .user = "root",
                .host = {}};
  attack.records.push_back(planted(
      console_login(*time, "root", kAttackerAddress, false,
                    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", stage.random().next())));
  return attack;
}

// The same user at the office and, half an hour later, on another continent.
std::optional<Attack> impossible_travel(Stage& stage) {
  const auto scene = stage.scene(stage.company().cloud_users, minutes(45));
  if (!scene) return std::nullopt;
  const User& user = *scene->user;
  const City& far =
      city_named(user.office->city->name == "Singapore" || user.office->city->name == "Pune" ? "Recife" : "Manila");
  Attack attack{.title = "Console logins from two continents within the hour",
                .technique = "T1078.004",
                .needs = Needs::correlation,
                .source = Source::cloud,
                .user = user.login,
                .host = {}};
  attack.records.push_back(planted(console_login(scene->time, user.login, cloud_address(user, scene->at_home), true,
                                                 user.agent, stage.random().next())));
  const std::string address = household_address(far, 4711);
  const EventTime later = scene->time + minutes(stage.random().between(18, 40));
  attack.records.push_back(planted(
      console_login(later, user.login, address, true,
                    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", stage.random().next())));
  return attack;
}

constexpr std::array<Scenario, 5> kScenarios = {{
    {"cloud-trail-stopped", trail_stopped},
    {"cloud-open-group", open_group},
    {"cloud-access-key", access_key},
    {"cloud-root-login", root_login},
    {"cloud-impossible-travel", impossible_travel},
}};

}  // namespace

std::span<const Scenario> cloud_scenarios() {
  return kScenarios;
}

}  // namespace weir::traffic
