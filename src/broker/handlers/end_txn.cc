#include "wire/messages/end_txn.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_end_txn(Request& request, Call call) {
  using wire::ErrorCode;
  wire::EndTxnRequest body;
  if (!read_body(request, call, body)) return;
  const bool bumps_epoch = call.version() >= 5;
  request.broker.transactions().end(
      body.transactional_id, {body.producer_id, body.producer_epoch}, body.committed, bumps_epoch, request.now,
      [call = std::move(call)](TransactionCoordinator::Initiated ended) mutable {
        wire::EndTxnResponse response;
        const bool is_old = call.version() < 2 && ended.code == ErrorCode::producer_fenced;
        response.error_code = is_old ? ErrorCode::invalid_producer_epoch : ended.code;
        if (ended.code == ErrorCode::none) {
          response.producer_id = ended.producer.id;
          response.producer_epoch = ended.producer.epoch;
        }
        call.answer(response);
      });
}

}  // namespace weir::broker
