// Offsets and times.

#include <algorithm>
#include <array>
#include <set>

#include "kafka/admin_client.h"
#include "wire/messages/fetch.h"
#include "wire/messages/list_offsets.h"
#include "wire/record_batch.h"

namespace weir::kafka {

namespace {

using wire::ErrorCode;

// Newer versions name topics by id.
constexpr int kFetchVersionMax = 12;
constexpr std::int32_t kFetchBytesMax = 32 << 20;
// Enough for most batches; of the first partition of a request one whole batch comes in any case.
constexpr std::int32_t kPartitionBytesMax = 64 << 10;
constexpr std::size_t kDecompressedMax = std::size_t{256} << 20;
constexpr int kNewestVersionMin = 7;

// What a look at the records of one partition found.
struct Look {
  std::optional<std::int64_t> time;
  // Where to look on, if all that came lies before the offset.
  std::int64_t next_offset = -1;
};

Result<Look> first_time(std::string_view records, std::int64_t offset) {
  Look look;
  look.next_offset = offset;
  while (records.size() >= wire::kBatchHeaderBytes) {
    TRY(const auto header, wire::read_batch_header(records));
    if (header.size() > records.size()) break;  // Cut at the limit.
    const std::string_view batch = records.substr(0, header.size());
    records.remove_prefix(header.size());
    look.next_offset = std::max(look.next_offset, header.next_offset());
    if (header.is_control() || header.last_offset() < offset) continue;
    TRY(auto reader, wire::RecordReader::open(batch, kDecompressedMax));
    wire::Record record;
    while (true) {
      TRY(const bool is_record, reader.next(record));
      if (!is_record) break;
      if (record.offset < offset) continue;
      look.time = header.has_log_append_time() ? header.max_timestamp : record.timestamp;
      return look;
    }
  }
  return look;
}

wire::FetchRequest fetch_request(const std::vector<TopicPartition>& partitions,
                                 const std::map<TopicPartition, std::int64_t>& offsets) {
  wire::FetchRequest request;
  request.max_bytes = kFetchBytesMax;
  request.topics.reserve(partitions.size());
  for (const TopicPartition& where : partitions) {
    if (request.topics.empty() || request.topics.back().topic != where.topic) {
      request.topics.emplace_back().topic = where.topic;
    }
    auto& wanted = request.topics.back().partitions.emplace_back();
    wanted.partition = where.partition;
    wanted.fetch_offset = offsets.at(where);
    wanted.partition_max_bytes = kPartitionBytesMax;
  }
  return request;
}

}  // namespace

Result<std::map<std::int32_t, std::vector<TopicPartition>>> AdminClient::by_leader(
    const std::vector<TopicPartition>& partitions) {
  std::set<std::string> names;
  for (const TopicPartition& where : partitions) names.insert(where.topic);
  TRY(const auto found, topics(std::vector<std::string>(names.begin(), names.end())));
  std::map<TopicPartition, std::int32_t> leaders;
  for (const TopicInfo& topic : found) {
    for (const PartitionInfo& partition : topic.partitions) leaders[{topic.name, partition.index}] = partition.leader;
  }
  std::map<std::int32_t, std::vector<TopicPartition>> grouped;
  for (const TopicPartition& where : partitions) {
    const auto leader = leaders.find(where);
    if (leader == leaders.end()) {
      return fail(ErrorKind::user, "topic '{}' has no partition {}", where.topic, where.partition);
    }
    if (leader->second < 0) {
      return fail(ErrorKind::external, "partition {}/{} has no leader at present; try again when its broker is back",
                  where.topic, where.partition);
    }
    grouped[leader->second].push_back(where);
  }
  return grouped;
}

Result<std::map<TopicPartition, OffsetAt>> AdminClient::offsets(const std::map<TopicPartition, std::int64_t>& wanted,
                                                                Isolation isolation) {
  std::map<TopicPartition, OffsetAt> found;
  if (wanted.empty()) return found;
  std::vector<TopicPartition> partitions;
  for (const auto& [where, time] : wanted) partitions.push_back(where);
  return cluster_.until_settled([&](ErrorCode& code) -> Result<std::map<TopicPartition, OffsetAt>> {
    TRY(const auto grouped, by_leader(partitions));
    for (const auto& [leader, where_list] : grouped) {
      wire::ListOffsetsRequest request;
      request.replica_id = -1;
      request.isolation_level = static_cast<std::int8_t>(isolation);
      request.timeout_ms = static_cast<std::int32_t>(settings().request_timeout.count());
      for (const TopicPartition& where : where_list) {
        if (request.topics.empty() || request.topics.back().name != where.topic) {
          request.topics.emplace_back().name = where.topic;
        }
        auto& partition = request.topics.back().partitions.emplace_back();
        partition.partition_index = where.partition;
        partition.timestamp = wanted.at(where);
      }
      TRY(auto* connection, cluster_.broker(leader));
      TRY(const auto response, connection->call<wire::ListOffsetsResponse>(request));
      for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
          if (partition.error_code != ErrorCode::none) {
            code = partition.error_code;
            return std::unexpected(
                server_error(fmt::format("find offsets of {}/{}", topic.name, partition.partition_index), code));
          }
          const bool is_old = !partition.old_style_offsets.empty();
          found[{topic.name, partition.partition_index}] = {
              is_old ? partition.old_style_offsets.front() : partition.offset, partition.timestamp};
        }
      }
    }
    return found;
  });
}

