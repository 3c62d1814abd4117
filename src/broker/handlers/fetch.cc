#include "wire/messages/fetch.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using PartitionRequest = wire::FetchRequest::FetchPartition;
using PartitionResponse = wire::FetchResponse::PartitionData;

constexpr std::chrono::milliseconds kWaitMax{300'000};
// Whatever a client asks for at once.
constexpr std::uint64_t kAnswerBytesMax = 55U << 20;

struct Answer {
  wire::FetchResponse response;
  std::vector<std::vector<log::FileRange>> fillings;
  std::uint64_t bytes = 0;
  bool has_errors = false;
  std::vector<PartitionKey> watched;
};

// The client's epoch against ours (KIP-320).
ErrorCode check_epoch(const log::Partition& partition, std::int32_t current_leader_epoch) {
  if (current_leader_epoch < 0 || current_leader_epoch == partition.leader_epoch()) return ErrorCode::none;
  return current_leader_epoch < partition.leader_epoch() ? ErrorCode::fenced_leader_epoch
                                                         : ErrorCode::unknown_leader_epoch;
}

// What the client read last was cut off by an unclean stop: it is told how far what it knows agrees with us.
bool has_diverged(const log::Partition& partition, const PartitionRequest& wanted, PartitionResponse& response) {
  if (wanted.last_fetched_epoch < 0) return false;
  const auto end = partition.epoch_end(wanted.last_fetched_epoch);
  if (end.epoch == wanted.last_fetched_epoch && end.end_offset >= wanted.fetch_offset) return false;
  if (end.end_offset < 0) return false;
  response.diverging_epoch.epoch = end.epoch;
  response.diverging_epoch.end_offset = end.end_offset;
  return true;
}

PartitionResponse read_partition(const log::Topic* topic, const PartitionRequest& wanted, bool knows_topic_by_id,
                                 log::Isolation isolation, std::uint64_t bytes_left, Answer& answer) {
  PartitionResponse response;
  response.partition_index = wanted.partition;
  response.high_watermark = -1;
  if (topic == nullptr || wanted.partition < 0 ||
      static_cast<std::size_t>(wanted.partition) >= topic->partitions.size()) {
    response.error_code =
        topic == nullptr && knows_topic_by_id ? ErrorCode::unknown_topic_id : ErrorCode::unknown_topic_or_partition;
    answer.has_errors = true;
    return response;
  }
  const log::Partition& partition = *topic->partitions[static_cast<std::size_t>(wanted.partition)];
  answer.watched.push_back({topic->id, wanted.partition});
  response.error_code = check_epoch(partition, wanted.current_leader_epoch);
  if (response.error_code == ErrorCode::none) {
    response.high_watermark = partition.high_watermark();
    response.last_stable_offset = partition.last_stable_offset();
    response.log_start_offset = partition.start_offset();
    if (has_diverged(partition, wanted, response)) {
      answer.has_errors = true;
      return response;
    }
    const auto size_max =
        std::min<std::uint64_t>(bytes_left, static_cast<std::uint64_t>(std::max(wanted.partition_max_bytes, 0)));
    // The first batch of the first partition that has one is given whatever the limits say, so that a client makes
    // progress; the others stay within them.
    if (bytes_left > 0) {
      log::ReadResult read = partition.read(wanted.fetch_offset, size_max, isolation);
      response.error_code = read.code;
      const bool fits = read.size <= bytes_left || answer.bytes == 0;
      if (read.code == ErrorCode::none && read.size > 0 && fits) {
        answer.bytes += read.size;
        response.records.gap_size = read.size;
        answer.fillings.push_back(std::move(read.ranges));
        if (isolation == log::Isolation::committed) {
          response.aborted_transactions.emplace();
          for (const auto& aborted : read.aborted) {
            response.aborted_transactions->push_back({aborted.producer_id, aborted.first_offset});
          }
        }
      }
    }
  }
  if (response.error_code != ErrorCode::none) answer.has_errors = true;
  return response;
}

Answer read(Broker& broker, const wire::FetchRequest& body, int version) {
  Answer answer;
  const auto isolation = body.isolation_level == 1 ? log::Isolation::committed : log::Isolation::uncommitted;
  const std::uint64_t bytes_max =
      std::min<std::uint64_t>(kAnswerBytesMax, static_cast<std::uint64_t>(std::max(body.max_bytes, 1)));
  const bool is_by_id = version >= 13;
  for (const auto& wanted : body.topics) {
    wire::FetchResponse::FetchableTopicResponse entry;
    entry.topic = wanted.topic;
    entry.topic_id = wanted.topic_id;
    const log::Topic* topic = is_by_id ? broker.log().find(wanted.topic_id) : broker.log().find(wanted.topic);
    for (const PartitionRequest& partition : wanted.partitions) {
      const std::uint64_t left = bytes_max - std::min(bytes_max, answer.bytes);
      entry.partitions.push_back(read_partition(topic, partition, is_by_id, isolation, left, answer));
    }
    answer.response.responses.push_back(std::move(entry));
  }
  return answer;
}

bool is_enough(const Answer& answer, const wire::FetchRequest& body) {
  return answer.has_errors || answer.watched.empty() ||
         answer.bytes >= static_cast<std::uint64_t>(std::max(body.min_bytes, 0));
}

}  // namespace

void handle_fetch(Request& request, Call call) {
  wire::FetchRequest body;
  if (!read_body(request, call, body)) return;
  if (body.session_id != 0) {
    // weir keeps no fetch sessions (KIP-227): it never gives an id, so this is one of another broker's.
    wire::FetchResponse response;
    response.error_code = ErrorCode::fetch_session_id_not_found;
    return call.answer(response);
  }
  Broker& broker = request.broker;
  Answer answer = read(broker, body, call.version());
  if (is_enough(answer, body) || body.max_wait_ms <= 0) return call.answer(answer.response, std::move(answer.fillings));
  const auto wait = std::min<std::chrono::milliseconds>(std::chrono::milliseconds(body.max_wait_ms), kWaitMax);
  const ConnectionId connection = call.connection();
  for (const PartitionKey& key : answer.watched) {
    const log::Topic* topic = broker.log().find(key.topic);
    const auto& partition = *topic->partitions[static_cast<std::size_t>(key.partition)];
    // Somebody waits for what is not flushed yet.
    if (partition.end_offset() > partition.high_watermark()) broker.flushes().hurry();
  }
  broker.reads().park(connection, std::move(answer.watched), request.now.steady + wait,
                      [&broker, body = std::move(body), call = std::move(call)](bool is_last) mutable {
                        Answer later = read(broker, body, call.version());
                        if (!is_last && !is_enough(later, body)) return false;
                        call.answer(later.response, std::move(later.fillings));
                        return true;
                      });
}

}  // namespace weir::broker
