#include "wire/messages/delete_records.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_delete_records(Request& request, Call call) {
  using wire::ErrorCode;
  wire::DeleteRecordsRequest body;
  if (!read_body(request, call, body)) return;
  wire::DeleteRecordsResponse response;
  for (const auto& topic : body.topics) {
    wire::DeleteRecordsResponse::DeleteRecordsTopicResult entry;
    entry.name = topic.name;
    const log::Topic* found = request.broker.log().find(topic.name);
    for (const auto& wanted : topic.partitions) {
      wire::DeleteRecordsResponse::DeleteRecordsPartitionResult result;
      result.partition_index = wanted.partition_index;
      result.low_watermark = -1;
      log::Partition* partition = request.broker.log().find(topic.name, wanted.partition_index);
      if (partition == nullptr) {
        result.error_code = ErrorCode::unknown_topic_or_partition;
      } else if (!found->config.is_deleted) {
        // What compaction keeps is kept for its keys' sake.
        result.error_code = ErrorCode::policy_violation;
      } else if (const auto deleted = partition->delete_records(wanted.offset)) {
        result.low_watermark = *deleted;
      } else {
        result.error_code = deleted.error();
      }
      entry.partitions.push_back(result);
    }
    response.topics.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
