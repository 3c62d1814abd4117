#include "wire/messages/metadata.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

using wire::ErrorCode;
using ResponseTopic = wire::MetadataResponse::MetadataResponseTopic;

ResponseTopic describe(const log::Topic& topic, std::int32_t node) {
  ResponseTopic entry;
  entry.name = topic.name;
  entry.topic_id = topic.id;
  entry.is_internal = is_internal(topic.name);
  for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
    wire::MetadataResponse::MetadataResponsePartition partition;
    partition.partition_index = static_cast<std::int32_t>(i);
    partition.leader_id = node;
    partition.leader_epoch = topic.partitions[i]->leader_epoch();
    partition.replica_nodes = {node};
    partition.isr_nodes = {node};
    entry.partitions.push_back(std::move(partition));
  }
  return entry;
}

ResponseTopic refuse(ErrorCode code, const std::optional<std::string>& name, const wire::Uuid& id) {
  ResponseTopic entry;
  entry.error_code = code;
  entry.name = name;
  entry.topic_id = id;
  return entry;
}

ResponseTopic find_or_create(Request& request, const std::string& name, bool may_create) {
  if (const log::Topic* topic = request.broker.log().find(name)) {
    return describe(*topic, request.broker.settings().node_id);
  }
  if (!log::is_topic_name(name)) return refuse(ErrorCode::invalid_topic_exception, name, {});
  if (!may_create) return refuse(ErrorCode::unknown_topic_or_partition, name, {});
  const auto created = request.broker.create_topic(name, -1, {});
  if (!created) return refuse(ErrorCode::kafka_storage_error, name, {});
  return describe(**created, request.broker.settings().node_id);
}

}  // namespace

void handle_metadata(Request& request, Call call) {
  wire::MetadataRequest body;
  if (!read_body(request, call, body)) return;
  Broker& broker = request.broker;
  wire::MetadataResponse response;
  const io::Address address = broker.address_for(request.session);
  wire::MetadataResponse::MetadataResponseBroker node;
  node.node_id = broker.settings().node_id;
  node.host = address.host;
  node.port = address.port;
  response.brokers.push_back(std::move(node));
  response.cluster_id = broker.log().cluster_id();
  response.controller_id = broker.settings().node_id;
  // In version 0, which had no null, no topics meant all.
  const bool wants_all = !body.topics || (call.version() == 0 && body.topics->empty());
  if (wants_all) {
    for (const log::Topic* topic : broker.log().topics()) {
      response.topics.push_back(describe(*topic, broker.settings().node_id));
    }
    return call.answer(response);
  }
  const bool may_create = broker.settings().creates_topics && body.allow_auto_topic_creation;
  for (const auto& wanted : *body.topics) {
    if (wanted.name) {
      response.topics.push_back(find_or_create(request, *wanted.name, may_create));
    } else if (const log::Topic* topic = broker.log().find(wanted.topic_id)) {
      response.topics.push_back(describe(*topic, broker.settings().node_id));
    } else {
      response.topics.push_back(refuse(ErrorCode::unknown_topic_id, std::nullopt, wanted.topic_id));
    }
  }
  call.answer(response);
}

}  // namespace weir::broker
