#include "broker/groups/group_offsets.h"

#include "wire/messages/internal_topics.h"

namespace weir::broker {

namespace {

constexpr int kKeyVersion = 1;
// The newest that tools of 2019 and later read.
constexpr int kValueVersion = 3;

Row row_of(const std::string& group, const TopicPartition& partition) {
  wire::OffsetCommitKey key;
  key.group = group;
  key.topic = partition.first;
  key.partition = partition.second;
  wire::Encoder encoder;
  encoder.int16(kKeyVersion);
  key.encode(encoder, kKeyVersion);
  return {std::string(encoder.bytes()), std::nullopt};
}

}  // namespace

Row offset_row(const std::string& group, const TopicPartition& partition, const CommittedOffset& committed) {
  Row row = row_of(group, partition);
  wire::OffsetCommitValue value;
  value.offset = committed.offset;
  value.leader_epoch = committed.leader_epoch;
  value.metadata = committed.metadata;
  value.commit_timestamp = committed.committed_at;
  wire::Encoder encoder;
  encoder.int16(kValueVersion);
  value.encode(encoder, kValueVersion);
  row.value = std::string(encoder.bytes());
  return row;
}

Row forgotten_offset_row(const std::string& group, const TopicPartition& partition) {
  return row_of(group, partition);
}

Result<std::optional<StoredOffset>> read_offset_row(const StoredRow& row) {
  wire::Decoder decoder(row.key);
  const int key_version = decoder.int16("version");
  if (key_version < 0 || key_version > kKeyVersion) return std::optional<StoredOffset>();
  wire::OffsetCommitKey key;
  TRY(key.decode(decoder, key_version));
  StoredOffset stored{key.group, {key.topic, key.partition}, std::nullopt};
  if (row.value) {
    wire::Decoder value_decoder(*row.value);
    const int version = value_decoder.int16("version");
    if (version < 0 || version > 4) {
      return fail(ErrorKind::user, "an offset of group {} has version {}: it needs a newer release", key.group,
                  version);
    }
    wire::OffsetCommitValue value;
    TRY(value.decode(value_decoder, version));
    stored.committed = CommittedOffset{value.offset, value.leader_epoch, value.metadata, value.commit_timestamp};
  }
  return std::optional<StoredOffset>(std::move(stored));
}

}  // namespace weir::broker
