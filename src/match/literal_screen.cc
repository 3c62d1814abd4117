#include "match/literal_screen.h"

#include <algorithm>
#include <bit>
#include <climits>
#include <cstring>

#include "base/sorted.h"
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
// Of literals that may stand anywhere in a record, and in a value.
constexpr std::size_t kShortestInRecords = 3;
constexpr std::size_t kShortestInValues = 2;
// "Equals" is told by the size of a value if the literal is this small.
constexpr std::size_t kToldBySizeMax = 4;
constexpr std::size_t kShortsMax = 40;
// With more literals, eight classes let through too much.
constexpr std::size_t kEightClassesMax = 40;
// The first classes are for what makes other bytes mean a literal's bytes: escapes have one, and characters beyond
// ASCII another. Of these two fold to letters of ASCII, the long s (C5 BF) and the Kelvin sign (E2 84 AA).
constexpr std::uint8_t kEscapes = 1;
constexpr std::uint8_t kBeyondAscii = 2;
// Short pieces.
constexpr std::uint8_t kShorts = 4;
constexpr std::size_t kReservedClasses = 3;
constexpr std::uint8_t kLongs = 0xFF ^ (kEscapes | kBeyondAscii | kShorts);

// Written as an escape by some writers of JSON, for the sake of HTML.
constexpr std::string_view kEscapedForHtml = "<>&'+=";

bool is_printable(char byte) {
  return byte >= 0x20 && byte < 0x7F;
}

// Bytes that stand in a JSON string as they are, or at most as "\u00…": no quote, backslash, slash or control.
bool is_plain(char byte) {
  return is_printable(byte) && std::string_view("\"\\/").find(byte) == std::string_view::npos;
}

// Bytes that hardly anything escapes. A literal is told by these if it can be, so that text that is full of escaped
// brackets is passed over too.
bool is_never_escaped(char byte) {
  return is_plain(byte) && kEscapedForHtml.find(byte) == std::string_view::npos;
}

// A run of bytes of a literal, and where in it its rarest four are; 0 if there are no four.
struct Run {
  std::string_view text;
  std::size_t head = 0;
};

// The run of `usable` bytes that has the rarest four; if none has four, the longest, which may be empty.
template <typename Usable>
Run best_run(std::string_view literal, Usable usable) {
  Run best;
  int best_score = INT_MIN;
  for (std::size_t begin = 0; begin < literal.size();) {
    std::size_t end = begin;
    while (end < literal.size() && usable(literal[end])) ++end;
    const std::string_view run = literal.substr(begin, end - begin);
    if (run.size() < 4 && best_score == INT_MIN && run.size() > best.text.size()) best = {run};
    for (std::size_t i = 0; i + 4 <= run.size(); ++i) {
      const int score = piece_rarity(run.data() + i);
      if (score > best_score) {
        best = {run, i};
        best_score = score;
      }
    }
    begin = end + 1;
  }
  return best;
}

// Bytes of which a piece of a value may consist. Not quotes and backslashes: JSON's readers take more than one spelling
// of them.
bool is_unquoted(char byte) {
  return is_plain(byte) || byte == '/';
}

bool is_folded_letter(std::string_view text) {
  return text.starts_with("\xC5\xBF") || text.starts_with("\xE2\x84\xAA");
}

// Whether the backslash at `at` begins an escape, which one behind another does not.
bool begins_escape(std::string_view text, std::size_t at) {
  std::size_t backslashes = 1;
  while (backslashes <= at && text[at - backslashes] == '\\') ++backslashes;
  return backslashes % 2 != 0;
}

// The code of "\u…" at the front; nothing if it is cut off or malformed.
std::optional<int> escaped_code(std::string_view text) {
  if (text.size() < 6) return std::nullopt;
  int code = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return std::nullopt;
    code = code * 16 + digit;
  }
  return code;
}

