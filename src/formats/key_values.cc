#include "formats/key_values.h"

#include "formats/lines.h"

namespace weir::formats {
namespace {

bool is_key_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '@' || c == '/' || c == '[' ||
         c == ']' || c == ':';
}

}  // namespace

bool LogfmtPairs::next(KeyValue& pair) {
  for (;;) {
    while (!rest_.empty() && (is_space(rest_.front()) || rest_.front() == ',')) rest_.remove_prefix(1);
    if (rest_.empty()) return false;
    std::size_t size = 0;
    while (size < rest_.size() && is_key_char(rest_[size])) ++size;
    if (size > 0 && size <= kNameBytesMax && size < rest_.size() && rest_[size] == '=') {
      pair.key = rest_.substr(0, size);
      rest_.remove_prefix(size + 1);
      break;
    }
    ++bare_words_;
    while (!rest_.empty() && !is_space(rest_.front())) rest_.remove_prefix(1);
  }
  pair.quoted = rest_.starts_with('"');
  if (pair.quoted) {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    end = std::min(end, rest_.size());
    pair.value = rest_.substr(1, end - 1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return true;
  }
  std::size_t end = 0;
  while (end < rest_.size() && !is_space(rest_[end])) ++end;
  pair.value = rest_.substr(0, end);
  rest_.remove_prefix(end);
  if (pair.value.ends_with(',')) pair.value.remove_suffix(1);
  return true;
}

namespace {

// Where the next "key=" begins at or after `from`, behind a blank (or at 0); npos if there is none.
std::size_t find_key(std::string_view text, std::size_t from) {
  for (std::size_t equals = text.find('=', from); equals != std::string_view::npos;
       equals = text.find('=', equals + 1)) {
    std::size_t start = equals;
    while (start > from && is_key_char(text[start - 1])) --start;
    const bool behind_blank = start == 0 || is_blank(text[start - 1]);
    if (start < equals && behind_blank && equals - start <= kNameBytesMax) return start;
  }
  return std::string_view::npos;
}

}  // namespace

CefPairs::CefPairs(std::string_view text) : rest_(text) {
  const std::size_t first = find_key(rest_, 0);
  rest_.remove_prefix(std::min(first, rest_.size()));
}

bool CefPairs::next(KeyValue& pair) {
  if (rest_.empty()) return false;
  pair.key = take_until(rest_, '=');
  const std::size_t end = find_key(rest_, 0);
  pair.value = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end, rest_.size()));
  while (!pair.value.empty() && is_space(pair.value.back())) pair.value.remove_suffix(1);
  return true;
}

std::string_view unescape_cef(std::string_view text, event::Batch& batch) {
  if (text.find('\\') == std::string_view::npos) return text;
  char* const start = batch.arena().allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char following = i + 1 < text.size() ? text[i + 1] : '\0';
    if (text[i] != '\\' || std::string_view("=|\\nr").find(following) == std::string_view::npos || following == '\0') {
      *out++ = text[i];
      continue;
    }
    *out++ = following == 'n' ? '\n' : following == 'r' ? '\r' : following;
    ++i;
  }
  return {start, out};
}

}  // namespace weir::formats
