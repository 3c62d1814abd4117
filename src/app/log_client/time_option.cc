#include "app/log_client/time_option.h"

#include "base/text.h"
#include "event/time.h"

namespace weir::app {

namespace {

constexpr std::int64_t kMilliseconds100Years = 100LL * 366 * 86'400 * 1000;

std::optional<std::int64_t> parse_ago(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto number = parse_int(text.substr(0, text.size() - 1));
  const std::int64_t unit = text.back() == 's'   ? 1'000
                            : text.back() == 'm' ? 60'000
                            : text.back() == 'h' ? 3'600'000
                            : text.back() == 'd' ? 86'400'000
                                                 : 0;
  if (!number || unit == 0 || *number < 0 || *number > kMilliseconds100Years / unit) return std::nullopt;
  return *number * unit;
}

}  // namespace

Result<std::int64_t> parse_time_option(std::string_view option, std::string_view text, std::int64_t now) {
  if (const auto ago = parse_ago(text)) return now - *ago;
  auto time = event::parse_iso_time(text);
  // A date alone is its first moment.
  if (!time) time = event::parse_iso_time(fmt::format("{}T00:00:00Z", text));
  if (!time) time = event::parse_epoch_time(text);
  if (!time) {
    return fail(ErrorKind::user, "{} {}: write a time such as 2026-01-02T03:04:05Z, or 10m, 2h, 7d for that long ago",
                option, text);
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(time->time_since_epoch()).count();
}

}  // namespace weir::app
