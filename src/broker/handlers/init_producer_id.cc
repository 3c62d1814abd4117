#include "wire/messages/init_producer_id.h"

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_init_producer_id(Request& request, Call call) {
  using wire::ErrorCode;
  wire::InitProducerIdRequest body;
  if (!read_body(request, call, body)) return;
  auto done = [call = std::move(call)](TransactionCoordinator::Initiated initiated) mutable {
    wire::InitProducerIdResponse response;
    // Clients before version 4 know this refusal by its old name (KIP-588).
    const bool is_old = call.version() < 4 && initiated.code == ErrorCode::producer_fenced;
    response.error_code = is_old ? ErrorCode::invalid_producer_epoch : initiated.code;
    response.producer_id = initiated.code == ErrorCode::none ? initiated.producer.id : -1;
    response.producer_epoch = initiated.code == ErrorCode::none ? initiated.producer.epoch : std::int16_t{-1};
    call.answer(response);
  };
  TransactionCoordinator& transactions = request.broker.transactions();
  if (!body.transactional_id) return transactions.new_producer(request.now, std::move(done));
  transactions.init(*body.transactional_id, std::chrono::milliseconds(body.transaction_timeout_ms),
                    {body.producer_id, body.producer_epoch}, request.now, std::move(done));
}

}  // namespace weir::broker
