#include "wire/messages/txn_offset_commit.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_txn_offset_commit(Request& request, Call call) {
  using wire::ErrorCode;
  wire::TxnOffsetCommitRequest body;
  if (!read_body(request, call, body)) return;
  wire::TxnOffsetCommitResponse response;
  Offsets offsets;
  for (const auto& topic : body.topics) {
    wire::TxnOffsetCommitResponse::TxnOffsetCommitResponseTopic entry;
    entry.name = topic.name;
    for (const auto& partition : topic.partitions) {
      wire::TxnOffsetCommitResponse::TxnOffsetCommitResponsePartition result;
      result.partition_index = partition.partition_index;
      if (request.broker.log().find(topic.name, partition.partition_index) == nullptr) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
      } else {
        offsets[{topic.name, partition.partition_index}] = {
            partition.committed_offset, partition.committed_leader_epoch, partition.committed_metadata.value_or(""), 0};
      }
      entry.partitions.push_back(result);
    }
    response.topics.push_back(std::move(entry));
  }
  const auto answer = [](Call& waiting, wire::TxnOffsetCommitResponse& answered, ErrorCode code) {
    for (auto& topic : answered.topics) {
      for (auto& partition : topic.partitions) {
        if (partition.error_code == ErrorCode::none) partition.error_code = code;
      }
    }
    waiting.answer(answered);
  };
  const ProducerIdentity producer{body.producer_id, body.producer_epoch};
  TransactionCoordinator& transactions = request.broker.transactions();
  // From version 5 on, committing offsets makes them part of the transaction (KIP-890).
  const ErrorCode allowed =
      call.version() >= 5 ? transactions.add_offsets(body.transactional_id, producer, request.now)
                          : transactions.check_write(body.transactional_id, producer, {std::string(kOffsetsTopic), 0});
  if (allowed != ErrorCode::none) return answer(call, response, allowed);
  GroupCoordinator::Committer committer;
  committer.group = body.group_id;
  committer.member_id = body.member_id;
  committer.instance_id = body.group_instance_id;
  committer.generation = body.generation_id;
  committer.producer = producer;
  request.broker.groups().commit(committer, std::move(offsets), request.now,
                                 [answer, call = std::move(call), response = std::move(response)](
                                     ErrorCode code) mutable { answer(call, response, code); });
}

}  // namespace weir::broker
