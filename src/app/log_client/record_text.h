#pragma once

// Records as text: the lines that `weir produce` takes, and what `weir consume` prints. The JSON form goes through both
// without loss (docs/cli.md). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "kafka/consumer.h"

namespace weir::app {

struct LineForm {
  std::optional<std::string> key_separator;  // What stands between key and value; nothing: no key.
  bool has_headers = false;                  // "name:value,name:value<tab>" comes first.
  bool is_json = false;
};

struct ParsedRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::int64_t timestamp = 0;  // Milliseconds since 1970; 0: none.
  std::int32_t partition = -1;

  bool operator==(const ParsedRecord&) const = default;
};

// ErrorKind::user with what is wrong.
Result<ParsedRecord> parse_record_line(std::string_view line, const LineForm& form);

// What stands before a value in raw form, each with a tab behind it.
struct Printed {
  bool timestamp = false;
  bool partition = false;
  bool offset = false;
  bool headers = false;
  bool key = false;
};

// The record's bytes and a line's end. `is_for_eyes`: with control characters escaped, as a terminal needs it.
void append_raw_record(std::string& out, const kafka::IncomingRecord& record, const Printed& printed, bool is_for_eyes);

// One JSON object and a line's end. Bytes that are no UTF-8 stand as base64 in "value_base64" in place of "value"; keys
// and headers alike.
void append_json_record(std::string& out, const kafka::IncomingRecord& record);

}  // namespace weir::app