// With letters lowered, and some other bytes changed too: equal texts stay equal.
std::uint32_t lowered_head(const char* bytes) {
  std::uint32_t head;
  std::memcpy(&head, bytes, sizeof head);
  return head | 0x20202020;
}

constexpr std::uint32_t kMultiplier = 0x9E3779B1;
constexpr unsigned kHeadBitsShift = 32 - 12;

// What a class of pieces lets through: for each of the four bytes, the half-bytes of all its pieces.
class ClassDraft {
 public:
  explicit ClassDraft(std::string_view piece = {}) {
    for (std::size_t i = 0; i < std::min(piece.size(), halves_.size()); ++i) {
      const auto byte = static_cast<unsigned char>(piece[i]);
      const bool is_letter = byte >= 'a' && byte <= 'z';
      halves_[i].low = static_cast<std::uint16_t>(1u << (byte & 15));
      halves_[i].high = static_cast<std::uint16_t>(1u << (byte >> 4) | (is_letter ? 1u << ((byte >> 4) - 2) : 0));
    }
  }

  ClassDraft joined(const ClassDraft& other) const {
    ClassDraft both = *this;
    for (std::size_t i = 0; i < halves_.size(); ++i) {
      both.halves_[i].low |= other.halves_[i].low;
      both.halves_[i].high |= other.halves_[i].high;
    }
    return both;
  }

  // A guess at the share of places that it lets through; only the order matters.
  double cost() const {
    // By high half: how much of text there is in each sixteen of ASCII.
    static constexpr std::array<double, 8> kShares = {0, 0, 0.15, 0.15, 0.07, 0.06, 0.33, 0.24};
    double all = 1;
    for (const Halves& halves : halves_) {
      double share = 0;
      for (std::size_t high = 0; high < kShares.size(); ++high) share += halves.high >> high & 1 ? kShares[high] : 0;
      all *= share * std::popcount(halves.low) / 16;
    }
    return all;
  }

 private:
  struct Halves {
    std::uint16_t low = 0;
    std::uint16_t high = 0;
  };
  std::array<Halves, 4> halves_;
};

// For each head one of `count` classes: the one that it widens least.
std::vector<std::size_t> grouped(const std::vector<std::string_view>& heads, std::size_t count) {
  std::vector<ClassDraft> classes(count);
  std::vector<double> costs(count);
  std::vector<std::size_t> chosen(heads.size());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const ClassDraft piece(heads[i]);
    double least = std::numeric_limits<double>::max();
    for (std::size_t one = 0; one < count; ++one) {
      const double wider = classes[one].joined(piece).cost() - costs[one];
      if (wider >= least) continue;
      least = wider;
      chosen[i] = one;
    }
    classes[chosen[i]] = classes[chosen[i]].joined(piece);
    costs[chosen[i]] = classes[chosen[i]].cost();
  }
  return chosen;
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
  return best_run(folded, is_plain).text.size() >= kShortestInRecords;
}

std::optional<LiteralScreen> LiteralScreen::for_records(std::span<const std::string> folded) {
  LiteralScreen screen;
  for (const std::string& literal : folded) {
    Run run = best_run(literal, is_never_escaped);
    if (run.text.size() < kPieceSize) run = best_run(literal, is_plain);
    if (run.text.size() < kShortestInRecords) return std::nullopt;
    screen.add_piece(run.text, run.head);
  }
  if (!screen.finish()) return std::nullopt;
  return screen;
}

std::optional<LiteralScreen> LiteralScreen::for_values(std::span<const Wanted> literals, std::size_t size_from) {
  LiteralScreen screen;
  screen.size_from_ = size_from;
  for (const Wanted& literal : literals) {
    const Run run = best_run(literal.text, is_plain);
    if (run.text.size() >= kPieceSize) {
      screen.add_piece(run.text, run.head);
    } else if (!screen.add_ends(literal) && !screen.add_any_bytes(literal.text)) {
      return std::nullopt;
    }
  }
  if (!screen.finish()) return std::nullopt;
  return screen;
}

