#include <array>

#include "traffic/auth.h"
#include "traffic/cloud.h"
#include "traffic/proxy.h"
#include "traffic/sharing.h"
#include "traffic/stream.h"
#include "traffic/transfers.h"
#include "traffic/web.h"
#include "traffic/windows.h"

namespace weir::traffic {

std::unique_ptr<Stream> make_stream(Source source, const Company& company, std::uint64_t seed) {
  switch (source) {
    case Source::proxy: return make_proxy_stream(company, seed);
    case Source::auth: return make_auth_stream(company, seed);
    case Source::windows: return make_windows_stream(company, seed);
    case Source::cloud: return make_cloud_stream(company, seed);
    case Source::web: return make_web_stream(company, seed);
    case Source::sharing: return make_sharing_stream(company, seed);
    case Source::transfers: return make_transfers_stream(company, seed);
  }
  CHECK(false);
  return nullptr;
}

Intensity BusyUsers::begin_step(const Presence& presence) {
  Intensity total = 0;
  for (std::uint32_t user = 0; user < now_.size(); ++user) {
    now_[user] = static_cast<std::uint32_t>(std::uint64_t{per_hour_[user]} * presence.activity(user) / 1000);
    total += now_[user];
  }
  if (total > 0) table_.build(now_);
  return total;
}

std::uint32_t public_activity(const Company& company, EventTime time) {
  constexpr std::array<std::uint32_t, 24> kByHour = {120, 80,  60,  50,  60,  110, 250, 450,  650, 800, 880, 900,
                                                     950, 880, 860, 850, 870, 920, 980, 1000, 900, 700, 450, 240};
  const LocalTime local = local_time(company.offices.front().zone, time);
  const std::uint32_t weekday = kByHour[static_cast<std::size_t>(local.minute / 60)];
  return local.weekday >= 5 ? weekday * 7 / 10 : weekday;
}

}  // namespace weir::traffic
