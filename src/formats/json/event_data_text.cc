#include "formats/json/event_data_text.h"

#include <algorithm>

#include "base/utf8.h"
#include "formats/xml_reader.h"

namespace weir::formats::json {
namespace {

constexpr std::uint32_t kElementsMax = 4096;

// Resolves references; anything else stays as it is. A character is never longer than the reference that stands for it,
// so the text's own size is room enough.
std::string_view unescaped(std::string_view text, Arena& arena) {
  if (text.find('&') == std::string_view::npos) return text;
  char* const begin = arena.allocate(text.size());
  char* out = begin;
  while (!text.empty()) {
    const std::size_t ampersand = std::min(text.find('&'), text.size());
    out = std::copy_n(text.data(), ampersand, out);
    text.remove_prefix(ampersand);
    if (text.empty()) break;
    // The next ampersand ends the search: no byte is looked at for two references.
    const std::size_t end = std::min(text.find_first_of("&;", 1), text.size());
    const char32_t code_point = end < text.size() && text[end] == ';' ? resolve_reference(text.substr(1, end - 1)) : 0;
    if (code_point != 0) {
      out += encode_utf8(code_point, out);
      text.remove_prefix(end + 1);
    } else {
      out = std::copy_n(text.data(), end, out);
      text.remove_prefix(end);
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

// The value of Name="…" in a start tag.
std::string_view name_attribute(std::string_view tag) {
  const std::size_t at = tag.find("Name=");
  if (at == std::string_view::npos || at + 6 > tag.size()) return {};
  const char quote = tag[at + 5];
  if (quote != '"' && quote != '\'') return {};
  const std::size_t end = tag.find(quote, at + 6);
  return end == std::string_view::npos ? std::string_view() : tag.substr(at + 6, end - at - 6);
}

}  // namespace

std::uint32_t add_event_data(std::string_view xml, PathTree& paths, event::Batch& batch) {
  constexpr std::string_view kOpen = "<Data";
  constexpr std::string_view kClose = "</Data>";
  std::uint32_t added = 0;
  while (added < kElementsMax) {
    const std::size_t open = xml.find(kOpen);
    if (open == std::string_view::npos) break;
    xml.remove_prefix(open + kOpen.size());
    if (xml.empty() || (xml.front() != ' ' && xml.front() != '>' && xml.front() != '/')) continue;  // <DataItem>
    const std::size_t bracket = xml.find('>');
    if (bracket == std::string_view::npos) break;
    const std::string_view tag = xml.substr(0, bracket);
    xml.remove_prefix(bracket + 1);
    std::string_view value;
    if (!tag.ends_with('/')) {
      const std::size_t close = xml.find(kClose);
      if (close == std::string_view::npos) break;
      value = xml.substr(0, close);
      xml.remove_prefix(close + kClose.size());
    }
    const std::string_view name = unescaped(name_attribute(tag), batch.arena());
    batch.add(paths.field(name.empty() ? "Data" : name), event::ValueKind::string, unescaped(value, batch.arena()));
    ++added;
  }
  return added;
}

}  // namespace weir::formats::json
