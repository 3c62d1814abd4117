#include "base/utf8.h"

namespace weir {

char32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t size = 1;
  char32_t code_point = first;
  char32_t least = 0;
  if (first >= 0xF0) {
    size = 4;
    code_point = first & 0x07;
    least = 0x10000;
  } else if (first >= 0xE0) {
    size = 3;
    code_point = first & 0x0F;
    least = 0x800;
  } else if (first >= 0x80) {
    size = 2;
    code_point = first & 0x1F;
    least = 0x80;
  }
  bool valid = first < 0x80 || (first >= 0xC2 && first <= 0xF4 && text.size() >= size);
  for (std::size_t i = 1; valid && i < size; ++i) {
    valid = (byte(i) & 0xC0) == 0x80;
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  valid = valid && code_point >= least && code_point <= 0x10FFFF && !(code_point >= 0xD800 && code_point < 0xE000);
  text.remove_prefix(valid ? size : 1);
  return valid ? code_point : kReplacement;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const bool is_replacement = bytes.starts_with("\xEF\xBF\xBD");
    if (take_code_point(bytes) == kReplacement && !is_replacement) return false;
  }
  return true;
}

std::size_t encode_utf8(char32_t c, char* out) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0 | c >> 6);
    out[1] = static_cast<char>(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0 | c >> 12);
    out[1] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out[2] = static_cast<char>(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | c >> 18);
  out[1] = static_cast<char>(0x80 | (c >> 12 & 0x3F));
  out[2] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
  out[3] = static_cast<char>(0x80 | (c & 0x3F));
  return 4;
}

void append_utf8(std::string& out, char32_t code_point) {
  char bytes[4];
  out.append(bytes, encode_utf8(code_point, bytes));
}

std::string repaired_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) append_utf8(out, take_code_point(bytes));
  return out;
}

void append_utf16le(std::string& out, std::string_view bytes) {
  const auto unit = [&](std::size_t i) -> char32_t {
    return static_cast<unsigned char>(bytes[i]) | static_cast<char32_t>(static_cast<unsigned char>(bytes[i + 1])) << 8;
  };
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      const bool paired = c < 0xDC00 && i + 3 < bytes.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) < 0xE000;
      if (paired) {
        c = 0x10000 + ((c - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
        i += 2;
      } else {
        c = kReplacement;
      }
    }
    append_utf8(out, c);
  }
  if (i < bytes.size()) append_utf8(out, kReplacement);
}

}  // namespace weir
