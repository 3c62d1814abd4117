#include "oracle/encoding.h"

#include <cstdint>

#include "base/utf8.h"

namespace weir::oracle {

namespace {

constexpr char32_t kDashes[] = {U'-', U'/', U'\u2013', U'\u2014', U'\u2015'};

bool is_dash(char32_t c) {
  for (const char32_t dash : kDashes) {
    if (c == dash) return true;
  }
  return false;
}

bool is_word(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The places within one piece: a dash with no word character before it and one behind it. A wildcard is none.
std::vector<std::size_t> option_places(const std::u32string& text) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const bool after_word = i > 0 && is_word(text[i - 1]);
    if (is_dash(text[i]) && !after_word && is_word(text[i + 1])) places.push_back(i);
  }
  return places;
}

std::string encode(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    if (c >= kMalformed) {
      out.push_back(static_cast<char>(c - kMalformed));
    } else {
      append_utf8(out, c);
    }
  }
  return out;
}

// Bit `index` of the bytes, the most significant first.
int bit(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index / 8]) >> (7 - index % 8) & 1;
}

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char base64_digit(std::string_view bytes, std::size_t first_bit) {
  std::size_t number = 0;
  for (std::size_t i = first_bit; i < first_bit + 6; ++i) {
    number = number * 2 + (i / 8 < bytes.size() ? static_cast<std::size_t>(bit(bytes, i)) : 0);
  }
  return kAlphabet[number];
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  for (std::size_t first_bit = 0; first_bit < bytes.size() * 8; first_bit += 6) {
    out.push_back(base64_digit(bytes, first_bit));
  }
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::vector<std::string> base64_at_offsets(std::string_view bytes) {
  std::vector<std::string> all;
  for (std::size_t offset = 0; offset < 3; ++offset) {
    const std::string shifted = std::string(offset, ' ') + std::string(bytes);
    std::string digits;
    // A digit depends on our bytes alone if its six bits all lie within them.
    for (std::size_t first_bit = 0; first_bit + 6 <= shifted.size() * 8; first_bit += 6) {
      if (first_bit >= offset * 8) digits.push_back(base64_digit(shifted, first_bit));
    }
    if (!digits.empty()) all.push_back(digits);
  }
  return all;
}

std::string utf16(std::string_view utf8, bool big_endian) {
  std::string out;
  const auto put = [&](char32_t unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 0xFF);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  for (const char32_t c : decode(utf8)) {
    if (c >= 0x10000 && c < kMalformed) {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      put(c >= kMalformed ? U'\uFFFD' : c);
    }
  }
  return out;
}

std::size_t windash_places(const SigmaText& text) {
  std::size_t count = 0;
  for (const Piece& piece : text.pieces) count += option_places(decode(piece.bytes)).size();
  return count;
}

std::vector<SigmaText> windash(const SigmaText& text) {
  std::vector<SigmaText> all{text};
  for (std::size_t p = 0; p < text.pieces.size(); ++p) {
    for (const std::size_t place : option_places(decode(text.pieces[p].bytes))) {
      std::vector<SigmaText> more;
      for (const SigmaText& one : all) {
        for (const char32_t dash : kDashes) {
          std::u32string piece = decode(one.pieces[p].bytes);
          piece[place] = dash;
          more.push_back(one);
          more.back().pieces[p].bytes = encode(piece);
        }
      }
      all = std::move(more);
    }
  }
  return all;
}

}  // namespace weir::oracle
