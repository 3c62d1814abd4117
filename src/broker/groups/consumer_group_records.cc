#include "broker/groups/consumer_group_records.h"

#include "wire/messages/internal_topics.h"

namespace weir::broker {

namespace {

// The version of a key says what kind of row it is.
enum KeyVersion : std::int16_t { kGroup = 3, kSubscription = 5, kTargets = 6, kTarget = 7, kAssignment = 8 };
constexpr int kValueVersion = 0;

template <typename Message>
std::string with_version(const Message& message, int version) {
  wire::Encoder encoder;
  encoder.int16(static_cast<std::int16_t>(version));
  message.encode(encoder, version);
  return std::string(encoder.bytes());
}

template <typename Key>
std::string group_key(const std::string& group, KeyVersion version) {
  Key key;
  key.group = group;
  return with_version(key, version);
}

template <typename Key>
std::string member_key(const std::string& group, const std::string& member, KeyVersion version) {
  Key key;
  key.group = group;
  key.member_id = member;
  return with_version(key, version);
}

std::string subscription_value(const ConsumerGroup::Member& member) {
  wire::ConsumerGroupMemberMetadataValue value;
  value.instance_id = member.instance_id;
  value.rack_id = member.rack_id;
  value.client_id = member.client_id;
  value.client_host = member.client_host;
  value.subscribed_topic_names = {member.topic_names.begin(), member.topic_names.end()};
  if (!member.topic_regex.empty()) value.subscribed_topic_regex = member.topic_regex;
  value.rebalance_timeout_ms = static_cast<std::int32_t>(member.rebalance_timeout.count());
  value.server_assignor = member.assignor;
  return with_version(value, kValueVersion);
}

std::string target_value(const ConsumerGroup::Member& member) {
  wire::ConsumerGroupTargetAssignmentMemberValue value;
  value.topic_partitions = by_topic<wire::ConsumerGroupTargetAssignmentMemberValue::TopicPartition>(member.target);
  return with_version(value, kValueVersion);
}

std::string assignment_value(const ConsumerGroup::Member& member) {
  using Value = wire::ConsumerGroupCurrentMemberAssignmentValue;
  Value value;
  value.member_epoch = member.epoch;
  value.previous_member_epoch = member.previous_epoch;
  value.state = static_cast<std::int8_t>(member.state);
  value.assigned_partitions = by_topic<Value::TopicPartitions>(member.assigned);
  value.partitions_pending_revocation = by_topic<Value::TopicPartitions>(member.revoking);
  return with_version(value, kValueVersion);
}

// One row for each id; those of members that are gone are forgotten.
template <typename Key>
void add_member_rows(const ConsumerGroup& group, const std::set<std::string>& ids, KeyVersion version,
                     std::string (*value_of)(const ConsumerGroup::Member&), std::vector<Row>& rows) {
  for (const std::string& id : ids) {
    Row row{member_key<Key>(group.id(), id, version), std::nullopt};
    const auto member = group.members().find(id);
    if (member != group.members().end()) row.value = value_of(member->second);
    rows.push_back(std::move(row));
  }
}

// The value of a row, nullopt if it is forgotten.
template <typename Value>
Result<std::optional<Value>> read_value(const StoredRow& row, const std::string& group) {
  if (!row.value) return std::optional<Value>();
  wire::Decoder decoder(*row.value);
  const int version = decoder.int16("version");
  if (version != kValueVersion) {
    return fail(ErrorKind::user, "consumer group {} is stored in version {}: it needs a newer release", group, version);
  }
  Value value;
  TRY(value.decode(decoder, version));
  return std::optional<Value>(std::move(value));
}

Status read_group(const StoredRow& row, wire::Decoder& decoder, StoredConsumerGroups& stored) {
  wire::ConsumerGroupMetadataKey key;
  TRY(key.decode(decoder, kGroup));
  TRY(const auto value, read_value<wire::ConsumerGroupMetadataValue>(row, key.group));
  if (value) {
    stored[key.group].epoch = value->epoch;
  } else {
    stored[key.group].epoch.reset();
  }
  return {};
}

Status read_subscription(const StoredRow& row, wire::Decoder& decoder, StoredConsumerGroups& stored) {
  wire::ConsumerGroupMemberMetadataKey key;
  TRY(key.decode(decoder, kSubscription));
  TRY(auto value, read_value<wire::ConsumerGroupMemberMetadataValue>(row, key.group));
  auto& members = stored[key.group].members;
  if (!value) {
    members.erase(key.member_id);
    return {};
  }
  ConsumerGroup::Member& member = members[key.member_id];
  member.id = key.member_id;
  member.instance_id = std::move(value->instance_id);
  member.rack_id = std::move(value->rack_id);
  member.client_id = std::move(value->client_id);
  member.client_host = std::move(value->client_host);
  member.topic_names = {value->subscribed_topic_names.begin(), value->subscribed_topic_names.end()};
  member.topic_regex = value->subscribed_topic_regex.value_or("");
  member.rebalance_timeout = std::chrono::milliseconds(value->rebalance_timeout_ms);
  member.assignor = std::move(value->server_assignor);
  return {};
}

Status read_target(const StoredRow& row, wire::Decoder& decoder, StoredConsumerGroups& stored) {
  wire::ConsumerGroupTargetAssignmentMemberKey key;
  TRY(key.decode(decoder, kTarget));
  TRY(const auto value, read_value<wire::ConsumerGroupTargetAssignmentMemberValue>(row, key.group));
  if (value) stored[key.group].members[key.member_id].target = partition_set(value->topic_partitions);
  return {};
}

Status read_assignment(const StoredRow& row, wire::Decoder& decoder, StoredConsumerGroups& stored) {
  wire::ConsumerGroupCurrentMemberAssignmentKey key;
  TRY(key.decode(decoder, kAssignment));
  TRY(const auto value, read_value<wire::ConsumerGroupCurrentMemberAssignmentValue>(row, key.group));
  if (!value) return {};
  ConsumerGroup::Member& member = stored[key.group].members[key.member_id];
  member.epoch = value->member_epoch;
  member.previous_epoch = value->previous_member_epoch;
  if (value->state < 0 || value->state > static_cast<std::int8_t>(ConsumerGroup::MemberState::unreleased)) {
    return fail(ErrorKind::corrupt, "member {} of consumer group {} is stored in state {}", key.member_id, key.group,
                value->state);
  }
  member.state = static_cast<ConsumerGroup::MemberState>(value->state);
  member.assigned = partition_set(value->assigned_partitions);
  member.revoking = partition_set(value->partitions_pending_revocation);
  return {};
}

}  // namespace

std::vector<Row> rows_of(const ConsumerGroup& group, const ConsumerGroup::Changes& changes) {
  std::vector<Row> rows;
  add_member_rows<wire::ConsumerGroupMemberMetadataKey>(group, changes.subscriptions, kSubscription, subscription_value,
                                                        rows);
  if (changes.epoch) {
    wire::ConsumerGroupMetadataValue value;
    value.epoch = group.epoch();
    rows.push_back({group_key<wire::ConsumerGroupMetadataKey>(group.id(), kGroup), with_version(value, kValueVersion)});
  }
  add_member_rows<wire::ConsumerGroupTargetAssignmentMemberKey>(group, changes.targets, kTarget, target_value, rows);
  if (changes.epoch) {
    wire::ConsumerGroupTargetAssignmentMetadataValue value;
    value.assignment_epoch = group.epoch();
    rows.push_back({group_key<wire::ConsumerGroupTargetAssignmentMetadataKey>(group.id(), kTargets),
                    with_version(value, kValueVersion)});
  }
  add_member_rows<wire::ConsumerGroupCurrentMemberAssignmentKey>(group, changes.assignments, kAssignment,
                                                                 assignment_value, rows);
  return rows;
}

std::vector<Row> forgotten_rows(const ConsumerGroup& group) {
  std::vector<Row> rows;
  for (const auto& [id, member] : group.members()) {
    rows.push_back({member_key<wire::ConsumerGroupCurrentMemberAssignmentKey>(group.id(), id, kAssignment), {}});
    rows.push_back({member_key<wire::ConsumerGroupTargetAssignmentMemberKey>(group.id(), id, kTarget), {}});
    rows.push_back({member_key<wire::ConsumerGroupMemberMetadataKey>(group.id(), id, kSubscription), {}});
  }
  rows.push_back({group_key<wire::ConsumerGroupTargetAssignmentMetadataKey>(group.id(), kTargets), {}});
  rows.push_back({group_key<wire::ConsumerGroupMetadataKey>(group.id(), kGroup), {}});
  return rows;
}

Status read_consumer_group_row(const StoredRow& row, StoredConsumerGroups& stored) {
  wire::Decoder decoder(row.key);
  switch (decoder.int16("version")) {
    case kGroup: return read_group(row, decoder, stored);
    case kSubscription: return read_subscription(row, decoder, stored);
    case kTarget: return read_target(row, decoder, stored);
    case kAssignment: return read_assignment(row, decoder, stored);
    default: return {};  // Other kinds, and the epoch of the targets, which is the group's.
  }
}

}  // namespace weir::broker
