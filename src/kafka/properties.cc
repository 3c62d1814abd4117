#include "kafka/properties.h"

#include "base/text.h"
#include "base/utf8.h"

namespace weir::kafka {

namespace {

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\f';
}

// One line without its end; `text` begins after it.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(line.size());
  if (!take(text, "\r\n") && !text.empty()) text.remove_prefix(1);
  return line;
}

std::string_view without_leading_white(std::string_view text) {
  while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
  return text;
}

bool is_continued(std::string_view line) {
  std::size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

// Where the key ends: at the first '=', ':' or blank that no backslash stands before.
std::size_t key_end(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (line[at] == '=' || line[at] == ':' || is_white(line[at])) {
      return at;
    }
  }
  return line.size();
}

std::string_view value_after(std::string_view rest) {
  rest = without_leading_white(rest);
  if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) rest.remove_prefix(1);
  return without_leading_white(rest);
}

Result<char32_t> take_unicode(std::string_view& text, int line) {
  char32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = text.empty() ? -1 : hex_value(text.front());
    if (digit < 0) return fail(ErrorKind::user, "{}: \\u takes four hexadecimal digits", line);
    unit = unit << 4 | static_cast<char32_t>(digit);
    text.remove_prefix(1);
  }
  return unit;
}

Result<void> append_unicode(std::string& out, std::string_view& text, int line) {
  TRY(char32_t c, take_unicode(text, line));
  if (c >= 0xD800 && c < 0xDC00 && take(text, "\\u")) {
    TRY(const char32_t low, take_unicode(text, line));
    c = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00) : kReplacement;
  }
  append_utf8(out, c >= 0xD800 && c < 0xE000 ? kReplacement : c);
  return {};
}

Result<std::string> unescaped(std::string_view text, int line) {
  std::string out;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\\' || text.empty()) {
      if (c != '\\') out += c;
      continue;
    }
    const char escaped = text.front();
    text.remove_prefix(1);
    switch (escaped) {
      case 't': out += '\t'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 'f': out += '\f'; break;
      case 'u': TRY(append_unicode(out, text, line)); break;
      default: out += escaped;
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Property>> parse_properties(std::string_view text) {
  if (text.size() > kPropertiesBytesMax) return fail(ErrorKind::user, "1: more than {} bytes", kPropertiesBytesMax);
  std::vector<Property> properties;
  int number = 0;
  while (!text.empty()) {
    std::string logical(without_leading_white(take_line(text)));
    const int first = ++number;
    if (logical.empty() || logical.front() == '#' || logical.front() == '!') continue;
    while (is_continued(logical)) {
      logical.pop_back();
      if (text.empty()) break;
      logical += without_leading_white(take_line(text));
      ++number;
    }
    const std::string_view line = logical;
    const std::size_t end = key_end(line);
    TRY(auto key, unescaped(line.substr(0, end), first));
    TRY(auto value, unescaped(value_after(line.substr(end)), first));
    properties.push_back({std::move(key), std::move(value), first});
  }
  return properties;
}

}  // namespace weir::kafka
