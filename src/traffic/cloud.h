#pragma once

// AWS CloudTrail: one file {"Records":[…]}, a record on each line.

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

struct CloudIdentity {
  std::string_view type{};  // IAMUser, AssumedRole, Root, AWSService
  std::string_view name{};  // The user, or the role's session.
  std::string_view role{};  // Of AssumedRole.
};

struct CloudCall {
  EventTime time{};
  CloudIdentity who{};
  std::string_view service{};  // "ec2.amazonaws.com"
  std::string_view name{};     // "DescribeInstances"
  std::string_view region = "eu-central-1";
  std::string_view address{};
  std::string_view agent{};
  std::string_view request = "null";   // JSON.
  std::string_view response = "null";  // JSON.
  std::string_view additional{};       // JSON; empty: left out.
  std::string_view error{};            // "AccessDenied"; empty: none.
  std::string_view type = "AwsApiCall";
  bool read_only = true;
  std::uint64_t id = 0;  // Makes requestID and eventID.
};

void append_cloud_record(std::string& out, const CloudCall& call);

// Where the user's calls come from, as the cloud sees it.
std::string_view cloud_address(const User& user, bool at_home);

// A successful console login, with or without a second factor.
CloudCall console_login(EventTime time, std::string_view user, std::string_view address, bool second_factor,
                        std::string_view agent, std::uint64_t id);

std::unique_ptr<Stream> make_cloud_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
