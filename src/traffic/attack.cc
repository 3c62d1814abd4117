#include "traffic/attack.h"

#include <numeric>

namespace weir::traffic {

using std::chrono::microseconds;

std::optional<EventTime> Stage::moment(microseconds needed) {
  const microseconds room = period_.end - period_.start - needed;
  if (room <= microseconds(0)) return std::nullopt;
  const auto draw = static_cast<unsigned __int128>(random_.next()) * static_cast<std::uint64_t>(room.count());
  return period_.start + microseconds(static_cast<std::int64_t>(draw >> 64));
}

std::optional<Stage::Scene> Stage::scene(std::span<const std::uint32_t> users, microseconds needed) {
  constexpr int kTries = 400;
  constexpr std::uint32_t kBusy = 900;
  std::optional<Scene> scene;
  for (int i = 0; i < kTries && !users.empty(); ++i) {
    const User& user = company_.users[random_.pick(users)];
    const std::optional<EventTime> time = moment(needed);
    if (!time) return std::nullopt;
    const LocalTime local = local_time(user.office->zone, *time);
    const WorkDay today = work_day(company_, user, local.day, local.weekday);
    scene = Scene{&user, *time, today.at_home};
    if (activity_at(user, today, local.minute) >= kBusy) return scene;
  }
  return scene;
}

std::optional<Stage::Scene> Stage::scene(microseconds needed) {
  std::vector<std::uint32_t> everyone(company_.users.size());
  std::iota(everyone.begin(), everyone.end(), 0u);
  return scene(everyone, needed);
}

std::vector<Attack> plan_attacks(const Company& company, Period period, std::uint64_t seed) {
  std::vector<Attack> attacks;
  for (const auto scenarios : {web_scenarios(), proxy_scenarios(), windows_scenarios(), cloud_scenarios(),
                               shell_scenarios(), business_scenarios()}) {
    for (const Scenario& scenario : scenarios) {
      Stage stage(company, period, mix(mix(seed, "attack"), scenario.id));
      if (std::optional<Attack> attack = scenario.play(stage)) {
        attack->id = scenario.id;
        attacks.push_back(std::move(*attack));
      }
    }
  }
  return attacks;
}

}  // namespace weir::traffic