void LiteralScreen::add_piece(std::string_view text, std::size_t head) {
  if (text.size() < kPieceSize) {
    shorts_.emplace_back(text);
  } else {
    pieces_.push_back({std::string(text), head});
  }
}

// A small literal that a value's size, first or last byte tells.
bool LiteralScreen::add_ends(const Wanted& literal) {
  const std::string& text = literal.text;
  if (!std::ranges::all_of(text, is_printable)) return false;
  // The long s has two bytes, the Kelvin sign three.
  const auto longer =
      static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return c == 's' || c == 'k'; }));
  if (literal.anchor == Anchor::equals && text.size() <= kToldBySizeMax) {
    plain_size_below_ = std::max(plain_size_below_, text.size() + 2 * longer + 1);
    json_size_below_ = std::max(json_size_below_, 6 * text.size() + 1);
    return true;
  }
  const bool at_front = literal.anchor == Anchor::starts;
  if (text.empty() || text.size() >= kPieceSize || (!at_front && literal.anchor != Anchor::ends)) return false;
  has_end_bytes_ = true;
  auto& bytes = at_front ? first_bytes_ : last_bytes_;
  const char byte = at_front ? text.front() : text.back();
  bytes[static_cast<unsigned char>(byte)] = true;
  if (byte >= 'a' && byte <= 'z') bytes[static_cast<unsigned char>(byte - 'a' + 'A')] = true;
  if (byte == 's') bytes[at_front ? 0xC5 : 0xBF] = true;
  if (byte == 'k') bytes[at_front ? 0xE2 : 0xAA] = true;
  return true;
}

// A literal whose pieces JSON may write in another way, or that has nothing but bytes beyond ASCII.
bool LiteralScreen::add_any_bytes(const std::string& literal) {
  const Run run = best_run(literal, is_unquoted);
  if (run.text.size() >= kShortestInValues) {
    slashes_matter_ |= run.text.find('/') != std::string_view::npos;
    add_piece(run.text, run.head);
    return true;
  }
  const bool beyond_ascii = std::ranges::any_of(literal, [](char byte) { return (byte & 0x80) != 0; });
  non_ascii_matters_ |= beyond_ascii;
  return beyond_ascii;
}

bool LiteralScreen::finish() {
  sort_unique(shorts_);
  sort_unique(pieces_);
  if (shorts_.size() > kShortsMax) return false;
  for (const std::string& piece : shorts_) note_bytes(piece);
  for (const Piece& piece : pieces_) note_bytes(piece.text);
  mark_disguises();
  for (const std::string& piece : shorts_) first_.mark_piece(piece, kShorts);
  if (pieces_.size() <= kQuickMax) {
    spread();
    return true;
  }
  many_.emplace();
  for (const Piece& piece : pieces_) many_->add(Anchor::contains, piece.text, 0);
  many_->build();
  pieces_.clear();
  return true;
}

void LiteralScreen::note_bytes(std::string_view piece) {
  for (const char byte : piece) {
    in_pieces_[static_cast<std::size_t>(byte)] = true;
    if (byte >= 'a' && byte <= 'z') in_pieces_[static_cast<std::size_t>(byte) - 'a' + 'A'] = true;
  }
}

void LiteralScreen::mark_disguises() {
  first_.mark(0, '\\', kEscapes);
  first_.mark(1, 'u', kEscapes);
  if (slashes_matter_) first_.mark(1, '/', kEscapes);
  for (const std::string_view letter : {"\xC5\xBF", "\xE2\x84\xAA"}) {
    for (std::size_t i = 0; i < letter.size(); ++i) first_.mark(i, letter[i], kBeyondAscii);
  }
  for (const std::size_t position : {2, 3}) first_.mark_any(position, kEscapes | kBeyondAscii);
  if (!non_ascii_matters_) return;
  first_.mark_any(1, kBeyondAscii);
  for (int byte = 0x80; byte < 0x100; ++byte) first_.mark(0, static_cast<char>(byte), kBeyondAscii);
}

