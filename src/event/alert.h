#pragma once

// What a detection emits. One document for the command line, the topic `weir.alerts`, the store and the API;
// docs/formats/alert.md describes every member. Plain data that owns its text.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event/batch.h"
#include "event/time.h"

namespace weir::event {

struct AlertRule {
  std::string id;
  std::string title;
  std::string level;
  std::string author;  // The Detection Rule License asks every alert to name it.
  std::string version;
  std::vector<std::string> tags;
};

struct AlertEvent {
  std::string source;  // File or topic.
  std::int32_t partition = 0;
  std::uint64_t offset = 0;  // Of a file: the line or record number, from 1.
  std::optional<EventTime> time;
  std::string fields = "{}";  // A JSON object.
  std::string raw;
};

struct AlertReason {
  std::string field;  // Empty: a keyword.
  std::string value;
  std::string matched;  // "contains 'sekurlsa'".
};

struct Alert {
  std::string id;
  std::uint32_t revision = 1;
  bool open = false;  // `episode`.
  bool final = true;
  std::string status = "new";
  std::string kind = "match";
  std::optional<EventTime> time;
  AlertRule rule;
  std::vector<std::pair<std::string, std::string>> group;
  std::optional<EventTime> window_start;
  std::optional<EventTime> window_end;
  std::uint64_t window_count = 1;
  std::vector<AlertEvent> events;
  std::vector<AlertReason> why;
};

// The id of the alert that `rule_id` raises for `group` beginning with the event at this place: the same whenever and
// wherever it is computed. In UUID form (version 8, RFC 9562).
std::string alert_id(std::string_view rule_id, const std::vector<std::pair<std::string, std::string>>& group,
                     std::string_view source, std::int32_t partition, std::uint64_t offset);

// One line of JSON without newline.
std::string to_json(const Alert& alert);

// The row's cells as a JSON object: several cells of one field become an array, numbers and booleans stay such.
std::string fields_to_json(Batch& batch, const Row& row);

}  // namespace weir::event
