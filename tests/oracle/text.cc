#include "oracle/text.h"

#include <locale.h>
#include <wctype.h>

#include "base/check.h"

namespace weir::oracle {

namespace {

// The length that a lead byte announces and the smallest code point that may be written so (RFC 3629, section 3).
struct Lead {
  int length = 0;
  char32_t bits = 0;
  char32_t least = 0;
};

Lead read_lead(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xC0 && byte < 0xE0) return {2, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF8) return {4, byte & 0x07u, 0x10000};
  return {};
}

// The code point at the front of `text` and its length in bytes; length 0 if it is malformed.
std::pair<char32_t, int> read_code_point(std::string_view text) {
  const Lead lead = read_lead(static_cast<unsigned char>(text.front()));
  if (lead.length == 0 || text.size() < static_cast<std::size_t>(lead.length)) return {0, 0};
  char32_t code_point = lead.bits;
  for (int i = 1; i < lead.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[static_cast<std::size_t>(i)]);
    if ((byte & 0xC0) != 0x80) return {0, 0};
    code_point = code_point << 6 | (byte & 0x3Fu);
  }
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < lead.least || code_point > 0x10FFFF || surrogate) return {0, 0};
  return {code_point, lead.length};
}

locale_t unicode_locale() {
  static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  CHECK(kLocale != nullptr);
  return kLocale;
}

char32_t fold_one(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  // The Turkish dotted capital and dotless small i fold to nothing else in the statuses C and S.
  if (c == 0x130 || c == 0x131 || c >= kMalformed) return c;
  // Up and down again joins what shares a capital: s and ſ, k and the Kelvin sign, the two small sigmas.
  return towlower_l(towupper_l(static_cast<wint_t>(c), unicode_locale()), unicode_locale());
}

}  // namespace

std::u32string decode(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    const auto [code_point, length] = read_code_point(utf8);
    if (length == 0) {
      out.push_back(kMalformed + static_cast<unsigned char>(utf8.front()));
      utf8.remove_prefix(1);
    } else {
      out.push_back(code_point);
      utf8.remove_prefix(static_cast<std::size_t>(length));
    }
  }
  return out;
}

std::u32string fold(std::u32string_view text) {
  std::u32string out(text);
  for (char32_t& c : out) c = fold_one(c);
  return out;
}

bool SigmaText::has_wildcard() const {
  for (const Piece& piece : pieces) {
    if (piece.kind != Piece::Kind::bytes) return true;
  }
  return false;
}

std::string SigmaText::plain() const {
  std::string out;
  for (const Piece& piece : pieces) out += piece.bytes;
  return out;
}

void SigmaText::open_front() {
  pieces.insert(pieces.begin(), Piece{Piece::Kind::any_run, {}});
}

void SigmaText::open_back() {
  pieces.push_back(Piece{Piece::Kind::any_run, {}});
}

SigmaText parse_sigma_text(std::string_view written) {
  SigmaText text;
  std::string bytes;
  const auto end_bytes = [&] {
    if (!bytes.empty()) text.pieces.push_back({Piece::Kind::bytes, std::move(bytes)});
    bytes.clear();
  };
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    const char next = i + 1 < written.size() ? written[i + 1] : '\0';
    if (c == '\\' && (next == '*' || next == '?' || next == '\\')) {
      bytes.push_back(next);
      ++i;
    } else if (c == '*' || c == '?') {
      end_bytes();
      text.pieces.push_back({c == '*' ? Piece::Kind::any_run : Piece::Kind::any_one, {}});
    } else {
      bytes.push_back(c);
    }
  }
  end_bytes();
  return text;
}

std::u32string to_pattern(const SigmaText& text, bool cased) {
  std::u32string pattern;
  for (const Piece& piece : text.pieces) {
    if (piece.kind == Piece::Kind::bytes) {
      const std::u32string literal = decode(piece.bytes);
      pattern += cased ? literal : fold(literal);
    } else {
      pattern.push_back(piece.kind == Piece::Kind::any_run ? kAnyRun : kAnyOne);
    }
  }
  return pattern;
}

bool fits(std::u32string_view pattern, std::u32string_view value) {
  // On a mismatch the latest `*` takes one more character; earlier ones need not move, since whatever they could gain
  // the latest can gain too.
  std::size_t p = 0;
  std::size_t v = 0;
  std::size_t run = std::u32string_view::npos;  // Behind the latest `*`.
  std::size_t run_end = 0;                      // Where in the value that `*` ends for now.
  while (v < value.size()) {
    if (p < pattern.size() && pattern[p] == kAnyRun) {
      run = ++p;
      run_end = v;
    } else if (p < pattern.size() && (pattern[p] == kAnyOne || pattern[p] == value[v])) {
      ++p;
      ++v;
    } else if (run != std::u32string_view::npos) {
      p = run;
      v = ++run_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == kAnyRun) ++p;
  return p == pattern.size();
}

}  // namespace weir::oracle
