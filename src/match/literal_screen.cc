#include "match/literal_screen.h"

#include <algorithm>
#include <bit>
#include <climits>
#include <cstring>

#include "base/text.h"
#include "match/fold.h"
#include "match/piece_rarity.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define WEIR_SCREEN_AVX2 1
#endif

namespace weir::match {
namespace {

constexpr std::size_t kBlockSize = 32;
constexpr std::size_t kShortest = 3;
// With more literals, half-bytes let through too much.
constexpr std::size_t kFewMax = 48;
// The first classes are for what makes other bytes mean a literal's bytes: "\u" has one, and the two characters beyond
// ASCII that fold to letters of ASCII, the long s (C5 BF) and the Kelvin sign (E2 84 AA), have another.
constexpr std::uint8_t kEscapes = 1;
constexpr std::uint8_t kFoldedLetters = 2;
constexpr std::uint8_t kDisguises = kEscapes | kFoldedLetters;
constexpr std::size_t kDisguiseClasses = 2;

// Written as an escape by some writers of JSON, for the sake of HTML.
constexpr std::string_view kEscapedForHtml = "<>&'+=";

// Bytes that stand in a JSON string as they are, or at most as "\u00…": no quote, backslash, slash or control.
bool is_plain(char byte) {
  const auto c = static_cast<unsigned char>(byte);
  return c >= 0x20 && c < 0x7F && std::string_view("\"\\/").find(byte) == std::string_view::npos;
}

// Bytes that hardly anything escapes. A literal is told by these if it can be, so that text that is full of escaped
// brackets is passed over too.
bool is_never_escaped(char byte) {
  return is_plain(byte) && kEscapedForHtml.find(byte) == std::string_view::npos;
}

// The rarest four bytes (three, if there are no four) of which all are `usable`, and what usable bytes follow; empty if
// there are none.
template <typename Usable>
std::string_view best_piece(std::string_view literal, Usable usable) {
  std::string_view best;
  int best_score = INT_MIN;
  for (std::size_t begin = 0; begin < literal.size();) {
    std::size_t end = begin;
    while (end < literal.size() && usable(literal[end])) ++end;
    const std::string_view run = literal.substr(begin, end - begin);
    if (run.size() == kShortest && best.empty()) best = run;
    for (std::size_t i = 0; i + 4 <= run.size(); ++i) {
      const int score = piece_rarity(run.data() + i);
      if (score > best_score) {
        best = run.substr(i);
        best_score = score;
      }
    }
    begin = end + 1;
  }
  return best;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lowered = to_lower(c);
  return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
}

// Whether "\u…" at `at` may stand for a byte of a piece. A pair of backslashes before the "u" is no escape.
bool is_disguise(std::string_view text, std::size_t at, bool html_matters) {
  if (text[at] != '\\') {
    const bool long_s = text.substr(at).starts_with("\xC5\xBF");
    return long_s || text.substr(at).starts_with("\xE2\x84\xAA");
  }
  if (at + 1 == text.size() || text[at + 1] != 'u') return false;
  std::size_t backslashes = 1;
  while (backslashes <= at && text[at - backslashes] == '\\') ++backslashes;
  if (backslashes % 2 == 0) return false;
  if (text.size() - at < 6) return true;
  int code = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return true;
    code = code * 16 + digit;
  }
  if (code < 0x80) return html_matters ? is_plain(static_cast<char>(code)) : is_never_escaped(static_cast<char>(code));
  return code == 0x17F || code == 0x212A;
}

bool starts_folded(std::string_view text, std::string_view lower_piece) {
  if (text.size() < lower_piece.size()) return false;
  for (std::size_t i = 0; i < lower_piece.size(); ++i) {
    if (to_lower(text[i]) != lower_piece[i]) return false;
  }
  return true;
}

}  // namespace

bool LiteralScreen::takes(const std::string& folded) {
  return !best_piece(folded, is_plain).empty();
}

std::optional<LiteralScreen> LiteralScreen::make(std::span<const std::string> folded) {
  LiteralScreen screen;
  std::vector<std::string_view> few;
  std::vector<std::string_view> many;
  for (const std::string& literal : folded) {
    std::string_view piece = best_piece(literal, is_never_escaped);
    if (piece.size() < kPieceSize) {
      piece = best_piece(literal, is_plain);
      screen.html_matters_ = true;
    }
    if (piece.empty()) return std::nullopt;
    (piece.size() < kPieceSize ? few : many).push_back(piece);
  }
  if (few.size() + many.size() <= kFewMax) few.insert(few.end(), many.begin(), many.end());
  if (few.size() > kFewMax) return std::nullopt;
  screen.mark_disguises();
  screen.spread(few);
  if (few.size() < folded.size()) {
    screen.many_.emplace();
    for (const std::string_view piece : many) screen.many_->add(Anchor::contains, piece, 0);
    screen.many_->build();
  }
  return screen;
}

void LiteralScreen::mark_disguises() {
  mark(0, '\\', kEscapes);
  mark(1, 'u', kEscapes);
  for (const std::string_view letter : {"\xC5\xBF", "\xE2\x84\xAA"}) {
    for (std::size_t i = 0; i < letter.size(); ++i) mark(i, letter[i], kFoldedLetters);
  }
  mark_any(2, kDisguises);
  mark_any(3, kDisguises);
}

