// Groups: members, offsets, deletion.

#include <algorithm>

#include "kafka/admin_client.h"
#include "wire/messages/consumer_group_describe.h"
#include "wire/messages/consumer_protocol.h"
#include "wire/messages/delete_groups.h"
#include "wire/messages/describe_groups.h"
#include "wire/messages/list_groups.h"
#include "wire/messages/offset_commit.h"
#include "wire/messages/offset_fetch.h"

namespace weir::kafka {

namespace {

using wire::ErrorCode;

constexpr std::string_view kDead = "Dead";  // The state of a group that does not exist.

// What consumers agreed on; nothing where it cannot be read, since any client may put anything there.
std::vector<TopicPartition> assignment_of(std::string_view bytes) {
  std::vector<TopicPartition> partitions;
  wire::Decoder decoder(bytes);
  const int version = decoder.int16("version");
  wire::ConsumerProtocolAssignment assignment;
  const int known = std::min(version, wire::ConsumerProtocolAssignment::kVersions.max);
  if (decoder.failed() || known < 0 || !assignment.decode(decoder, known)) return partitions;
  for (const auto& topic : assignment.assigned_partitions) {
    for (const std::int32_t partition : topic.partitions) partitions.push_back({topic.topic, partition});
  }
  std::ranges::sort(partitions);
  return partitions;
}

}  // namespace

Result<std::vector<GroupInfo>> AdminClient::groups() {
  std::vector<GroupInfo> groups;
  TRY(const auto ids, cluster_.brokers());
  for (const std::int32_t id : ids) {
    TRY(auto found, groups_of(id));
    groups.insert(groups.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  }
  std::ranges::sort(groups, {}, &GroupInfo::id);
  return groups;
}

Result<std::vector<GroupInfo>> AdminClient::groups_of(std::int32_t broker) {
  return cluster_.until_settled([&](ErrorCode& code) -> Result<std::vector<GroupInfo>> {
    std::vector<GroupInfo> groups;
    TRY(auto* connection, cluster_.broker(broker));
    TRY(const auto response, connection->call<wire::ListGroupsResponse>(wire::ListGroupsRequest{}));
    code = response.error_code;
    if (code != ErrorCode::none) {
      return std::unexpected(server_error(fmt::format("list the groups of broker {}", broker), code));
    }
    for (const auto& group : response.groups) {
      groups.push_back({group.group_id, group.group_state, group.group_type, group.protocol_type});
    }
    return groups;
  });
}

Result<GroupDescription> AdminClient::group(const std::string& id) {
  TRY(auto newer, consumer_group(id));
  if (newer) return std::move(*newer);
  return classic_group(id);
}

Result<std::optional<GroupDescription>> AdminClient::consumer_group(const std::string& id) {
  TRY(auto* coordinator, cluster_.coordinator(id));
  if (!coordinator->offers(wire::ApiKey::consumer_group_describe)) return std::nullopt;
  wire::ConsumerGroupDescribeRequest request;
  request.group_ids = {id};
  TRY(const auto response, coordinator->call<wire::ConsumerGroupDescribeResponse>(request));
  // A broker that serves classic groups alone says so in one of several ways; then the older request tells.
  if (response.groups.empty() || response.groups.front().error_code != ErrorCode::none) return std::nullopt;
  const auto& found = response.groups.front();
  GroupDescription group{id, found.group_state, "consumer", found.assignor_name, {}};
  for (const auto& member : found.members) {
    GroupMember described{member.member_id, member.client_id, member.client_host, member.instance_id, {}};
    for (const auto& topic : member.assignment.topic_partitions) {
      for (const std::int32_t partition : topic.partitions) {
        described.assignment.push_back({topic.topic_name, partition});
      }
    }
    std::ranges::sort(described.assignment);
    group.members.push_back(std::move(described));
  }
  return group;
}

Result<GroupDescription> AdminClient::classic_group(const std::string& id) {
  return cluster_.until_settled([&](ErrorCode& code) -> Result<GroupDescription> {
    TRY(auto* coordinator, cluster_.coordinator(id));
    wire::DescribeGroupsRequest request;
    request.groups = {id};
    TRY(const auto response, coordinator->call<wire::DescribeGroupsResponse>(request));
    if (response.groups.empty()) return fail(ErrorKind::corrupt, "the answer names no group");
    const auto& found = response.groups.front();
    code = found.error_code;
    if (code == ErrorCode::none && found.group_state == kDead) code = ErrorCode::group_id_not_found;
    if (code != ErrorCode::none) {
      return std::unexpected(server_error(fmt::format("describe group '{}'", id), code, found.error_message));
    }
    GroupDescription group{id, found.group_state, "classic", found.protocol_data, {}};
    for (const auto& member : found.members) {
      group.members.push_back({member.member_id, member.client_id, member.client_host, member.group_instance_id,
                               assignment_of(member.member_assignment)});
    }
    return group;
  });
}

Result<std::map<TopicPartition, std::int64_t>> AdminClient::committed(const std::string& group) {
  return cluster_.until_settled([&](ErrorCode& code) -> Result<std::map<TopicPartition, std::int64_t>> {
    TRY(auto* coordinator, cluster_.coordinator(group));
    wire::OffsetFetchRequest request;
    request.group_id = group;
    request.topics.reset();
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = group;
    wanted.topics.reset();
    TRY(const auto response, coordinator->call<wire::OffsetFetchResponse>(request));
    std::map<TopicPartition, std::int64_t> offsets;
    const auto doing = fmt::format("read the offsets of group '{}'", group);
    const auto take = [&](const auto& topics, ErrorCode whole) -> Status {
      code = whole;
      for (const auto& topic : topics) {
        for (const auto& partition : topic.partitions) {
          if (code == ErrorCode::none) code = partition.error_code;
          if (partition.committed_offset < 0) continue;
          offsets[{topic.name, partition.partition_index}] = partition.committed_offset;
        }
      }
      if (code != ErrorCode::none) return std::unexpected(server_error(doing, code));
      return {};
    };
    TRY(take(response.topics, response.error_code));
    for (const auto& answered : response.groups) {
      TRY(take(answered.topics, answered.error_code));
    }
    return offsets;
  });
}

Status AdminClient::commit(const std::string& group, const std::map<TopicPartition, std::int64_t>& offsets) {
  return cluster_.until_settled([&](ErrorCode& code) -> Status {
    TRY(auto* coordinator, cluster_.coordinator(group));
    wire::OffsetCommitRequest request;
    request.group_id = group;
    for (const auto& [where, offset] : offsets) {
      if (request.topics.empty() || request.topics.back().name != where.topic) {
        request.topics.emplace_back().name = where.topic;
      }
      auto& partition = request.topics.back().partitions.emplace_back();
      partition.partition_index = where.partition;
      partition.committed_offset = offset;
      partition.committed_metadata = "";
    }
    TRY(const auto response, coordinator->call<wire::OffsetCommitResponse>(request));
    for (const auto& topic : response.topics) {
      for (const auto& partition : topic.partitions) {
        if (partition.error_code == ErrorCode::none) continue;
        code = partition.error_code;
        return std::unexpected(server_error(
            fmt::format("set the offset of group '{}' in {}/{}", group, topic.name, partition.partition_index), code));
      }
    }
    return {};
  });
}

Status AdminClient::delete_group(const std::string& id) {
  return cluster_.until_settled([&](ErrorCode& code) -> Status {
    TRY(auto* coordinator, cluster_.coordinator(id));
    wire::DeleteGroupsRequest request;
    request.groups_names = {id};
    TRY(const auto response, coordinator->call<wire::DeleteGroupsResponse>(request));
    for (const auto& result : response.results) {
      if (result.error_code == ErrorCode::none) continue;
      code = result.error_code;
      return std::unexpected(server_error(fmt::format("delete group '{}'", id), code));
    }
    return {};
  });
}

}  // namespace weir::kafka
