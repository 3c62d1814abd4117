#include "wire/messages/describe_transactions.h"

#include <map>

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_describe_transactions(Request& request, Call call) {
  using Response = wire::DescribeTransactionsResponse;
  wire::DescribeTransactionsRequest body;
  if (!read_body(request, call, body)) return;
  Response response;
  for (const std::string& id : body.transactional_ids) {
    Response::TransactionState entry;
    entry.transactional_id = id;
    const Transaction* transaction = request.broker.transactions().find(id);
    if (transaction == nullptr) {
      entry.error_code = wire::ErrorCode::transactional_id_not_found;
      response.transaction_states.push_back(std::move(entry));
      continue;
    }
    entry.transaction_state = std::string(name_of(transaction->state));
    entry.transaction_timeout_ms = static_cast<std::int32_t>(transaction->timeout.count());
    entry.transaction_start_time_ms = transaction->started_at;
    entry.producer_id = transaction->producer.id;
    entry.producer_epoch = transaction->producer.epoch;
    std::map<std::string, std::vector<std::int32_t>> topics;
    for (const auto& [topic, partition] : transaction->partitions) topics[topic].push_back(partition);
    for (auto& [topic, partitions] : topics) entry.topics.push_back({topic, std::move(partitions)});
    response.transaction_states.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
