#pragma once

// One function per API, each in its own file. A handler answers its call, at once or later, or closes the connection;
// `decoder` stands at the request's body, which the frame holds as long as the handler runs.

#include "broker/broker.h"

namespace weir::broker {

// What a handler gets: the request and whom it came from.
struct Request {
  Broker& broker;
  Session& session;
  wire::Decoder& decoder;
  Now now;
};

// Reads the body; false if it was malformed, and the connection is being closed.
template <typename Body>
bool read_body(const Request& request, Call& call, Body& body) {
  const Status status = body.decode(request.decoder, call.version());
  if (status) return true;
  call.close(status.error().message);
  return false;
}

using Handler = void (*)(Request& request, Call call);

void handle_add_offsets_to_txn(Request& request, Call call);
void handle_add_partitions_to_txn(Request& request, Call call);
void handle_api_versions(Request& request, Call call);
void handle_consumer_group_describe(Request& request, Call call);
void handle_consumer_group_heartbeat(Request& request, Call call);
void handle_create_partitions(Request& request, Call call);
void handle_create_topics(Request& request, Call call);
void handle_delete_groups(Request& request, Call call);
void handle_delete_records(Request& request, Call call);
void handle_delete_topics(Request& request, Call call);
void handle_alter_configs(Request& request, Call call);
void handle_alter_partition_reassignments(Request& request, Call call);
void handle_describe_cluster(Request& request, Call call);
void handle_describe_configs(Request& request, Call call);
void handle_describe_groups(Request& request, Call call);
void handle_describe_log_dirs(Request& request, Call call);
void handle_describe_producers(Request& request, Call call);
void handle_describe_topic_partitions(Request& request, Call call);
void handle_describe_transactions(Request& request, Call call);
void handle_elect_leaders(Request& request, Call call);
void handle_end_txn(Request& request, Call call);
void handle_fetch(Request& request, Call call);
void handle_find_coordinator(Request& request, Call call);
void handle_heartbeat(Request& request, Call call);
void handle_incremental_alter_configs(Request& request, Call call);
void handle_init_producer_id(Request& request, Call call);
void handle_join_group(Request& request, Call call);
void handle_leave_group(Request& request, Call call);
void handle_list_groups(Request& request, Call call);
void handle_list_offsets(Request& request, Call call);
void handle_list_partition_reassignments(Request& request, Call call);
void handle_list_transactions(Request& request, Call call);
void handle_metadata(Request& request, Call call);
void handle_offset_commit(Request& request, Call call);
void handle_offset_delete(Request& request, Call call);
void handle_offset_fetch(Request& request, Call call);
void handle_offset_for_leader_epoch(Request& request, Call call);
void handle_produce(Request& request, Call call);
void handle_sync_group(Request& request, Call call);
void handle_txn_offset_commit(Request& request, Call call);
void handle_write_txn_markers(Request& request, Call call);

// Null if weir does not serve the API: it is not told to clients either.
Handler handler_of(wire::ApiKey key);

}  // namespace weir::broker
