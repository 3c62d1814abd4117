#include "traffic/calendar.h"

namespace weir::traffic {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;

bool is_european_summer(EventTime time) {
  using namespace std::chrono;
  const year y = year_month_day(floor<days>(time)).year();
  const EventTime begin = sys_days(y / March / Sunday[last]) + hours(1);
  const EventTime end = sys_days(y / October / Sunday[last]) + hours(1);
  return begin <= time && time < end;
}

// Clocks change at 2:00 of the local time that ends.
bool is_american_summer(EventTime time, minutes standard) {
  using namespace std::chrono;
  const year y = year_month_day(floor<days>(time + standard)).year();
  const EventTime begin = sys_days(y / March / Sunday[2]) + hours(2) - standard;
  const EventTime end = sys_days(y / November / Sunday[1]) + hours(1) - standard;
  return begin <= time && time < end;
}

}  // namespace

minutes offset_at(const Zone& zone, EventTime time) {
  const bool summer = (zone.daylight == Daylight::european && is_european_summer(time)) ||
                      (zone.daylight == Daylight::american && is_american_summer(time, zone.standard));
  return zone.standard + (summer ? minutes(60) : minutes(0));
}

LocalTime local_time(const Zone& zone, EventTime time) {
  const EventTime local = time + offset_at(zone, time);
  const sys_days day = floor<days>(local);
  const unsigned iso = std::chrono::weekday(day).iso_encoding();
  return {day.time_since_epoch().count(), static_cast<int>(floor<minutes>(local - day).count()),
          static_cast<int>(iso) - 1};
}

EventTime moment(const Zone& zone, std::int64_t day, int minute) {
  const EventTime naive = sys_days(days(day)) + minutes(minute);
  return naive - offset_at(zone, naive - zone.standard);
}

}  // namespace weir::traffic