void LiteralScreen::spread() {
  has_second_ = pieces_.size() > kEightClassesMax;
  const std::size_t first_classes = kClasses - kReservedClasses;
  std::vector<std::string_view> heads;
  for (const Piece& piece : pieces_) heads.push_back(std::string_view(piece.text).substr(piece.head, kPieceSize));
  const std::vector<std::size_t> shares = grouped(heads, first_classes + (has_second_ ? kClasses : 0));
  table_.resize(std::bit_ceil(4 * pieces_.size() + 4));
  table_shift_ = static_cast<unsigned>(32 - std::countr_zero(table_.size()));
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::size_t share = shares[i];
    Classes& classes = share < first_classes ? first_ : second_;
    const std::size_t chosen = share < first_classes ? kReservedClasses + share : share - first_classes;
    classes.mark_piece(heads[i], static_cast<std::uint8_t>(1u << chosen));
    add_to_table(static_cast<std::uint32_t>(i));
  }
}

void LiteralScreen::add_to_table(std::uint32_t piece) {
  const std::uint32_t head = lowered_head(pieces_[piece].text.data() + pieces_[piece].head);
  const std::size_t bit = head * kMultiplier >> kHeadBitsShift;
  heads_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  std::size_t place = head * kMultiplier >> table_shift_;
  while (table_[place].piece != Slot{}.piece) place = (place + 1) & (table_.size() - 1);
  table_[place] = {head, piece};
}

void LiteralScreen::Classes::mark(std::size_t position, char byte, std::uint8_t bit) {
  const std::size_t low = static_cast<unsigned char>(byte) & 15;
  const std::size_t high = static_cast<unsigned char>(byte) >> 4;
  for (const std::size_t twice : {0, 16}) {
    halves[position].low[twice + low] |= bit;
    halves[position].high[twice + high] |= bit;
  }
}

void LiteralScreen::Classes::mark_any(std::size_t position, std::uint8_t bit) {
  for (std::uint8_t& classes : halves[position].low) classes |= bit;
  for (std::uint8_t& classes : halves[position].high) classes |= bit;
}

void LiteralScreen::Classes::mark_piece(std::string_view piece, std::uint8_t bit) {
  for (std::size_t position = 0; position < kPieceSize; ++position) {
    if (position >= piece.size()) {
      mark_any(position, bit);
      continue;
    }
    const char byte = piece[position];
    mark(position, byte, bit);
    if (byte >= 'a' && byte <= 'z') mark(position, static_cast<char>(byte - 'a' + 'A'), bit);
  }
}

std::uint8_t LiteralScreen::Classes::at(const char* bytes) const {
  unsigned classes = 0xFF;
  for (std::size_t i = 0; i < kPieceSize; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    classes &= static_cast<unsigned>(halves[i].low[byte & 15] & halves[i].high[byte >> 4]);
  }
  return static_cast<std::uint8_t>(classes);
}

// Whether a short piece is at `at`, or what may stand for other bytes.
bool LiteralScreen::reserved_at(std::string_view text, std::size_t at, Written written) const {
  for (const std::string& piece : shorts_) {
    if (starts_folded(text.substr(at), piece)) return true;
  }
  if (is_folded_letter(text.substr(at)) || (non_ascii_matters_ && (text[at] & 0x80) != 0)) return true;
  return written == Written::as_json && is_disguise(text, at);
}

// Whether an escape at `at` may stand for a byte that matters.
bool LiteralScreen::is_disguise(std::string_view text, std::size_t at) const {
  if (text[at] != '\\' || at + 1 == text.size()) return false;
  // These are looked at first: so of a long run of backslashes only the last one is traced back.
  if (text[at + 1] == '/') return slashes_matter_ && begins_escape(text, at);
  if (text[at + 1] != 'u' || !begins_escape(text, at)) return false;
  const std::optional<int> code = escaped_code(text.substr(at));
  if (!code) return true;
  if (*code < 0x80) return in_pieces_[static_cast<std::size_t>(*code)];
  return non_ascii_matters_ || *code == 0x17F || *code == 0x212A;
}

