#include "app/log_client/record_text.h"

#include <simdjson.h>

#include "app/terminal.h"
#include "base/base64.h"
#include "base/json_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "event/time.h"

namespace weir::app {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

Result<void> take_headers(std::string_view& line, ParsedRecord& record) {
  const std::size_t tab = line.find('\t');
  if (tab == std::string_view::npos) return fail(ErrorKind::user, "no tab behind the headers");
  const std::string_view headers = line.substr(0, tab);
  line.remove_prefix(tab + 1);
  if (headers.empty()) return {};
  for (const std::string_view header : split(headers, ',')) {
    const std::size_t colon = header.find(':');
    if (colon == std::string_view::npos) return fail(ErrorKind::user, "header '{}' has no ':'", header);
    record.headers.emplace_back(header.substr(0, colon), header.substr(colon + 1));
  }
  return {};
}

Result<std::optional<std::string>> text_of(std::string_view name, element value) {
  switch (value.type()) {
    case element_type::NULL_VALUE: return std::nullopt;
    case element_type::STRING: return std::string(std::string_view(value));
    default: return fail(ErrorKind::user, "\"{}\" is neither text nor null", name);
  }
}

Result<std::optional<std::string>> bytes_of(std::string_view name, element value) {
  const auto bytes = value.is_string() ? from_base64(std::string_view(value)) : std::nullopt;
  if (!bytes) return fail(ErrorKind::user, "\"{}\" is no base64", name);
  return bytes;
}

// Milliseconds since 1970, or ISO 8601.
Result<std::int64_t> timestamp_of(element value) {
  if (value.is_null()) return 0;
  if (value.is_int64() && std::int64_t(value) >= 0) return std::int64_t(value);
  const auto time = value.is_string() ? event::parse_iso_time(std::string_view(value)) : std::nullopt;
  if (!time) return fail(ErrorKind::user, "\"timestamp\" is neither milliseconds since 1970 nor a time in ISO 8601");
  return std::chrono::duration_cast<std::chrono::milliseconds>(time->time_since_epoch()).count();
}

Result<std::int32_t> partition_of(element value) {
  if (value.is_null()) return -1;
  if (!value.is_int64() || std::int64_t(value) < 0 || std::int64_t(value) > 0x7FFFFFFF) {
    return fail(ErrorKind::user, "\"partition\" is no partition's number");
  }
  return static_cast<std::int32_t>(std::int64_t(value));
}

Result<void> read_header(element entry, ParsedRecord& record) {
  if (!entry.is_object()) return fail(ErrorKind::user, "\"headers\" holds something that is no object");
  std::optional<std::string> name;
  std::optional<std::string> value;
  for (const auto& [member, content] : simdjson::dom::object(entry)) {
    if (member == "key") {
      TRY(name, text_of(member, content));
    } else if (member == "value") {
      TRY(value, text_of(member, content));
    } else if (member == "value_base64") {
      TRY(value, bytes_of(member, content));
    } else {
      return fail(ErrorKind::user, "unknown member \"{}\" in a header", member);
    }
  }
  if (!name) return fail(ErrorKind::user, "a header has no \"key\"");
  record.headers.emplace_back(std::move(*name), std::move(value));
  return {};
}

// A list of {"key", "value"}, since names may come twice, or for short an object.
Result<void> read_headers(element value, ParsedRecord& record) {
  if (value.is_null()) return {};
  if (value.is_array()) {
    for (const element entry : simdjson::dom::array(value)) TRY(read_header(entry, record));
    return {};
  }
  if (!value.is_object()) return fail(ErrorKind::user, "\"headers\" is neither a list nor an object");
  for (const auto& [name, content] : simdjson::dom::object(value)) {
    TRY(auto text, text_of(name, content));
    record.headers.emplace_back(name, std::move(text));
  }
  return {};
}

Result<void> read_member(std::string_view name, element value, ParsedRecord& record) {
  if (name == "key") {
    TRY(record.key, text_of(name, value));
  } else if (name == "key_base64") {
    TRY(record.key, bytes_of(name, value));
  } else if (name == "value") {
    // An object is stored as its JSON text.
    if (value.is_object() || value.is_array()) {
      record.value = simdjson::minify(value);
      return {};
    }
    TRY(record.value, text_of(name, value));
  } else if (name == "value_base64") {
    TRY(record.value, bytes_of(name, value));
  } else if (name == "headers") {
    return read_headers(value, record);
  } else if (name == "timestamp") {
    TRY(record.timestamp, timestamp_of(value));
  } else if (name == "partition") {
    TRY(record.partition, partition_of(value));
  } else if (name != "topic" && name != "offset") {  // Which `consume` writes; they are not taken over.
    return fail(ErrorKind::user, "unknown member \"{}\"", name);
  }
  return {};
}

Result<ParsedRecord> parse_json_line(std::string_view line) {
  thread_local simdjson::dom::parser parser;
  element document;
  const auto error = parser.parse(line.data(), line.size()).get(document);
  if (error != simdjson::SUCCESS) return fail(ErrorKind::user, "no JSON: {}", simdjson::error_message(error));
  if (!document.is_object()) return fail(ErrorKind::user, "no JSON object");
  ParsedRecord record;
  bool has_value = false;
  for (const auto& [name, value] : simdjson::dom::object(document)) {
    has_value |= name == "value" || name == "value_base64";
    TRY(read_member(name, value, record));
  }
  if (!has_value) return fail(ErrorKind::user, "no \"value\"; a tombstone has \"value\": null");
  return record;
}

void append_bytes(JsonWriter& json, const std::string& name, const std::optional<std::string_view>& bytes) {
  if (!bytes) {
    json.key(name).null();
  } else if (is_utf8(*bytes)) {
    json.key(name).string(*bytes);
  } else {
    json.key(name + "_base64").string(to_base64(*bytes));
  }
}

}  // namespace

