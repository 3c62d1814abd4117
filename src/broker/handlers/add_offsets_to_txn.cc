#include "wire/messages/add_offsets_to_txn.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_add_offsets_to_txn(Request& request, Call call) {
  using wire::ErrorCode;
  wire::AddOffsetsToTxnRequest body;
  if (!read_body(request, call, body)) return;
  wire::AddOffsetsToTxnResponse response;
  response.error_code = request.broker.transactions().add_offsets(body.transactional_id,
                                                                  {body.producer_id, body.producer_epoch}, request.now);
  if (call.version() < 2 && response.error_code == ErrorCode::producer_fenced) {
    response.error_code = ErrorCode::invalid_producer_epoch;
  }
  call.answer(response);
}

}  // namespace weir::broker
