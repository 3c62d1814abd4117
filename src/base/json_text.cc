#include "base/json_text.h"

#include <array>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "base/utf8.h"

namespace weir {
namespace {

// Four hexadecimal digits at the front of `text`, or -1.
int take_hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

// Decodes what follows `\u`; moves `text` past it and writes UTF-8 to `out`.
std::size_t unescape_unicode(std::string_view& text, char* out) {
  const int high = take_hex4(text);
  if (high < 0) {
    out[0] = '\\';
    out[1] = 'u';
    return 2;
  }
  text.remove_prefix(4);
  char32_t code_point = static_cast<char32_t>(high);
  if (high >= 0xD800 && high < 0xE000) {
    code_point = kReplacement;
    if (high < 0xDC00 && text.starts_with("\\u")) {
      const int low = take_hex4(text.substr(2));
      if (low >= 0xDC00 && low < 0xE000) {
        code_point = 0x10000 + (static_cast<char32_t>(high - 0xD800) << 10) + static_cast<char32_t>(low - 0xDC00);
        text.remove_prefix(6);
      }
    }
  }
  return encode_utf8(code_point, out);
}

}  // namespace

std::size_t unescape_json(std::string_view text, char* out) {
  char* const begin = out;
  while (!text.empty()) {
    const void* found = std::memchr(text.data(), '\\', text.size());
    const std::size_t plain = found ? static_cast<const char*>(found) - text.data() : text.size();
    std::memmove(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.size() < 2) break;  // The end, or a lone backslash, which no valid JSON string ends with.
    const char c = text[1];
    text.remove_prefix(2);
    switch (c) {
      case 'b': *out++ = '\b'; break;
      case 'f': *out++ = '\f'; break;
      case 'n': *out++ = '\n'; break;
      case 'r': *out++ = '\r'; break;
      case 't': *out++ = '\t'; break;
      case 'u': out += unescape_unicode(text, out); break;
      case '"':
      case '\\':
      case '/': *out++ = c; break;
      default:  // No escape of JSON: as it stands, as in a Windows path that was never escaped.
        *out++ = '\\';
        *out++ = c;
    }
  }
  return static_cast<std::size_t>(out - begin);
}

namespace {

// Bytes that stand for themselves inside a JSON string, as far as one byte can tell.
constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain < text.size() && kIsPlain[static_cast<unsigned char>(text[plain])]) ++plain;
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text.front()) >= 0x80) {
      append_utf8(out, take_code_point(text));
    } else {
      append_escaped(out, text.front());
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

JsonWriter& JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();  // JSON has no infinities.
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace weir
