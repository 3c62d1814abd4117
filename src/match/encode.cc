#include "match/encode.h"

#include <algorithm>
#include <cstdint>

#include "base/utf8.h"

namespace weir::match {
namespace {

constexpr std::string_view kBase64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};

void append_code_units(std::string& out, std::string_view utf8, bool big_endian) {
  const auto append = [&](char32_t unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  while (!utf8.empty()) {
    const char32_t code_point = take_code_point(utf8);
    if (code_point < 0x10000) {
      append(code_point);
    } else {
      append(0xD800 + ((code_point - 0x10000) >> 10));
      append(0xDC00 + ((code_point - 0x10000) & 0x3FF));
    }
  }
}

// Options are spelt in ASCII: docs/semantics-sigma.md.
bool is_word(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_dash(std::string_view character) {
  return std::ranges::find(kDashes, character) != std::end(kDashes);
}

struct Slice {
  std::string_view text;
  bool is_option_dash;
};

// Cuts the text around the dashes that begin an option.
std::vector<Slice> cut_at_options(std::string_view text) {
  std::vector<Slice> slices;
  std::string_view rest = text;
  const char* plain_begin = text.data();
  bool after_word = false;
  while (!rest.empty()) {
    const char* begin = rest.data();
    const char32_t code_point = take_code_point(rest);
    const std::string_view character(begin, rest.data());
    std::string_view following = rest;
    if (!after_word && is_dash(character) && !rest.empty() && is_word(take_code_point(following))) {
      slices.push_back({std::string_view(plain_begin, begin), false});
      slices.push_back({character, true});
      plain_begin = rest.data();
    }
    after_word = is_word(code_point);
  }
  slices.push_back({std::string_view(plain_begin, text.data() + text.size()), false});
  return slices;
}

// The `choice`-th dash for a place where `written` stands: first what is written, then the others.
std::string_view dash_choice(std::string_view written, std::size_t choice) {
  if (choice == 0) return written;
  const auto own = static_cast<std::size_t>(std::ranges::find(kDashes, written) - std::begin(kDashes));
  return kDashes[choice <= own ? choice - 1 : choice];
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= count ? kBase64Alphabet[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

std::array<std::string, 3> base64_offsets(std::string_view bytes) {
  // A character of the code carries 6 bits. In front, the first 0, 2 or 3 characters also carry bits of the 0, 1 or 2
  // bytes before; behind, a last incomplete group of 1 or 2 bytes leaves 1 or 2 characters that carry no foreign bits.
  constexpr std::size_t kFront[] = {0, 2, 3};
  constexpr std::size_t kBack[] = {0, 3, 2};
  std::array<std::string, 3> out;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string whole = base64(std::string(shift, ' ').append(bytes));
    const std::size_t end = whole.size() - kBack[(bytes.size() + shift) % 3];
    if (end > kFront[shift]) out[shift] = whole.substr(kFront[shift], end - kFront[shift]);
  }
  return out;
}

std::string utf16le(std::string_view utf8) {
  std::string out;
  append_code_units(out, utf8, false);
  return out;
}

std::string utf16be(std::string_view utf8) {
  std::string out;
  append_code_units(out, utf8, true);
  return out;
}

std::string utf16(std::string_view utf8) {
  std::string out = "\xFF\xFE";
  append_code_units(out, utf8, false);
  return out;
}

std::vector<std::string> windash(std::string_view text, std::size_t limit) {
  const std::vector<Slice> slices = cut_at_options(text);
  std::vector<std::size_t> choices(slices.size(), 0);
  std::vector<std::string> texts;
  while (texts.size() < limit) {
    std::string& made = texts.emplace_back();
    for (std::size_t i = 0; i < slices.size(); ++i) {
      made += slices[i].is_option_dash ? dash_choice(slices[i].text, choices[i]) : slices[i].text;
    }
    // Counts on, the first dash fastest.
    std::size_t place = 0;
    while (place < slices.size() && (!slices[place].is_option_dash || choices[place] + 1 == std::size(kDashes))) {
      choices[place++] = 0;
    }
    if (place == slices.size()) break;
    ++choices[place];
  }
  return texts;
}

}  // namespace weir::match
