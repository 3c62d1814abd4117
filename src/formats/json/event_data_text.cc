#include "formats/json/event_data_text.h"

#include <array>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::formats::json {
namespace {

constexpr std::uint32_t kElementsMax = 4096;

// The five entities of XML 1.0, section 4.6, and character references; anything else stays as it is.
std::optional<char32_t> code_point_of(std::string_view entity) {
  static constexpr auto kNamed = std::to_array<std::pair<std::string_view, char32_t>>(
      {{"amp", U'&'}, {"lt", U'<'}, {"gt", U'>'}, {"quot", U'"'}, {"apos", U'\''}});
  for (const auto& [name, code_point] : kNamed) {
    if (entity == name) return code_point;
  }
  if (!entity.starts_with('#') || entity.size() < 2) return std::nullopt;
  const bool hexadecimal = entity[1] == 'x';
  char32_t value = 0;
  for (const char c : entity.substr(hexadecimal ? 2 : 1)) {
    const int digit = hexadecimal ? hex_value(c) : is_digit(c) ? c - '0' : -1;
    if (digit < 0 || value > 0x10FFFF) return std::nullopt;
    value = value * (hexadecimal ? 16 : 10) + static_cast<char32_t>(digit);
  }
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return std::nullopt;
  return value;
}

// A character is never longer than the entity that stands for it, so the text's own size is room enough.
std::string_view unescaped(std::string_view text, Arena& arena) {
  if (text.find('&') == std::string_view::npos) return text;
  char* const begin = arena.allocate(text.size());
  char* out = begin;
  while (!text.empty()) {
    const std::size_t semicolon = text.front() == '&' ? text.substr(0, 12).find(';') : std::string_view::npos;
    const auto code_point =
        semicolon == std::string_view::npos ? std::nullopt : code_point_of(text.substr(1, semicolon - 1));
    if (code_point) {
      out += encode_utf8(*code_point, out);
      text.remove_prefix(semicolon + 1);
    } else {
      *out++ = text.front();
      text.remove_prefix(1);
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
