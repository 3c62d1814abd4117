#include "wire/messages/list_transactions.h"

#include <algorithm>
#include <array>

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

constexpr std::array kStates = {TransactionState::empty,           TransactionState::ongoing,
                                TransactionState::prepare_commit,  TransactionState::prepare_abort,
                                TransactionState::complete_commit, TransactionState::complete_abort};

bool is_wanted(const wire::ListTransactionsRequest& body, const Transaction& transaction, Now now) {
  const auto has = [](const auto& filter, const auto& value) {
    return filter.empty() || std::ranges::find(filter, value) != filter.end();
  };
  if (!has(body.state_filters, name_of(transaction.state))) return false;
  if (!has(body.producer_id_filters, transaction.producer.id)) return false;
  if (body.duration_filter < 0) return true;
  return transaction.started_at >= 0 && now.wall - transaction.started_at > body.duration_filter;
}

}  // namespace

void handle_list_transactions(Request& request, Call call) {
  wire::ListTransactionsRequest body;
  if (!read_body(request, call, body)) return;
  wire::ListTransactionsResponse response;
  for (const std::string& state : body.state_filters) {
    const bool is_known = std::ranges::any_of(kStates, [&](TransactionState known) { return name_of(known) == state; });
    if (!is_known) response.unknown_state_filters.push_back(state);
  }
  for (const auto& [id, transaction] : request.broker.transactions().transactions()) {
    if (!is_wanted(body, transaction, request.now)) continue;
    response.transaction_states.push_back({id, transaction.producer.id, std::string(name_of(transaction.state))});
  }
  call.answer(response);
}

}  // namespace weir::broker
