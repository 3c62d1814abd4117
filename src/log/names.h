#pragma once

// Names of files in a partition's folder (docs/formats/log.md).

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace weir::log {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kIndexSuffix = ".index";
inline constexpr std::string_view kAbortedSuffix = ".aborted";
inline constexpr std::string_view kProducersSuffix = ".producers";
inline constexpr std::string_view kCleanedSuffix = ".cleaned";
inline constexpr std::string_view kSwapSuffix = ".swap";
inline constexpr std::size_t kOffsetDigits = 20;

inline std::string segment_file(std::int64_t base, std::string_view suffix) {
  return fmt::format("{:020}{}", base, suffix);
}

inline std::string swap_file(std::int64_t base, std::int64_t end) {
  return fmt::format("{:020}-{:020}{}", base, end, kSwapSuffix);
}

// The number that the first 20 characters of `name` write, if they do.
inline std::optional<std::int64_t> offset_at(std::string_view name) {
  std::int64_t offset = 0;
  if (name.size() < kOffsetDigits) return std::nullopt;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kOffsetDigits, offset);
  if (error != std::errc() || end != name.data() + kOffsetDigits || offset < 0) return std::nullopt;
  return offset;
}

// The offset that a name of 20 digits and `suffix` stands for.
inline std::optional<std::int64_t> offset_in(std::string_view name, std::string_view suffix) {
  return name.size() == kOffsetDigits + suffix.size() && name.ends_with(suffix) ? offset_at(name) : std::nullopt;
}

}  // namespace weir::log
