#include "wire/messages/describe_producers.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_describe_producers(Request& request, Call call) {
  wire::DescribeProducersRequest body;
  if (!read_body(request, call, body)) return;
  wire::DescribeProducersResponse response;
  for (const auto& topic : body.topics) {
    wire::DescribeProducersResponse::TopicResponse entry;
    entry.name = topic.name;
    for (const std::int32_t index : topic.partition_indexes) {
      wire::DescribeProducersResponse::PartitionResponse described;
      described.partition_index = index;
      const log::Partition* partition = request.broker.log().find(topic.name, index);
      if (partition == nullptr) {
        described.error_code = wire::ErrorCode::unknown_topic_or_partition;
      } else {
        for (const log::ActiveProducer& producer : partition->producers()) {
          described.active_producers.push_back({producer.producer_id, producer.producer_epoch, producer.last_sequence,
                                                producer.last_timestamp, producer.coordinator_epoch,
                                                producer.transaction_first_offset});
        }
      }
      entry.partitions.push_back(std::move(described));
    }
    response.topics.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
