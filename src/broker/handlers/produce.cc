#include "wire/messages/produce.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using PartitionRequest = wire::ProduceRequest::PartitionProduceData;
using PartitionResponse = wire::ProduceResponse::PartitionProduceResponse;

PartitionResponse refuse(std::int32_t index, ErrorCode code, std::string message) {
  PartitionResponse response;
  response.index = index;
  response.error_code = code;
  response.base_offset = -1;
  if (!message.empty()) response.error_message = std::move(message);
  return response;
}

// A transaction's records are taken only from its producer, and only for partitions that belong to it. From version 12
// on a partition joins the transaction by being written to (KIP-890).
ErrorCode check_transaction(Request& request, const Call& call, const wire::ProduceRequest& body,
                            const wire::BatchHeader& header, const TopicPartition& partition) {
  if (!header.is_transactional()) return ErrorCode::none;
  if (!body.transactional_id) return ErrorCode::invalid_request;
  TransactionCoordinator& transactions = request.broker.transactions();
  const ProducerIdentity producer{header.producer_id, header.producer_epoch};
  if (call.version() >= 12) {
    const ErrorCode code = transactions.add_partitions(*body.transactional_id, producer, {partition}, request.now);
    // What clients of this version expect of an epoch that is not theirs any more.
    return code == ErrorCode::producer_fenced ? ErrorCode::invalid_producer_epoch : code;
  }
  return transactions.check_write(*body.transactional_id, producer, partition);
}

PartitionResponse append(Request& request, const Call& call, const wire::ProduceRequest& body,
                         const std::string& topic_name, const PartitionRequest& data, PartitionKey& written) {
  log::Topic* topic = request.broker.log().find(topic_name);
  if (topic == nullptr || data.index < 0 || static_cast<std::size_t>(data.index) >= topic->partitions.size()) {
    return refuse(data.index, ErrorCode::unknown_topic_or_partition, "");
  }
  if (is_internal(topic_name)) {
    return refuse(data.index, ErrorCode::invalid_topic_exception, "weir alone writes to its internal topics");
  }
  if (!request.broker.space_refusal().empty()) {
    return refuse(data.index, ErrorCode::kafka_storage_error, request.broker.space_refusal());
  }
  const auto header = wire::read_batch_header(data.records.bytes);
  if (!header) return refuse(data.index, ErrorCode::corrupt_message, header.error().message);
  if (const ErrorCode code = check_transaction(request, call, body, *header, {topic_name, data.index});
      code != ErrorCode::none) {
    return refuse(data.index, code, "");
  }
  // The frame is this request's alone, and nobody reads it after us: offsets are written into it.
  std::span<char> records(const_cast<char*>(data.records.bytes.data()), data.records.bytes.size());
  log::Partition& partition = *topic->partitions[static_cast<std::size_t>(data.index)];
  const auto appended = partition.append(records, request.now.wall);
  if (!appended) {
    PartitionResponse response = refuse(data.index, appended.error().code, appended.error().message);
    for (const auto& bad : appended.error().records) response.record_errors.push_back({bad.index, bad.message});
    return response;
  }
  PartitionResponse response;
  response.index = data.index;
  response.base_offset = appended->base_offset;
  response.log_append_time_ms = appended->log_append_time;
  response.log_start_offset = partition.start_offset();
  written = {topic->id, data.index};
  request.broker.wrote(*topic, data.index, request.now);
  return response;
}

}  // namespace

void handle_produce(Request& request, Call call) {
  wire::ProduceRequest body;
  if (!read_body(request, call, body)) return;
  wire::ProduceResponse response;
  const bool is_acks_known = body.acks >= -1 && body.acks <= 1;
  // In the order of the response: which partition each entry wrote to.
  std::vector<PartitionKey> written;
  bool is_all_relaxed = true;
  for (const auto& topic : body.topic_data) {
    wire::ProduceResponse::TopicProduceResponse topic_response;
    topic_response.name = topic.name;
    const log::Topic* found = request.broker.log().find(topic.name);
    is_all_relaxed = is_all_relaxed && found != nullptr && found->config.is_relaxed;
    for (const PartitionRequest& data : topic.partition_data) {
      PartitionKey key;
      topic_response.partition_responses.push_back(
          is_acks_known ? append(request, call, body, topic.name, data, key)
                        : refuse(data.index, ErrorCode::invalid_required_acks, "acks is -1, 0 or 1"));
      written.push_back(key);
    }
    response.responses.push_back(std::move(topic_response));
  }
  if (body.acks == 0) {
    for (const auto& topic : response.responses) {
      for (const auto& partition : topic.partition_responses) {
        // The only way to tell a client that asked for no answer (as Apache Kafka does it).
        if (partition.error_code != ErrorCode::none) return call.close("a record sent with acks=0 was refused");
      }
    }
    return call.pass_over();
  }
  if (body.acks == 1 || is_all_relaxed) return call.answer(response);
  request.broker.flushes().after([call = std::move(call), response = std::move(response),
                                  written = std::move(written)](const FailedPartitions& failed) mutable {
    std::size_t i = 0;
    for (auto& topic : response.responses) {
      for (PartitionResponse& partition : topic.partition_responses) {
        if (partition.error_code == ErrorCode::none && failed.contains(written[i])) {
          partition = refuse(partition.index, ErrorCode::kafka_storage_error, "the disk refused to store the records");
        }
        ++i;
      }
    }
    call.answer(response);
  });
}

}  // namespace weir::broker