// Neighbours in the order of the alphabet share a class, as their half-bytes are alike.
void LiteralScreen::spread(std::vector<std::string_view> pieces) {
  constexpr std::size_t kShares = kClasses - kDisguiseClasses;
  std::ranges::sort(pieces);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t chosen = kDisguiseClasses + i * kShares / pieces.size();
    few_[chosen].emplace_back(pieces[i]);
    const auto bit = static_cast<std::uint8_t>(1u << chosen);
    for (std::size_t position = 0; position < kPieceSize; ++position) {
      if (position == pieces[i].size()) {
        mark_any(position, bit);
        continue;
      }
      const char byte = pieces[i][position];
      mark(position, byte, bit);
      if (byte >= 'a' && byte <= 'z') mark(position, static_cast<char>(byte - 'a' + 'A'), bit);
    }
  }
}

void LiteralScreen::mark(std::size_t position, char byte, std::uint8_t bit) {
  halves_[position].low[static_cast<unsigned char>(byte) & 15] |= bit;
  halves_[position].high[static_cast<unsigned char>(byte) >> 4] |= bit;
}

void LiteralScreen::mark_any(std::size_t position, std::uint8_t bit) {
  for (std::uint8_t& classes : halves_[position].low) classes |= bit;
  for (std::uint8_t& classes : halves_[position].high) classes |= bit;
}

std::uint8_t LiteralScreen::classes_at(const char* bytes) const {
  unsigned classes = 0xFF;
  for (std::size_t i = 0; i < kPieceSize; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    classes &= static_cast<unsigned>(halves_[i].low[byte & 15] & halves_[i].high[byte >> 4]);
  }
  return static_cast<std::uint8_t>(classes);
}

bool LiteralScreen::occurs_at(std::string_view text, std::size_t at, std::uint8_t classes) const {
  if ((classes & kDisguises) && is_disguise(text, at, html_matters_)) return true;
  for (unsigned rest = classes & ~unsigned{kDisguises}; rest != 0; rest &= rest - 1) {
    for (const std::string& piece : few_[static_cast<std::size_t>(std::countr_zero(rest))]) {
      if (starts_folded(text.substr(at), piece)) return true;
    }
  }
  return false;
}

bool LiteralScreen::scan_from(std::string_view text, std::size_t at) const {
  for (; at + kPieceSize <= text.size(); ++at) {
    const std::uint8_t classes = classes_at(text.data() + at);
    if (classes != 0 && occurs_at(text, at, classes)) return true;
  }
  for (; at < text.size(); ++at) {
    if (occurs_at(text, at, 0xFF)) return true;
  }
  return false;
}

bool LiteralScreen::holds_one_of_many(std::string_view text, Scratch& scratch) const {
  if (!many_) return false;
  scratch.found.clear();
  many_->scan(match::folded(text, scratch.folded), scratch.found);
  return !scratch.found.empty();
}

bool LiteralScreen::may_occur_plain(std::string_view text, Scratch& scratch) const {
  return scan_from(text, 0) || holds_one_of_many(text, scratch);
}

#if defined(WEIR_SCREEN_AVX2)

namespace {

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

// A table of sixteen entries in both lanes.
__attribute__((target("avx2"))) inline __m256i load_table(const std::array<std::uint8_t, 16>& half) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(half.data())));
}

// The classes of 32 places by one byte of the pieces.
__attribute__((target("avx2"))) inline __m256i look_up(const char* bytes, __m256i low, __m256i high) {
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i high_halves = _mm256_and_si256(_mm256_srli_epi16(block, 4), nibble);
  return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(block, nibble)),
                          _mm256_shuffle_epi8(high, high_halves));
}

}  // namespace

// Looks at whole blocks; `at` is where it stopped. Three bytes behind a block are read too.
__attribute__((target("avx2"))) bool LiteralScreen::scan_blocks(std::string_view text, std::size_t& at) const {
  const __m256i low0 = load_table(halves_[0].low), high0 = load_table(halves_[0].high);
  const __m256i low1 = load_table(halves_[1].low), high1 = load_table(halves_[1].high);
  const __m256i low2 = load_table(halves_[2].low), high2 = load_table(halves_[2].high);
  const __m256i low3 = load_table(halves_[3].low), high3 = load_table(halves_[3].high);
  for (; at + kBlockSize + kPieceSize - 1 <= text.size(); at += kBlockSize) {
    const char* bytes = text.data() + at;
    const __m256i first_two = _mm256_and_si256(look_up(bytes, low0, high0), look_up(bytes + 1, low1, high1));
    const __m256i last_two = _mm256_and_si256(look_up(bytes + 2, low2, high2), look_up(bytes + 3, low3, high3));
    const __m256i classes = _mm256_and_si256(first_two, last_two);
    const __m256i none = _mm256_cmpeq_epi8(classes, _mm256_setzero_si256());
    auto hits = ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
    for (; hits != 0; hits &= hits - 1) {
      const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(hits));
      if (occurs_at(text, place, classes_at(text.data() + place))) return true;
    }
  }
  return false;
}

bool LiteralScreen::may_occur(std::string_view text, Scratch& scratch) const {
  std::size_t at = 0;
  if (kHasAvx2 && scan_blocks(text, at)) return true;
  return scan_from(text, at) || holds_one_of_many(text, scratch);
}

#else

bool LiteralScreen::may_occur(std::string_view text, Scratch& scratch) const {
  return may_occur_plain(text, scratch);
}

#endif

}  // namespace weir::match
