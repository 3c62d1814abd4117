#pragma once

// The bank's bookings as CSV with a header: time,account,type,amount,currency,beneficiary,channel,ip. Amounts carry two
// decimals; the beneficiary of a withdrawal is the cash machine, of a card payment the shop.

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

struct Booking {
  EventTime time{};
  std::string_view account{};
  std::string_view type{};  // transfer, withdrawal, card, salary, standing_order
  std::uint64_t cents = 0;
  std::string_view beneficiary{};
  std::string_view channel{};  // mobile, web, atm, pos, branch, batch
  std::string_view address{};  // Empty for channels without one.
};

inline constexpr std::string_view kTransfersHeader = "time,account,type,amount,currency,beneficiary,channel,ip";

void append_booking(std::string& out, const Booking& booking);

std::unique_ptr<Stream> make_transfers_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