// What the value's size and its first and last bytes say.
bool LiteralScreen::ends_tell(std::string_view text, Written written) const {
  const bool json = written == Written::as_json;
  if (text.size() < (json ? json_size_below_ : plain_size_below_) || text.size() >= size_from_) return true;
  if (text.empty() || !has_end_bytes_) return false;
  if (first_bytes_[static_cast<unsigned char>(text.front())]) return true;
  if (last_bytes_[static_cast<unsigned char>(text.back())]) return true;
  if (!json) return false;
  return text.front() == '\\' || (text.size() >= 6 && text.substr(text.size() - 6).starts_with("\\u"));
}

bool LiteralScreen::piece_at(std::string_view text, std::size_t at) const {
  if (text.size() - at < kPieceSize) return false;
  const std::uint32_t head = lowered_head(text.data() + at);
  for (std::size_t place = head * kMultiplier >> table_shift_; table_[place].piece != Slot{}.piece;
       place = (place + 1) & (table_.size() - 1)) {
    if (table_[place].head != head) continue;
    const Piece& piece = pieces_[table_[place].piece];
    if (at >= piece.head && starts_folded(text.substr(at - piece.head), piece.text)) return true;
  }
  return false;
}

bool LiteralScreen::holds_one_of_many(std::string_view text, Scratch& scratch) const {
  if (!many_) return false;
  scratch.found.clear();
  many_->scan(match::folded(text, scratch.folded), scratch.found);
  return !scratch.found.empty();
}

bool LiteralScreen::scan(std::string_view text, Written written) const {
  // Zeros behind the end are in no piece.
  char end[2 * kPieceSize] = {};
  const std::size_t tail = std::min(text.size(), kPieceSize - 1);
  std::copy_n(text.end() - static_cast<std::ptrdiff_t>(tail), tail, end);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t rest = text.size() - at;
    const char* bytes = rest >= kPieceSize ? text.data() + at : end + (tail - rest);
    const std::uint8_t first = first_.at(bytes);
    const std::uint8_t second = has_second_ ? second_.at(bytes) : 0;
    if (((first & kLongs) | second) != 0 && piece_at(text, at)) return true;
    if ((first & ~kLongs) != 0 && reserved_at(text, at, written)) return true;
  }
  return false;
}

bool LiteralScreen::may_occur_plain(std::string_view text, Written written, Scratch& scratch) const {
  return ends_tell(text, written) || scan(text, written) || holds_one_of_many(text, scratch);
}

#if defined(WEIR_SCREEN_AVX2)

// The bytes of 32 places, and the first, second and third byte behind each.
struct ScreenWindows {
  __m256i bytes[4];
};

namespace {

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

__attribute__((target("avx2"))) inline ScreenWindows windows_at(const char* bytes) {
  ScreenWindows windows;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    windows.bytes[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i));
  }
  return windows;
}

// Of the last 32 bytes there are: zeros stand behind them, which are in no piece.
__attribute__((target("avx2"))) inline ScreenWindows last_windows(const char* bytes) {
  const __m256i last = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
  const __m256i upper = _mm256_permute2x128_si256(last, last, 0x81);
  return {{last, _mm256_alignr_epi8(upper, last, 1), _mm256_alignr_epi8(upper, last, 2),
           _mm256_alignr_epi8(upper, last, 3)}};
}

