#include "traffic/cloud.h"

#include <fmt/format.h>

#include "traffic/render.h"

namespace weir::traffic {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

struct CloudAction {
  std::string_view service;
  std::string_view name;
  bool read_only;
  std::string_view request;  // "%x" stands for eight hexadecimal digits.
};

constexpr std::array<CloudAction, 16> kActions = {{
    {"ec2.amazonaws.com", "DescribeInstances", true, R"({"instancesSet":{},"filterSet":{}})"},
    {"ec2.amazonaws.com", "DescribeSecurityGroups", true,
     R"({"securityGroupSet":{},"securityGroupIdSet":{},"filterSet":{}})"},
    {"s3.amazonaws.com", "ListBuckets", true, R"({"Host":"s3.eu-central-1.amazonaws.com"})"},
    {"s3.amazonaws.com", "GetBucketLocation", true, R"({"bucketName":"harborlane-data-%x","location":""})"},
    {"cloudwatch.amazonaws.com", "DescribeAlarms", true, R"({"maxRecords":100})"},
    {"logs.amazonaws.com", "FilterLogEvents", true, R"({"logGroupName":"/app/payments","limit":100})"},
    {"lambda.amazonaws.com", "ListFunctions20150331", true, R"({"maxItems":50})"},
    {"rds.amazonaws.com", "DescribeDBInstances", true, "null"},
    {"iam.amazonaws.com", "ListRoles", true, R"({"maxItems":100})"},
    {"iam.amazonaws.com", "GetUser", true, "null"},
    {"ecs.amazonaws.com", "DescribeServices", true, R"({"cluster":"production","services":["payments"]})"},
    {"ecr.amazonaws.com", "GetAuthorizationToken", true, "null"},
    {"ecs.amazonaws.com", "UpdateService", false,
     R"({"cluster":"staging","service":"payments","forceNewDeployment":true})"},
    {"ec2.amazonaws.com", "StartInstances", false, R"({"instancesSet":{"items":[{"instanceId":"i-0%x"}]}})"},
    {"ec2.amazonaws.com", "CreateTags", false,
     R"({"resourcesSet":{"items":[{"resourceId":"i-0%x"}]},"tagSet":{"items":[{"key":"owner","value":"platform"}]}})"},
    {"s3.amazonaws.com", "PutBucketTagging", false,
     R"({"bucketName":"harborlane-data-%x","Tagging":{"TagSet":{"Tag":{"Key":"cost","Value":"42"}}}})"},
}};

constexpr std::array<CloudAction, 6> kRobotActions = {{
    {"sts.amazonaws.com", "AssumeRole", true,
     R"({"roleArn":"arn:aws:iam::400012345678:role/payments-task","roleSessionName":"task-%x"})"},
    {"kms.amazonaws.com", "Decrypt", true,
     R"({"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::harborlane-statements"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"})"},
    {"kms.amazonaws.com", "GenerateDataKey", true,
     R"({"keySpec":"AES_256","keyId":"arn:aws:kms:eu-central-1:400012345678:key/%x"})"},
    {"secretsmanager.amazonaws.com", "GetSecretValue", true, R"({"secretId":"payments/database"})"},
    {"logs.amazonaws.com", "CreateLogStream", false, R"({"logGroupName":"/app/payments","logStreamName":"task-%x"})"},
    {"ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", false,
     R"({"groupId":"sg-0%x","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.20.0.0/16"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})"},
}};

constexpr std::array<std::string_view, 3> kRegions = {"eu-central-1", "eu-central-1", "us-east-2"};

class CloudStream final : public Stream {
 public:
  CloudStream(const Company& company, std::uint64_t seed);

  std::string_view head() const override { return "{\"Records\":[\n"; }
  std::string_view separator() const override { return ",\n"; }
  std::string_view tail() const override { return "]}\n"; }
  Intensity begin_step(const Presence& presence, Timeline& timeline) override;
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  void add_calls(EventTime time, const User& user, Timeline& timeline);
  void add_robot_call(EventTime time, Timeline& timeline);
  void fill_request(std::string_view pattern);

  const Company& company_;
  Random random_;
  BusyUsers users_;
  const Presence* presence_ = nullptr;
  Intensity from_users_ = 0;
  Intensity from_robots_ = 0;
  std::string request_;
};

