#include "wire/messages/describe_cluster.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_describe_cluster(Request& request, Call call) {
  wire::DescribeClusterRequest body;
  if (!read_body(request, call, body)) return;
  const io::Address address = request.broker.address_for(request.session);
  wire::DescribeClusterResponse response;
  constexpr std::int8_t kBrokers = 1;
  if (body.endpoint_type != kBrokers) {
    response.error_code = wire::ErrorCode::unsupported_endpoint_type;
    response.error_message = "weir has brokers' endpoints alone";
    return call.answer(response);
  }
  response.endpoint_type = body.endpoint_type;
  response.cluster_id = request.broker.log().cluster_id();
  response.controller_id = request.broker.settings().node_id;
  wire::DescribeClusterResponse::DescribeClusterBroker node;
  node.broker_id = request.broker.settings().node_id;
  node.host = address.host;
  node.port = address.port;
  response.brokers.push_back(std::move(node));
  call.answer(response);
}

}  // namespace weir::broker
