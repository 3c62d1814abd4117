#include "event/time.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace weir::event {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

// Exactly `digits` decimal digits off the front of `text`, or -1.
int take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

}  // namespace

int take_number(std::string_view& text, std::size_t digits_max) {
  int value = 0;
  std::size_t count = 0;
  while (count < digits_max && count < text.size() && is_digit(text[count])) value = value * 10 + (text[count++] - '0');
  text.remove_prefix(count);
  return count == 0 ? -1 : value;
}

int take_fraction(std::string_view& text) {
  int value = 0;
  for (int scale = 100'000; !text.empty() && is_digit(text.front()); scale /= 10, text.remove_prefix(1)) {
    value += (text.front() - '0') * scale;
  }
  return value;
}

std::optional<EventTime> to_event_time(const CivilTime& civil, seconds zone_offset) {
  const std::chrono::year_month_day date{std::chrono::year{civil.year},
                                         std::chrono::month{static_cast<unsigned>(civil.month)},
                                         std::chrono::day{static_cast<unsigned>(civil.day)}};
  if (civil.year < 1 || civil.year > 9999 || !date.ok()) return std::nullopt;
  if (civil.hour < 0 || civil.hour > 23 || civil.minute < 0 || civil.minute > 59) return std::nullopt;
  if (civil.second < 0 || civil.second > 60) return std::nullopt;
  const seconds of_day{civil.hour * 3600 + civil.minute * 60 + civil.second};
  return EventTime(std::chrono::sys_days(date)) + of_day - zone_offset + microseconds(civil.microsecond);
}

std::optional<seconds> parse_zone_offset(std::string_view text) {
  if (text == "Z" || text == "z") return seconds{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 18) return std::nullopt;
  int minutes = 0;
  if (!text.empty()) {
    take(text, ':');
    minutes = take_digits(text, 2);
    if (minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  }
  return seconds{sign * (hours * 3600 + minutes * 60)};
}

std::optional<EventTime> parse_iso_time(std::string_view text, seconds zone_offset) {
  CivilTime civil;
  if ((civil.year = take_digits(text, 4)) < 0 || !take(text, '-')) return std::nullopt;
  if ((civil.month = take_digits(text, 2)) < 0 || !take(text, '-')) return std::nullopt;
  if ((civil.day = take_digits(text, 2)) < 0) return std::nullopt;
  if (!text.empty()) {
    if (!take(text, 'T') && !take(text, ' ') && !take(text, 't')) return std::nullopt;
    if ((civil.hour = take_digits(text, 2)) < 0 || !take(text, ':')) return std::nullopt;
    if ((civil.minute = take_digits(text, 2)) < 0) return std::nullopt;
    if (take(text, ':')) {
      if ((civil.second = take_digits(text, 2)) < 0) return std::nullopt;
      if (take(text, '.') || take(text, ',')) {
        if (text.empty() || !is_digit(text.front())) return std::nullopt;
        civil.microsecond = take_fraction(text);
      }
    }
    take(text, ' ');
    if (!text.empty()) {
      const auto zone = text == "UTC" || text == "GMT" ? seconds{0} : parse_zone_offset(text);
      if (!zone) return std::nullopt;
      zone_offset = *zone;
    }
  }
  return to_event_time(civil, zone_offset);
}

namespace {

// In nanoseconds some year beyond 2200: no log has a time beyond.
constexpr std::int64_t kEpochMax = 9'000'000'000'000'000'000;

}  // namespace

std::optional<EventTime> parse_epoch_time(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = parse_int(text.substr(0, dot));
  if (!whole || *whole > kEpochMax || *whole < -kEpochMax) return std::nullopt;
  std::string_view fraction = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  for (const char c : fraction) {
    if (!is_digit(c)) return std::nullopt;
  }
  // Seconds stay below 10^11 (the year 5138), milliseconds below 10^14, microseconds below 10^17.
  const std::int64_t magnitude = std::abs(*whole);
  if (magnitude < 100'000'000'000) {
    const int micros = take_fraction(fraction);
    return EventTime(seconds(*whole)) + microseconds(text.starts_with('-') ? -micros : micros);
  }
  if (magnitude < 100'000'000'000'000) {
    return EventTime(microseconds(*whole * 1000 + take_fraction(fraction) / 1000));
  }
  if (magnitude < 100'000'000'000'000'000) return EventTime(microseconds(*whole));
  return EventTime(microseconds(*whole / 1000));
}

int month_of_name(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                               "jul", "aug", "sep", "oct", "nov", "dec"};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (equals_ignoring_case(name, kMonths[i])) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::string format_time(EventTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::int64_t of_day = (time - day).count();
  const std::int64_t second = of_day / 1'000'000;
  const std::int64_t micros = of_day % 1'000'000;
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                                second / 60 % 60, second % 60);
  out += micros % 1000 == 0 ? fmt::format("{:03}Z", micros / 1000) : fmt::format("{:06}Z", micros);
  return out;
}

}  // namespace weir::event
