#include "wire/messages/list_partition_reassignments.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

// Nothing ever moves on one node.
void handle_list_partition_reassignments(Request& request, Call call) {
  wire::ListPartitionReassignmentsRequest body;
  if (!read_body(request, call, body)) return;
  call.answer(wire::ListPartitionReassignmentsResponse());
}

}  // namespace weir::broker
