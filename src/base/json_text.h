#pragma once

// JSON strings (RFC 8259, section 7), in both directions. Readers of whole documents stand in `formats`.

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Decodes the inside of a JSON string (no quotes) into `out`, which must hold text.size() bytes; returns the bytes
// written. A lone surrogate becomes U+FFFD; a backslash that begins no escape stands for itself.
std::size_t unescape_json(std::string_view text, char* out);

// Appends `text` as a quoted JSON string: control characters escaped, malformed UTF-8 replaced by U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// Writes one JSON document piece by piece and places the commas. Keys and values alternate inside objects; the caller
// closes what it opened.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // Text that is JSON already.
  JsonWriter& raw(std::string_view json);

 private:
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace weir
