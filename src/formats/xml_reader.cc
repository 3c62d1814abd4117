#include "formats/xml_reader.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::formats {
namespace {

constexpr std::string_view kCDataBegin = "<![CDATA[";
constexpr std::string_view kCDataEnd = "]]>";
constexpr std::string_view kDoctype = "<!DOCTYPE";

bool ends_name(char c) {
  return is_space(c) || c == '>' || c == '/' || c == '=' || c == '<';
}

}  // namespace

char predefined_entity(std::string_view name) {
  struct Entity {
    std::string_view name;
    char character;
  };
  static constexpr std::array<Entity, 5> kEntities = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const Entity& entity : kEntities) {
    if (name == entity.name) return entity.character;
  }
  return 0;
}

char32_t resolve_reference(std::string_view name) {
  if (const char entity = predefined_entity(name); entity != 0) return static_cast<char32_t>(entity);
  if (!name.starts_with('#')) return 0;
  const bool is_hex = name.size() > 1 && name[1] == 'x';
  char32_t code_point = 0;
  for (const char c : name.substr(is_hex ? 2 : 1)) {
    const int digit = hex_value(c);
    if (digit < 0 || (!is_hex && digit > 9)) return 0;
    code_point = code_point * (is_hex ? 16 : 10) + static_cast<char32_t>(digit);
    if (code_point > 0x10FFFF) return 0;
  }
  // A surrogate is no character (XML 1.0, section 2.2), but the record around it is worth reading.
  return code_point >= 0xD800 && code_point < 0xE000 ? kReplacement : code_point;
}

std::size_t end_of_section(std::string_view bytes, std::size_t position) {
  struct Section {
    std::string_view begin;
    std::string_view end;
  };
  static constexpr std::array<Section, 3> kSections = {{{"<!--", "-->"}, {kCDataBegin, kCDataEnd}, {"<?", "?>"}}};
  const std::string_view rest = bytes.substr(position);
  for (const Section& section : kSections) {
    if (!rest.starts_with(section.begin)) continue;
    const std::size_t end = rest.find(section.end, section.begin.size());
    return end == std::string_view::npos ? bytes.size() : position + end + section.end.size();
  }
  return position;
}

XmlReader::Token XmlReader::next() {
  if (is_empty_element_) {
    is_empty_element_ = false;
    return Token::close;
  }
  while (position_ < bytes_.size()) {
    if (bytes_[position_] != '<') return take_text();
    const std::string_view rest = bytes_.substr(position_);
    if (rest.starts_with("</")) return take_close();
    if (rest.starts_with(kCDataBegin)) return take_cdata();
    if (rest.starts_with(kDoctype)) return error("XML with a DOCTYPE is not read");
    const std::size_t end = end_of_section(bytes_, position_);
    if (end == position_) return take_open();
    position_ = end;
  }
  return Token::end;
}

XmlReader::Token XmlReader::error(std::string_view reason) {
  reason_ = reason;
  return Token::error;
}

XmlReader::Token XmlReader::take_text() {
  const std::size_t end = std::min(bytes_.find('<', position_), bytes_.size());
  const std::string_view raw = bytes_.substr(position_, end - position_);
  if (!resolve(raw, text_)) return error("XML entity is unknown");
  position_ = end;
  return Token::text;
}

XmlReader::Token XmlReader::take_cdata() {
  const std::size_t begin = position_ + kCDataBegin.size();
  const std::size_t end = bytes_.find(kCDataEnd, begin);
  if (end == std::string_view::npos) return error("XML CDATA section never ends");
  text_ = bytes_.substr(begin, end - begin);
  position_ = end + kCDataEnd.size();
  return Token::text;
}

XmlReader::Token XmlReader::take_close() {
  position_ += 2;
  name_ = take_name();
  skip_blanks();
  if (name_.empty() || position_ == bytes_.size() || bytes_[position_] != '>') return error("XML tag is damaged");
  ++position_;
  return Token::close;
}

XmlReader::Token XmlReader::take_open() {
  ++position_;
  name_ = take_name();
  attributes_.clear();
  if (name_.empty()) return error("XML tag is damaged");
  while (true) {
    skip_blanks();
    const std::string_view rest = bytes_.substr(position_);
    if (rest.starts_with('>')) {
      ++position_;
      return Token::open;
    }
    if (rest.starts_with("/>")) {
      position_ += 2;
      is_empty_element_ = true;
      return Token::open;
    }
    if (!take_attribute()) return error("XML attribute is damaged");
  }
}

bool XmlReader::take_attribute() {
  XmlAttribute attribute;
  attribute.name = take_name();
  skip_blanks();
  if (attribute.name.empty() || position_ == bytes_.size() || bytes_[position_] != '=') return false;
  ++position_;
  skip_blanks();
  if (position_ == bytes_.size()) return false;
  const char quote = bytes_[position_];
  const std::size_t end = quote == '"' || quote == '\'' ? bytes_.find(quote, position_ + 1) : std::string_view::npos;
  if (end == std::string_view::npos) return false;
  if (!resolve(bytes_.substr(position_ + 1, end - position_ - 1), attribute.value)) return false;
  position_ = end + 1;
  attributes_.push_back(attribute);
  return true;
}

std::string_view XmlReader::take_name() {
  const std::size_t begin = position_;
  while (position_ < bytes_.size() && !ends_name(bytes_[position_])) ++position_;
  return bytes_.substr(begin, position_ - begin);
}

void XmlReader::skip_blanks() {
  while (position_ < bytes_.size() && is_space(bytes_[position_])) ++position_;
}

// A reference is never shorter than what it stands for.
bool XmlReader::resolve(std::string_view raw, std::string_view& text) {
  std::size_t ampersand = raw.find('&');
  if (ampersand == std::string_view::npos) {
    text = raw;
    return true;
  }
  char* const begin = arena_.allocate(raw.size());
  char* out = begin;
  while (ampersand != std::string_view::npos) {
    out = std::copy_n(raw.data(), ampersand, out);
    const std::size_t semicolon = raw.find(';', ampersand);
    if (semicolon == std::string_view::npos) return false;
    const char32_t code_point = resolve_reference(raw.substr(ampersand + 1, semicolon - ampersand - 1));
    if (code_point == 0) return false;
    out += encode_utf8(code_point, out);
    raw.remove_prefix(semicolon + 1);
    ampersand = raw.find('&');
  }
  out = std::copy_n(raw.data(), raw.size(), out);
  text = {begin, static_cast<std::size_t>(out - begin)};
  return true;
}

}  // namespace weir::formats
