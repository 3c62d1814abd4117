#include "broker/groups/group_records.h"

#include <algorithm>

#include "wire/messages/internal_topics.h"

namespace weir::broker {

namespace {

constexpr int kKeyVersion = 2;
constexpr int kValueVersion = 3;
constexpr int kValueVersionMax = 4;

template <typename Message>
std::string with_version(const Message& message, int version) {
  wire::Encoder encoder;
  encoder.int16(static_cast<std::int16_t>(version));
  message.encode(encoder, version);
  return std::string(encoder.bytes());
}

std::string key_of(const std::string& id) {
  wire::GroupMetadataKey key;
  key.group = id;
  return with_version(key, kKeyVersion);
}

std::optional<std::string> null_if_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

Row group_row(const ClassicGroup& group, log::Millis now) {
  wire::GroupMetadataValue value;
  value.protocol_type = group.protocol_type();
  value.generation = group.generation();
  value.protocol = null_if_empty(group.protocol());
  value.leader = null_if_empty(group.leader());
  value.current_state_timestamp = now;
  for (const auto& [id, member] : group.members()) {
    wire::GroupMetadataValue::MemberMetadata entry;
    entry.member_id = member.id;
    entry.group_instance_id = member.instance_id;
    entry.client_id = member.client_id;
    entry.client_host = member.client_host;
    entry.rebalance_timeout = static_cast<std::int32_t>(member.rebalance_timeout.count());
    entry.session_timeout = static_cast<std::int32_t>(member.session_timeout.count());
    const auto own = std::ranges::find(member.protocols, group.protocol(), &ClassicGroup::Protocol::name);
    if (own != member.protocols.end()) entry.subscription = own->metadata;
    entry.assignment = member.assignment;
    value.members.push_back(std::move(entry));
  }
  return {key_of(group.id()), with_version(value, kValueVersion)};
}

Row forgotten_group_row(const std::string& id) {
  return {key_of(id), std::nullopt};
}

Result<std::optional<StoredGroup>> read_group_row(const StoredRow& row) {
  wire::Decoder decoder(row.key);
  if (decoder.int16("version") != kKeyVersion) return std::optional<StoredGroup>();
  wire::GroupMetadataKey key;
  TRY(key.decode(decoder, kKeyVersion));
  StoredGroup stored;
  stored.id = key.group;
  stored.is_forgotten = !row.value;
  if (!row.value) return std::optional(std::move(stored));
  wire::Decoder value_decoder(*row.value);
  const int version = value_decoder.int16("version");
  if (version < 0 || version > kValueVersionMax) {
    return fail(ErrorKind::user, "group {} is stored in version {}: it needs a newer release", key.group, version);
  }
  wire::GroupMetadataValue value;
  TRY(value.decode(value_decoder, version));
  stored.generation = value.generation;
  stored.protocol_type = value.protocol_type;
  stored.protocol = value.protocol.value_or("");
  stored.leader = value.leader.value_or("");
  stored.since = value.current_state_timestamp;
  for (const auto& entry : value.members) {
    ClassicGroup::Member member;
    member.id = entry.member_id;
    member.instance_id = entry.group_instance_id;
    member.client_id = entry.client_id;
    member.client_host = entry.client_host;
    member.session_timeout = std::chrono::milliseconds(entry.session_timeout);
    member.rebalance_timeout = std::chrono::milliseconds(entry.rebalance_timeout);
    member.protocols = {{stored.protocol, entry.subscription}};
    member.assignment = entry.assignment;
    stored.members.push_back(std::move(member));
  }
  return std::optional(std::move(stored));
}

}  // namespace weir::broker