Result<ParsedRecord> parse_record_line(std::string_view line, const LineForm& form) {
  if (form.is_json) return parse_json_line(line);
  ParsedRecord record;
  if (form.has_headers) TRY(take_headers(line, record));
  if (form.key_separator) {
    const std::size_t at = line.find(*form.key_separator);
    if (at == std::string_view::npos) return fail(ErrorKind::user, "no '{}' behind a key", *form.key_separator);
    record.key = line.substr(0, at);
    line.remove_prefix(at + form.key_separator->size());
  }
  record.value = line;
  return record;
}

void append_raw_record(std::string& out, const kafka::IncomingRecord& record, const Printed& printed,
                       bool is_for_eyes) {
  const auto append = [&](const std::optional<std::string_view>& bytes) {
    out += !bytes ? "null" : is_for_eyes ? visible(*bytes) : std::string(*bytes);
  };
  if (printed.timestamp) {
    const event::EventTime time{std::chrono::milliseconds(record.timestamp)};
    out += (record.timestamp < 0 ? "-" : event::format_time(time)) + "\t";
  }
  if (printed.partition) out += fmt::format("{}\t", record.partition);
  if (printed.offset) out += fmt::format("{}\t", record.offset);
  if (printed.headers) {
    for (std::size_t i = 0; i < record.headers.size(); ++i) {
      if (i > 0) out += ',';
      append(record.headers[i].first);
      out += ':';
      append(record.headers[i].second);
    }
    out += '\t';
  }
  if (printed.key) {
    append(record.key);
    out += '\t';
  }
  append(record.value);
  out += '\n';
}

void append_json_record(std::string& out, const kafka::IncomingRecord& record) {
  JsonWriter json(out);
  json.begin_object().key("topic").string(record.topic);
  json.key("partition").number(static_cast<std::int64_t>(record.partition)).key("offset").number(record.offset);
  json.key("timestamp");
  if (record.timestamp < 0) {
    json.null();
  } else {
    json.number(record.timestamp);
  }
  json.key("headers").begin_array();
  for (const auto& [name, value] : record.headers) {
    json.begin_object().key("key").string(name);
    append_bytes(json, "value", value);
    json.end_object();
  }
  json.end_array();
  append_bytes(json, "key", record.key);
  append_bytes(json, "value", record.value);
  json.end_object();
  out += '\n';
}

}  // namespace weir::app
