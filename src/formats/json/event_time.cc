#include "formats/json/event_time.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/text.h"

namespace weir::formats::json {
namespace {

using event::EventTime;

// In order of precedence. A shipper's "@timestamp" is often the time of arrival, so Windows' own come before it;
// Sysmon's UtcTime names its zone, NXLog's EventTime does not.
constexpr auto kTimeFields = std::to_array<std::string_view>({
    "TimeCreated_SystemTime",
    "TimeCreated",
    "@timestamp",
    "UtcTime",
    "eventTime",
    "EventTime",
    "TimeGenerated",
    "TimeGenerated[UTC]",
    "createdDateTime",
    "activityDateTime",
    "ActivityDateTime",
    "eventTimestamp",
    "event_timestamp",
    "CreationTime",
    "CreationDate",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "published",
    "ts",
    "timestamp",
    "Timestamp",
    "protoPayload.requestMetadata.requestAttributes.time",
    "time",
    "Time",
    "_time",
    "__REALTIME_TIMESTAMP",
    "timeUnixNano",
    "created_at",
    "createdAt",
    "utc_time",
    "datetime",
    "date",
    "EventReceivedTime",
    "_write_ts",
});

std::size_t rank_of(std::string_view name) {
  static const std::unordered_map<std::string_view, std::size_t> kRanks = [] {
    std::unordered_map<std::string_view, std::size_t> ranks;
    for (std::size_t i = 0; i < kTimeFields.size(); ++i) ranks.emplace(kTimeFields[i], i);
    return ranks;
  }();
  const auto it = kRanks.find(name);
  return it == kRanks.end() ? kTimeFields.size() : it->second;
}

// 100 nanoseconds since 1601-01-01, as Windows and Active Directory count; told by their magnitude, which as
// nanoseconds since 1970 would lie in the years 1973 to 1980.
std::optional<EventTime> parse_file_time(std::string_view text) {
  constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000;
  const auto ticks = parse_int(text);
  if (!ticks || *ticks < kUnixEpoch || *ticks > 320'000'000'000'000'000) return std::nullopt;
  return EventTime(std::chrono::microseconds((*ticks - kUnixEpoch) / 10));
}

// "8/5/2020, 7:48:17.592 AM" or "08/05/2020 07:48:17": month first.
std::optional<EventTime> parse_american_time(std::string_view text, std::chrono::seconds zone_offset) {
  event::CivilTime civil;
  civil.month = event::take_number(text, 2);
  if (!take(text, '/')) return std::nullopt;
  civil.day = event::take_number(text, 2);
  if (!take(text, '/')) return std::nullopt;
  civil.year = event::take_number(text, 4);
  take(text, ',');
  if (!take(text, ' ')) return std::nullopt;
  civil.hour = event::take_number(text, 2);
  if (!take(text, ':')) return std::nullopt;
  civil.minute = event::take_number(text, 2);
  if (take(text, ':')) civil.second = event::take_number(text, 2);
  if (take(text, '.')) civil.microsecond = event::take_fraction(text);
  const bool morning = take(text, " AM");
  const bool afternoon = !morning && take(text, " PM");
  if (!text.empty() || civil.month < 0 || civil.day < 0) return std::nullopt;
  if ((morning || afternoon) && (civil.hour < 1 || civil.hour > 12)) return std::nullopt;
  if (morning && civil.hour == 12) civil.hour = 0;
  if (afternoon && civil.hour < 12) civil.hour += 12;
  return event::to_event_time(civil, zone_offset);
}

}  // namespace

std::optional<EventTime> parse_json_time(std::string_view text, std::chrono::seconds zone_offset) {
  text = trim(text);
  if (const auto time = event::parse_iso_time(text, zone_offset)) return time;
  if (text.starts_with("/Date(") && text.ends_with(")/")) text = text.substr(6, text.size() - 8);
  if (const auto time = parse_file_time(text)) return time;
  if (const auto time = event::parse_epoch_time(text)) return time;
  return parse_american_time(text, zone_offset);
}

std::optional<EventTime> TimeFields::time_of(event::Batch& batch, const event::Row& row) const {
  std::array<event::Cell*, kTimeFields.size()> found{};
  for (event::Cell& cell : batch.cells(row)) {
    const std::size_t rank = rank_of(cell.field->name);
    if (rank < found.size() && found[rank] == nullptr) found[rank] = &cell;
  }
  for (event::Cell* const cell : found) {
    if (cell == nullptr || (cell->kind != event::ValueKind::string && cell->kind != event::ValueKind::number)) continue;
    const bool utc = cell->field->name == "UtcTime" || cell->field->name == "TimeGenerated[UTC]";
    if (const auto time = parse_json_time(batch.text(*cell), utc ? std::chrono::seconds{0} : zone_offset_)) return time;
  }
  return std::nullopt;
}

}  // namespace weir::formats::json
