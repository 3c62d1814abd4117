#include "traffic/presence.h"

#include "traffic/random.h"

namespace weir::traffic {
namespace {

constexpr std::uint32_t kAwayPermille = 60;  // Holidays and illness.
constexpr int kLunchMinutes = 45;

}  // namespace

WorkDay work_day(const Company& company, const User& user, std::int64_t day, int weekday) {
  Random random(mix(mix(mix(company.seed, "day"), user.number), static_cast<std::uint64_t>(day)));
  WorkDay today;
  today.works = (user.work_days >> weekday & 1) != 0 && !random.chance(kAwayPermille);
  today.at_home = (user.home_days >> weekday & 1) != 0;
  today.start = user.start_minute + static_cast<int>(random.between(-12, 18));
  today.end = today.start + user.work_minutes + static_cast<int>(random.between(-20, 35));
  today.lunch = user.lunch_minute + static_cast<int>(random.between(-10, 15));
  if (user.start_minute >= 12 * 60) today.lunch = user.start_minute + 240;
  return today;
}

std::uint32_t activity_at(const User& user, const WorkDay& today, int minute) {
  if (!today.works) return 0;
  if (minute < today.start || minute >= today.end) {
    const bool reads_mail = user.evening && minute >= 20 * 60 + 30 && minute < 22 * 60 + 30;
    return reads_mail ? 90 : 0;
  }
  if (minute >= today.lunch && minute < today.lunch + kLunchMinutes) return 180;
  if (minute < today.start + 30) return 650;
  if (minute >= today.end - 30) return 500;
  return 1000;
}

Presence::Presence(const Company& company)
    : company_(company),
      activity_(company.users.size()),
      day_of_(company.users.size(), -1'000'000),
      days_(company.users.size()) {}

void Presence::move_to(EventTime time) {
  time_ = time;
  arrivals_.clear();
  departures_.clear();
  for (const User& user : company_.users) {
    const LocalTime local = local_time(user.office->zone, time);
    const std::uint32_t n = user.number;
    if (day_of_[n] != local.day) {
      day_of_[n] = local.day;
      days_[n] = work_day(company_, user, local.day, local.weekday);
    }
    const WorkDay& today = days_[n];
    activity_[n] = static_cast<std::uint16_t>(activity_at(user, today, local.minute));
    const auto within = [&](int minute) {
      return today.works && minute >= local.minute && minute < local.minute + kStep.count();
    };
    if (within(today.start)) arrivals_.push_back({n, time + std::chrono::minutes(today.start - local.minute)});
    if (within(today.end)) departures_.push_back({n, time + std::chrono::minutes(today.end - local.minute)});
  }
}

}  // namespace weir::traffic
