#include "traffic/transfers.h"

#include <fmt/format.h>

#include "traffic/render.h"

namespace weir::traffic {
namespace {

class TransfersStream final : public Stream {
 public:
  TransfersStream(const Company& company, std::uint64_t seed) : company_(company), random_(mix(seed, "transfers")) {
    payees_.build(zipf_weights(8));
  }

  std::string_view head() const override { return head_; }
  std::uint64_t first_number() const override { return 2; }  // The header is line 1.
  Intensity begin_step(const Presence& presence, Timeline&) override {
    return std::uint64_t{company_.customers} * public_activity(company_, presence.time()) / 5;
  }
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  // Whom a customer pays is a habit: eight accounts, the first of them most often.
  std::uint32_t payee_of(std::uint32_t customer) {
    return static_cast<std::uint32_t>(mix(mix(71, customer), payees_.pick(random_)) % company_.customers);
  }

  const Company& company_;
  Random random_;
  AliasTable payees_;
  const std::string head_ = std::string(kTransfersHeader) + "\n";
  std::string address_;
};

void TransfersStream::arrive(EventTime time, Timeline& timeline) {
  const std::uint32_t customer = random_.below(company_.customers);
  const std::string account = account_of(company_.seed, customer);
  const std::uint64_t wealth = 40 + mix(72, customer) % 200;  // Percent.
  std::string other;
  Booking booking{.time = time, .account = account};
  const std::uint32_t draw = random_.below(1000);
  if (draw < 560) {
    other = fmt::format("SHOP-{:05}", mix(mix(73, customer), random_.below(20)) % 90'000);
    booking.type = "card";
    booking.channel = "pos";
    booking.cents = random_.heavy_tailed(450, 8) * wealth / 100;
  } else if (draw < 700) {
    other = fmt::format("ATM-{:04}", mix(74, customer) % 900 + random_.below(3));
    booking.type = "withdrawal";
    booking.channel = "atm";
    booking.cents = 1000 * (2 + random_.heavy_tailed(1, 4) * random_.below(5)) * (1 + wealth / 100);
  } else {
    other = account_of(company_.seed, payee_of(customer));
    const bool standing = draw >= 930;
    booking.type = standing ? "standing_order" : "transfer";
    booking.channel = standing ? "batch" : random_.chance(650) ? "mobile" : "web";
    booking.cents = random_.heavy_tailed(1'500, 9) * wealth / 100 + random_.below(100);
    if (!standing) {
      address_ = household_address(all_cities()[customer % 6], customer);
      booking.address = address_;
    }
  }
  booking.beneficiary = other;
  timeline.add(time, [&](std::string& out) { append_booking(out, booking); });
}

}  // namespace

void append_booking(std::string& out, const Booking& booking) {
  append_iso_time(out, booking.time);
  out.push_back(',');
  append(out, booking.account);
  out.push_back(',');
  append(out, booking.type);
  out.push_back(',');
  append_number(out, booking.cents / 100);
  out.push_back('.');
  append_padded(out, booking.cents % 100, 2, '0');
  append(out, ",EUR,");
  append(out, booking.beneficiary);
  out.push_back(',');
  append(out, booking.channel);
  out.push_back(',');
  append(out, booking.address);
}

std::unique_ptr<Stream> make_transfers_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<TransfersStream>(company, seed);
}

}  // namespace weir::traffic
