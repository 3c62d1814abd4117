#pragma once

// The logs that a company writes; each is one file.

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::traffic {

enum class Source : std::uint8_t { proxy, auth, windows, cloud, web, sharing, transfers };

inline constexpr std::size_t kSourceCount = 7;
inline constexpr std::array<Source, kSourceCount> kSources = {
    Source::proxy, Source::auth, Source::windows, Source::cloud, Source::web, Source::sharing, Source::transfers};

using SourceSet = std::bitset<kSourceCount>;

constexpr std::size_t index_of(Source source) {
  return static_cast<std::size_t>(source);
}

// "proxy", "auth", …: what people type.
std::string_view name_of(Source source);
std::optional<Source> find_source(std::string_view name);
// "proxy.log", "auth.log", "windows.jsonl", …
std::string_view file_of(Source source);
// What the file's bytes are, for people.
std::string_view description_of(Source source);

}  // namespace weir::traffic
