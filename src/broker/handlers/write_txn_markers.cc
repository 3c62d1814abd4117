#include "wire/messages/write_txn_markers.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

// An administrator ends a transaction that hangs in a partition (KIP-664).
void handle_write_txn_markers(Request& request, Call call) {
  using wire::ErrorCode;
  wire::WriteTxnMarkersRequest body;
  if (!read_body(request, call, body)) return;
  wire::WriteTxnMarkersResponse response;
  for (const auto& marker : body.markers) {
    wire::WriteTxnMarkersResponse::WritableTxnMarkerResult result;
    result.producer_id = marker.producer_id;
    for (const auto& topic : marker.topics) {
      wire::WriteTxnMarkersResponse::WritableTxnMarkerTopicResult entry;
      entry.name = topic.name;
      const log::Topic* found = request.broker.log().find(topic.name);
      for (const std::int32_t index : topic.partition_indexes) {
        log::Partition* partition = request.broker.log().find(topic.name, index);
        ErrorCode code = ErrorCode::unknown_topic_or_partition;
        if (partition != nullptr) {
          const auto written =
              partition->append_end_marker(marker.producer_id, marker.producer_epoch, marker.coordinator_epoch,
                                           marker.transaction_result, request.now.wall);
          code = written ? ErrorCode::none : written.error().code;
          if (written) request.broker.wrote(*found, index, request.now);
          if (written && topic.name == kOffsetsTopic) {
            request.broker.groups().transaction_ended(marker.producer_id, marker.transaction_result);
          }
        }
        entry.partitions.push_back({index, code});
      }
      result.topics.push_back(std::move(entry));
    }
    response.markers.push_back(std::move(result));
  }
  request.broker.flushes().after(
      [call = std::move(call), response = std::move(response)](const FailedPartitions& failed) mutable {
        if (!failed.empty()) return call.close("the disk refused to store the markers");
        call.answer(response);
      });
}

}  // namespace weir::broker
