#include "formats/text_time.h"

#include "formats/lines.h"

namespace weir::formats {
namespace {

using event::CivilTime;
using event::EventTime;
using event::take_fraction;
using event::take_number;
using std::chrono::seconds;

// "10:05:03" with an optional fraction.
bool take_clock(std::string_view& text, CivilTime& civil) {
  if ((civil.hour = take_number(text, 2)) < 0 || !take(text, ':')) return false;
  if ((civil.minute = take_number(text, 2)) < 0 || !take(text, ':')) return false;
  if ((civil.second = take_number(text, 2)) < 0) return false;
  if (take(text, '.') || take(text, ',')) civil.microsecond = take_fraction(text);
  return true;
}

int take_month_name(std::string_view& text) {
  const int month = text.size() < 3 ? 0 : event::month_of_name(text.substr(0, 3));
  if (month > 0) text.remove_prefix(3);
  return month;
}

// A zone at the end of a time, or nothing there.
std::optional<seconds> take_zone(std::string_view text, seconds otherwise) {
  skip_blanks(text);
  if (text.empty()) return otherwise;
  if (text == "UTC" || text == "GMT") return seconds{0};
  return event::parse_zone_offset(text);
}

// 29 February exists in one year of four, or of eight around 1900 and 2100.
constexpr int kYearsBackMax = 8;

std::optional<EventTime> in_latest_year(CivilTime civil, const Options& options) {
  constexpr std::chrono::hours kAheadMax{24};
  const std::chrono::year_month_day newest{std::chrono::floor<std::chrono::days>(options.newest + kAheadMax)};
  const int newest_year = static_cast<int>(newest.year()) + 1;  // A zone may reach into the next year.
  for (civil.year = newest_year; civil.year >= newest_year - kYearsBackMax; --civil.year) {
    const auto time = event::to_event_time(civil, options.zone_offset);
    if (time && *time <= options.newest + kAheadMax) return time;
  }
  return std::nullopt;
}

// "01/31/2024 10:00:00", perhaps "AM" or "PM" behind it; "31/01/2024" is read as what it must be.
std::optional<EventTime> parse_slash_time(std::string_view text, const Options& options) {
  CivilTime civil;
  if ((civil.month = take_number(text, 2)) < 0 || !take(text, '/')) return std::nullopt;
  if ((civil.day = take_number(text, 2)) < 0 || !take(text, '/')) return std::nullopt;
  if ((civil.year = take_number(text, 4)) < 1000) return std::nullopt;
  if (civil.month > 12) std::swap(civil.month, civil.day);
  take(text, ',');
  skip_blanks(text);
  if (!text.empty() && !take_clock(text, civil)) return std::nullopt;
  skip_blanks(text);
  if (text.starts_with("AM") || text.starts_with("PM")) {
    if (civil.hour < 1 || civil.hour > 12) return std::nullopt;
    civil.hour = civil.hour % 12 + (text.front() == 'P' ? 12 : 0);
    text.remove_prefix(2);
  }
  const auto zone = take_zone(text, options.zone_offset);
  return zone ? event::to_event_time(civil, *zone) : std::nullopt;
}

// The names in the order in which they are tried; "time" alone comes after the full ones.
constexpr std::string_view kTimeNames[] = {
    "@timestamp", "timestamp",  "Timestamp", "UtcTime", "TimeCreated",  "EventTime",     "event_time",
    "eventTime",  "datetime",   "DateTime",  "ts",      "CreationTime", "TimeGenerated", "_time",
    "StartTime",  "start_time", "rt",        "devTime", "eventtime",    "itime",         "Date",
    "Time",       "t",          "when",      "epoch",   "log_time"};

}  // namespace

std::optional<EventTime> parse_access_time(std::string_view text, seconds zone_offset) {
  CivilTime civil;
  std::string_view rest = text;
  civil.day = take_number(rest, 2);
  if (civil.day < 0 || !take(rest, '/')) return event::parse_iso_time(text, zone_offset);
  if ((civil.month = take_month_name(rest)) == 0 || !take(rest, '/')) return std::nullopt;
  if ((civil.year = take_number(rest, 4)) < 0) return std::nullopt;
  if (!take(rest, ':') && !take(rest, ' ')) return std::nullopt;
  if (!take_clock(rest, civil)) return std::nullopt;
  const auto zone = take_zone(rest, zone_offset);
  return zone ? event::to_event_time(civil, *zone) : std::nullopt;
}

std::optional<EventTime> parse_syslog_time(std::string_view text, const Options& options) {
  CivilTime civil;
  if ((civil.month = take_month_name(text)) == 0) return event::parse_iso_time(text, options.zone_offset);
  skip_blanks(text);
  if ((civil.day = take_number(text, 2)) < 0) return std::nullopt;
  take(text, ',');
  skip_blanks(text);
  int year = 0;
  if (text.size() > 4 && text[4] == ' ' && all_digits(text.substr(0, 4))) {
    year = take_number(text, 4);
    skip_blanks(text);
  }
  if (!take_clock(text, civil)) return std::nullopt;
  const auto zone = take_zone(text, options.zone_offset);
  if (!zone) return std::nullopt;
  if (year == 0 && !options.year) return in_latest_year(civil, options);
  civil.year = year == 0 ? *options.year : year;
  return event::to_event_time(civil, *zone);
}

std::optional<EventTime> parse_any_time(std::string_view text, const Options& options) {
  text = trim(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.size() < 8) return std::nullopt;
  if (const auto time = event::parse_iso_time(text, options.zone_offset)) return time;
  if (kind_of(text) == event::ValueKind::number) return event::parse_epoch_time(text);
  if (const auto time = parse_access_time(text, options.zone_offset)) return time;
  if (const auto time = parse_syslog_time(text, options)) return time;
  return parse_slash_time(text, options);
}

TimeFields::TimeFields(event::FieldNames& names) : date_(names.resolve("date")), time_(names.resolve("time")) {
  static_assert(std::size(kTimeNames) == kCount);
  for (std::size_t i = 0; i < kCount; ++i) fields_[i] = names.resolve(kTimeNames[i]);
}

std::optional<EventTime> TimeFields::time_of(event::Batch& batch, const event::Row& row, const Options& options) const {
  for (const event::Field* field : fields_) {
    const auto text = find_text(batch, row, field);
    if (!text) continue;
    if (const auto time = parse_any_time(*text, options)) return time;
  }
  const auto time_text = find_text(batch, row, time_);
  const auto date_text = find_text(batch, row, date_);
  if (date_text && time_text) {
    // Both are read from a copy of at most this many bytes, so that nothing is allocated.
    std::array<char, 64> joined;
    if (date_text->size() + time_text->size() + 1 > joined.size()) return std::nullopt;
    char* out = std::ranges::copy(*date_text, joined.data()).out;
    *out++ = ' ';
    out = std::ranges::copy(*time_text, out).out;
    return parse_any_time({joined.data(), out}, options);
  }
  const auto single = time_text ? time_text : date_text;
  return single ? parse_any_time(*single, options) : std::nullopt;
}

}  // namespace weir::formats
