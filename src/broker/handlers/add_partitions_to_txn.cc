#include "wire/messages/add_partitions_to_txn.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_add_partitions_to_txn(Request& request, Call call) {
  using wire::ErrorCode;
  wire::AddPartitionsToTxnRequest body;
  if (!read_body(request, call, body)) return;
  std::vector<TopicPartition> partitions;
  std::vector<TopicPartition> unknown;
  for (const auto& topic : body.v3_and_below_topics) {
    for (const std::int32_t index : topic.partitions) {
      const bool is_known = request.broker.log().find(topic.name, index) != nullptr && !is_internal(topic.name);
      (is_known ? partitions : unknown).emplace_back(topic.name, index);
    }
  }
  // All are added or none.
  ErrorCode code = ErrorCode::operation_not_attempted;
  if (unknown.empty()) {
    const ProducerIdentity producer{body.v3_and_below_producer_id, body.v3_and_below_producer_epoch};
    code = request.broker.transactions().add_partitions(body.v3_and_below_transactional_id, producer, partitions,
                                                        request.now);
    if (call.version() < 2 && code == ErrorCode::producer_fenced) code = ErrorCode::invalid_producer_epoch;
  }
  wire::AddPartitionsToTxnResponse response;
  for (const auto& topic : body.v3_and_below_topics) {
    wire::AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult entry;
    entry.name = topic.name;
    for (const std::int32_t index : topic.partitions) {
      const bool is_unknown = std::ranges::find(unknown, TopicPartition{topic.name, index}) != unknown.end();
      entry.results_by_partition.push_back({index, is_unknown ? ErrorCode::unknown_topic_or_partition : code});
    }
    response.results_by_topic_v3_and_below.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
