#include "traffic/demand.h"

#include <algorithm>

namespace weir::traffic {
namespace {

using std::chrono::microseconds;

constexpr std::uint32_t kUsualUsers = 200;
constexpr std::int64_t kSampledStepsMax = 96;
constexpr std::uint64_t kSampledArrivals = 15'000;  // Over all sampled steps, for each stream.
constexpr std::uint64_t kThousand = 1000;

// Expected events of a period, in thousandths.
struct Demand {
  std::uint64_t fixed = 0;  // At fixed times: logons, cron. Not multiplied.
  std::uint64_t arriving = 0;
};

// What one step of one stream brings; `share` is how much of the step lies in the period.
void add_step(Stream& stream, const Presence& presence, microseconds share, std::uint64_t weight, std::uint64_t samples,
              Demand& demand) {
  const EventTime begin = presence.time();
  Timeline timeline(begin, EventTime::max());
  const Intensity intensity = stream.begin_step(presence, timeline);
  const std::uint64_t fixed = timeline.added();
  const auto part = [&](std::uint64_t value) {
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(value) *
                                      static_cast<std::uint64_t>(share.count()) /
                                      static_cast<std::uint64_t>(microseconds(kStep).count()));
  };
  demand.fixed += part(fixed * kThousand * weight);
  if (intensity == 0) return;
  for (std::uint64_t i = 0; i < samples; ++i) stream.arrive(begin, timeline);
  const std::uint64_t records = timeline.added() - fixed;                      // Of so many arrivals.
  const std::uint64_t arrivals = intensity / (std::chrono::hours(1) / kStep);  // Thousandths, in one step.
  demand.arriving += part(arrivals * weight * records / samples);
}

Demand measure(const Settings& settings, const Company& company) {
  const Period period{settings.start, settings.start + settings.duration};
  const EventTime first = first_step(period);
  const std::int64_t steps = (period.end - first + kStep - microseconds(1)) / kStep;
  const std::int64_t stride = (steps + kSampledStepsMax - 1) / kSampledStepsMax;
  const std::uint64_t samples = kSampledArrivals / static_cast<std::uint64_t>(std::min(steps, kSampledStepsMax));
  Presence presence(company);
  Demand demand;
  std::vector<std::unique_ptr<Stream>> streams;
  for (const Source source : kSources) {
    if (settings.sources[index_of(source)])
      streams.push_back(make_stream(source, company, mix(settings.seed, "demand")));
  }
  for (std::int64_t step = 0; step < steps; step += stride) {
    const EventTime begin = first + step * kStep;
    const microseconds share = std::min<EventTime>(begin + kStep, period.end) - std::max(begin, period.start);
    presence.move_to(begin);
    const auto weight = static_cast<std::uint64_t>(std::min(stride, steps - step));
    for (const std::unique_ptr<Stream>& stream : streams) add_step(*stream, presence, share, weight, samples, demand);
  }
  return demand;
}

// Thousandths of events that the rate asks for.
std::uint64_t wanted(const Settings& settings) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(settings.events_per_second) *
                                    static_cast<std::uint64_t>(settings.duration.count()) / kThousand);
}

}  // namespace

std::uint64_t Scale::mean_gap(Intensity intensity) const {
  constexpr unsigned __int128 kThousandHours = 3'600'000'000'000'000;  // Nanoseconds.
  if (intensity == 0 || numerator == 0) return 0;
  const unsigned __int128 gap = kThousandHours * denominator / (static_cast<unsigned __int128>(intensity) * numerator);
  return static_cast<std::uint64_t>(std::clamp<unsigned __int128>(gap, 1, std::uint64_t{1} << 56));
}

EventTime first_step(Period period) {
  using Quarters = std::chrono::duration<std::int64_t, std::ratio<900>>;
  return std::chrono::floor<Quarters>(period.start);
}

std::uint32_t choose_users(const Settings& settings) {
  if (settings.users > 0) return settings.users;
  if (settings.events_per_second == 0) return kUsualUsers;
  const Demand usual = measure(settings, make_company(settings.seed, kUsualUsers));
  const std::uint64_t events = std::max<std::uint64_t>(1, usual.fixed + usual.arriving);
  const auto users = static_cast<unsigned __int128>(kUsualUsers) * wanted(settings) / events;
  return static_cast<std::uint32_t>(std::clamp<unsigned __int128>(users, 20, kUsersMax));
}

Scale choose_scale(const Settings& settings, const Company& company) {
  if (settings.events_per_second == 0) return {};
  const Demand natural = measure(settings, company);
  const std::uint64_t target = wanted(settings);
  return {target > natural.fixed ? target - natural.fixed : 0, std::max<std::uint64_t>(1, natural.arriving)};
}

}  // namespace weir::traffic