std::vector<std::uint32_t> calls_per_hour(const Company& company) {
  std::vector<std::uint32_t> calls(company.users.size(), 0);
  for (const std::uint32_t user : company.cloud_users) calls[user] = 7 * kPerHour * company.users[user].diligence / 100;
  return calls;
}

CloudStream::CloudStream(const Company& company, std::uint64_t seed)
    : company_(company), random_(mix(seed, "cloud")), users_(calls_per_hour(company)) {}

Intensity CloudStream::begin_step(const Presence& presence, Timeline& timeline) {
  presence_ = &presence;
  for (const Presence::Turn& turn : presence.arrivals()) {
    const User& user = company_.users[turn.user];
    const bool logs_in = user.uses_cloud && random_.chance(600);
    if (!logs_in) continue;
    const EventTime at = turn.time + milliseconds(random_.between(60'000, 2'400'000));
    const CloudCall call = console_login(at, user.login, cloud_address(user, presence.at_home(user.number)), true,
                                         user.agent, random_.next());
    timeline.add(at, [&](std::string& out) { append_cloud_record(out, call); });
  }
  from_users_ = users_.begin_step(presence);
  from_robots_ = kPerHour * (40 + company_.users.size());
  return from_users_ + from_robots_;
}

void CloudStream::arrive(EventTime time, Timeline& timeline) {
  if (random_.next() % (from_users_ + from_robots_) >= from_users_) return add_robot_call(time, timeline);
  add_calls(time, company_.users[users_.pick(random_)], timeline);
}

void CloudStream::fill_request(std::string_view pattern) {
  request_.clear();
  const std::size_t place = pattern.find("%x");
  append(request_, pattern.substr(0, place));
  if (place == std::string_view::npos) return;
  append_hex(request_, random_.next(), 8);
  append(request_, pattern.substr(place + 2));
}

// A look at the console or a command makes a few calls at once.
void CloudStream::add_calls(EventTime time, const User& user, Timeline& timeline) {
  const bool from_browser = random_.chance(600);
  const std::uint32_t count = 1 + random_.below(4);
  EventTime at = time;
  for (std::uint32_t i = 0; i < count; ++i) {
    const CloudAction& action = random_.pick(kActions);
    fill_request(action.request);
    const CloudCall call{.time = at,
                         .who = {"IAMUser", user.login, {}},
                         .service = action.service,
                         .name = action.name,
                         .region = kRegions[user.number % kRegions.size()],
                         .address = cloud_address(user, presence_->at_home(user.number)),
                         .agent = from_browser
                                      ? std::string_view(user.agent)
                                      : "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/windows#10 lang/python#3.13.4",
                         .request = request_,
                         .error = random_.chance(12) ? std::string_view("AccessDenied") : std::string_view(),
                         .read_only = action.read_only,
                         .id = random_.next()};
    timeline.add(at, [&](std::string& out) { append_cloud_record(out, call); });
    at += milliseconds(random_.between(40, 900));
  }
}

void CloudStream::add_robot_call(EventTime time, Timeline& timeline) {
  const CloudAction& action = kRobotActions[std::min<std::size_t>(kRobotActions.size() - 1, random_.below(48) / 9)];
  fill_request(action.request);
  const bool by_terraform = action.service == "ec2.amazonaws.com";
  const CloudCall call{.time = time,
                       .who = {"AssumedRole", by_terraform ? "terraform" : "payments-task",
                               by_terraform ? "infrastructure-pipeline" : "payments-task"},
                       .service = action.service,
                       .name = action.name,
                       .address = by_terraform ? "198.18.15.250" : "10.60.4.17",
                       .agent = by_terraform
                                    ? "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 aws-sdk-go-v2/1.36.5"
                                    : "aws-sdk-java/2.31.63 md/io#sync md/http#Apache os/Linux#6.1.0 lang/java#21.0.7",
                       .request = request_,
                       .read_only = action.read_only,
                       .id = random_.next()};
  timeline.add(time, [&](std::string& out) { append_cloud_record(out, call); });
}

void append_uuid(std::string& out, std::uint64_t id) {
  const std::uint64_t low = mix(id, 1);
  append_hex(out, id >> 32, 8);
  out.push_back('-');
  append_hex(out, id >> 16, 4);
  append(out, "-4");
  append_hex(out, id, 3);
  append(out, "-a");
  append_hex(out, low >> 48, 3);
  out.push_back('-');
  append_hex(out, low, 12);
}

void append_identity(std::string& out, const CloudIdentity& who) {
  std::array<char, 17> key{};
  const std::uint64_t hash = mix(81, who.name);
  for (std::size_t i = 0; i < 16; ++i) key[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[hash >> (3 * i) & 31];
  const std::string_view id(key.data(), 16);
  fmt::format_to(std::back_inserter(out), R"("userIdentity":{{"type":"{}",)", who.type);
  const auto to_end = std::back_inserter(out);
  if (who.type == "Root") {
    fmt::format_to(to_end, R"("principalId":"{0}","arn":"arn:aws:iam::{0}:root","accountId":"{0}","accessKeyId":""}})",
                   kCloudAccount);
  } else if (who.type == "AssumedRole") {
    fmt::format_to(
        to_end,
        R"("principalId":"AROA{2}:{1}","arn":"arn:aws:sts::{0}:assumed-role/{3}/{1}","accountId":"{0}",)"
        R"("accessKeyId":"ASIA{2}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROA{2}",)"
        R"("arn":"arn:aws:iam::{0}:role/{3}","accountId":"{0}","userName":"{3}"}},"attributes":{{"mfaAuthenticated":"false"}}}}}})",
        kCloudAccount, who.name, id, who.role);
  } else {
    fmt::format_to(
        to_end,
        R"("principalId":"AIDA{2}","arn":"arn:aws:iam::{0}:user/{1}","accountId":"{0}","accessKeyId":"AKIA{2}","userName":"{1}"}})",
        kCloudAccount, who.name, id);
  }
}

}  // namespace

void append_cloud_record(std::string& out, const CloudCall& call) {
  append(out, R"({"eventVersion":"1.11",)");
  append_identity(out, call.who);
  append(out, R"(,"eventTime":")");
  append_iso_seconds(out, call.time);
  append_json_member(out, "eventSource", call.service);
  append_json_member(out, "eventName", call.name);
  append_json_member(out, "awsRegion", call.region);
  append_json_member(out, "sourceIPAddress", call.address);
  append_json_member(out, "userAgent", call.agent);
  if (!call.error.empty()) {
    append_json_member(out, "errorCode", call.error);
    append_json_member(out, "errorMessage", "User is not authorized to perform this operation");
  }
  append(out, R"(","requestParameters":)");
  append(out, call.request);
  append(out, R"(,"responseElements":)");
  append(out, call.response);
  if (!call.additional.empty()) {
    append(out, R"(,"additionalEventData":)");
    append(out, call.additional);
  }
  append(out, R"(,"requestID":")");
  append_uuid(out, mix(call.id, 2));
  append(out, R"(","eventID":")");
  append_uuid(out, call.id);
  append(out, call.read_only ? R"(","readOnly":true,"eventType":")" : R"(","readOnly":false,"eventType":")");
  append(out, call.type);
  append(out, R"(","managementEvent":true,"recipientAccountId":")");
  append(out, kCloudAccount);
  append(out, R"(","eventCategory":"Management"})");
}

std::string_view cloud_address(const User& user, bool at_home) {
  return at_home ? user.home_address : user.office->public_address;
}

CloudCall console_login(EventTime time, std::string_view user, std::string_view address, bool second_factor,
                        std::string_view agent, std::uint64_t id) {
  return {.time = time,
          .who = {user == "root" ? "Root" : "IAMUser", user, {}},
          .service = "signin.amazonaws.com",
          .name = "ConsoleLogin",
          .region = "us-east-1",
          .address = address,
          .agent = agent,
          .response = R"({"ConsoleLogin":"Success"})",
          .additional =
              second_factor
                  ? R"({"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes"})"
                  : R"({"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"})",
          .type = "AwsConsoleSignIn",
          .read_only = false,
          .id = id};
}

std::unique_ptr<Stream> make_cloud_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<CloudStream>(company, seed);
}

}  // namespace weir::traffic
