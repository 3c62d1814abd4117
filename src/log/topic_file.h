#pragma once

// The file `topic` in a topic's folder, and the folder's name (docs/formats/log.md). Pure but for the clock of the
// random ids.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace weir::log {

using TopicId = std::array<std::uint8_t, 16>;

inline constexpr std::string_view kTopicFile = "topic";
inline constexpr std::string_view kDeletedSuffix = ".deleted";

struct TopicFile {
  std::string name;
  TopicId id{};
  std::int32_t partitions = 0;
  std::map<std::string, std::string> settings;
};

std::string encode_topic(const TopicFile& topic);
Result<TopicFile> decode_topic(std::string_view bytes, const std::string& path);

std::string topic_folder(std::string_view name, const TopicId& id);

// 128 random bits, version 4 of RFC 9562; never one that Kafka keeps for itself, nor one whose text begins with '-'.
TopicId random_id();
// 22 characters, as Kafka writes ids.
std::string base64url(const TopicId& id);

}  // namespace weir::log