Result<std::map<TopicPartition, OffsetAt>> AdminClient::offsets(const std::vector<TopicInfo>& topics, std::int64_t time,
                                                                Isolation isolation) {
  std::map<TopicPartition, std::int64_t> wanted;
  for (const TopicInfo& topic : topics) {
    for (const PartitionInfo& partition : topic.partitions) wanted[{topic.name, partition.index}] = time;
  }
  return offsets(wanted, isolation);
}

Result<bool> AdminClient::knows_newest() {
  TRY(auto* connection, cluster_.any());
  return connection->offers(wire::ApiKey::list_offsets, kNewestVersionMin);
}

Result<std::map<TopicPartition, std::int64_t>> AdminClient::times_at(std::map<TopicPartition, std::int64_t> offsets) {
  std::map<TopicPartition, std::int64_t> times;
  std::vector<TopicPartition> all;
  for (const auto& [where, offset] : offsets) all.push_back(where);
  if (all.empty()) return times;
  TRY(auto grouped, by_leader(all));
  for (auto& [leader, pending] : grouped) {
    TRY(auto* connection, cluster_.broker(leader));
    // Each round settles the first of the pending ones, or moves it on; most settle all.
    while (!pending.empty()) {
      const wire::FetchRequest request = fetch_request(pending, offsets);
      std::string bytes;
      TRY(const auto response, connection->call_borrowing<wire::FetchResponse>(request, kFetchVersionMax, bytes));
      if (response.error_code != ErrorCode::none) {
        return std::unexpected(server_error("read records", response.error_code));
      }
      std::vector<TopicPartition> left;
      const TopicPartition first = pending.front();
      for (const auto& topic : response.responses) {
        for (const auto& partition : topic.partitions) {
          const TopicPartition where{topic.topic, partition.partition_index};
          if (!offsets.contains(where) || partition.error_code != ErrorCode::none) continue;
          std::int64_t& offset = offsets[where];
          TRY(const Look look, first_time(partition.records.bytes, offset));
          const bool has_moved = look.next_offset > offset;
          offset = look.next_offset;
          if (look.time) {
            times[where] = *look.time;
          } else if (offset < partition.high_watermark && (has_moved || where != first)) {
            left.push_back(where);
          }
        }
      }
      // Those that got nothing come first, so that the next answer has a whole batch for them.
      pending = std::move(left);
      std::ranges::sort(pending);
      if (pending.size() > 1 && pending.front() == first) std::ranges::rotate(pending, pending.begin() + 1);
    }
  }
  return times;
}

}  // namespace weir::kafka
