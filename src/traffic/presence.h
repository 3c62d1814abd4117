#pragma once

// Who is at work right now. Time advances in steps of a quarter of an hour; all streams of one run look at the same
// Presence, so a user who is on holiday is absent from every log. One thread.

#include <chrono>
#include <cstdint>
#include <vector>

#include "traffic/company.h"

namespace weir::traffic {

inline constexpr std::chrono::minutes kStep{15};

// One user's day: a function of (seed, user, day).
struct WorkDay {
  bool works = false;
  bool at_home = false;
  int start = 0;  // Minutes of the local day; the end may lie past midnight.
  int end = 0;
  int lunch = 0;
};

WorkDay work_day(const Company& company, const User& user, std::int64_t day, int weekday);

// How busy: 0 (away) to 1000, with a ramp in the morning, a dip at lunch and perhaps some mail at night.
std::uint32_t activity_at(const User& user, const WorkDay& today, int minute);

class Presence {
 public:
  explicit Presence(const Company& company);

  // Moves to the step that begins at `time`.
  void move_to(EventTime time);

  EventTime time() const { return time_; }
  std::uint32_t activity(std::uint32_t user) const { return activity_[user]; }
  bool at_home(std::uint32_t user) const { return days_[user].at_home; }
  // Users whose work begins, or ends, within this step, with the moment.
  struct Turn {
    std::uint32_t user;
    EventTime time;
  };
  const std::vector<Turn>& arrivals() const { return arrivals_; }
  const std::vector<Turn>& departures() const { return departures_; }

 private:
  const Company& company_;
  EventTime time_{};
  std::vector<std::uint16_t> activity_;
  std::vector<std::int64_t> day_of_;  // The local day that days_ was worked out for.
  std::vector<WorkDay> days_;
  std::vector<Turn> arrivals_;
  std::vector<Turn> departures_;
};

}  // namespace weir::traffic