// The classes of 32 places.
template <typename Halves>
__attribute__((target("avx2"))) inline __m256i classes_of(const ScreenWindows& windows,
                                                          const std::array<Halves, 4>& halves) {
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i classes = _mm256_set1_epi8(-1);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const __m256i low = _mm256_load_si256(reinterpret_cast<const __m256i*>(halves[i].low.data()));
    const __m256i high = _mm256_load_si256(reinterpret_cast<const __m256i*>(halves[i].high.data()));
    const __m256i low_halves = _mm256_and_si256(windows.bytes[i], nibble);
    const __m256i high_halves = _mm256_and_si256(_mm256_srli_epi16(windows.bytes[i], 4), nibble);
    const __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(low, low_halves), _mm256_shuffle_epi8(high, high_halves));
    classes = _mm256_and_si256(classes, both);
  }
  return classes;
}

// The places of which the classes are not empty.
__attribute__((target("avx2"))) inline std::uint32_t places_of(__m256i classes) {
  const __m256i none = _mm256_cmpeq_epi8(classes, _mm256_setzero_si256());
  return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(none));
}

}  // namespace

template <bool two>
__attribute__((target("avx2"))) inline bool LiteralScreen::scan_block(std::string_view text, std::size_t at,
                                                                      const ScreenWindows& windows,
                                                                      Written written) const {
  const __m256i reserved = _mm256_set1_epi8(static_cast<char>(~kLongs));
  const __m256i first = classes_of(windows, first_.halves);
  __m256i longs = _mm256_andnot_si256(reserved, first);
  if constexpr (two) longs = _mm256_or_si256(longs, classes_of(windows, second_.halves));
  const std::uint32_t long_hits = places_of(longs);
  std::uint32_t reserved_hits = places_of(_mm256_and_si256(reserved, first));
  if (long_hits != 0 && long_pieces_at(text, at, long_hits)) return true;
  for (; reserved_hits != 0; reserved_hits &= reserved_hits - 1) {
    const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(reserved_hits));
    if (place < text.size() && reserved_at(text, place, written)) return true;
  }
  return false;
}

// `two`: there are pieces in the second classes.
template <bool two>
__attribute__((target("avx2"))) bool LiteralScreen::scan_blocks(std::string_view text, Written written) const {
  if (text.size() < kBlockSize) {
    alignas(kBlockSize) char padded[kBlockSize] = {};
    std::memcpy(padded, text.data(), text.size());
    return scan_block<two>(text, 0, last_windows(padded), written);
  }
  std::size_t at = 0;
  for (; at + kBlockSize + kPieceSize - 1 <= text.size(); at += kBlockSize) {
    if (scan_block<two>(text, at, windows_at(text.data() + at), written)) return true;
  }
  if (at == text.size()) return false;
  // One or two places may be left before the last 32.
  if (text.size() - at > kBlockSize && scan_block<two>(text, at, last_windows(text.data() + at), written)) return true;
  const std::size_t last = text.size() - kBlockSize;
  return scan_block<two>(text, last, last_windows(text.data() + last), written);
}

// Whether a long piece is at one of the places `hits` of the block at `at`.
bool LiteralScreen::long_pieces_at(std::string_view text, std::size_t at, std::uint32_t hits) const {
  for (; hits != 0; hits &= hits - 1) {
    const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(hits));
    // Long pieces have no zeros, so that four bytes of the text are here.
    const std::uint32_t bit = lowered_head(text.data() + place) * kMultiplier >> kHeadBitsShift;
    if (heads_[bit / 64] >> (bit % 64) & 1 && piece_at(text, place)) return true;
  }
  return false;
}

bool LiteralScreen::may_occur(std::string_view text, Written written, Scratch& scratch) const {
  if (ends_tell(text, written)) return true;
  if (text.empty()) return false;
  const bool found = !kHasAvx2     ? scan(text, written)
                     : has_second_ ? scan_blocks<true>(text, written)
                                   : scan_blocks<false>(text, written);
  return found || holds_one_of_many(text, scratch);
}

#else

bool LiteralScreen::may_occur(std::string_view text, Written written, Scratch& scratch) const {
  return may_occur_plain(text, written, scratch);
}

#endif

}  // namespace weir::match
