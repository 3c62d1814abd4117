#include "match/piece_index.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <unordered_map>

#include "match/piece_rarity.h"

namespace weir::match {
namespace {

static_assert(std::endian::native == std::endian::little, "pieces are compared as little-endian numbers");

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // Multiply-shift hashing; odd, bits well mixed.
constexpr std::size_t kPieceSize = 4;
// Sixteen bits per piece keep one false hit in about 70 positions; more than 32 KiB would leave the first cache.
constexpr std::size_t kBitsPerPiece = 16;
constexpr std::size_t kBitmapBitsMin = 1 << 12;
constexpr std::size_t kBitmapBitsMax = 1 << 18;

std::uint32_t load4(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// A piece of 1 to 4 bytes as a number; the size stands above, so that pieces of different sizes differ.
std::uint64_t piece_of(const char* bytes, std::size_t size) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, size);
  return value | std::uint64_t{size} << 32;
}

std::uint64_t hash_of(std::uint64_t number) {
  return number * kMultiplier;
}

// The two bits that stand for a piece in its bitmap word.
std::uint64_t bits_of(std::uint64_t hash) {
  return std::uint64_t{1} << (hash >> 32 & 63) | std::uint64_t{1} << (hash >> 26 & 63);
}

}  // namespace

struct PieceIndex::Assignment {
  std::uint64_t piece;
  Entry entry;
};

void PieceIndex::build(std::string_view texts, const std::vector<PieceLiteral>& literals) {
  // In how many literals each piece occurs: pieces that many share ("invoke-") would tell little.
  std::unordered_map<std::uint32_t, std::uint32_t> sharing;
  for (const PieceLiteral& literal : literals) {
    for (std::size_t i = 0; i + kPieceSize <= literal.size; ++i) ++sharing[load4(texts.data() + literal.begin + i)];
  }
  std::vector<Assignment> assignments;
  for (const PieceLiteral& literal : literals) {
    const char* text = texts.data() + literal.begin;
    std::size_t best = 0;
    int best_score = 0;
    for (std::size_t i = 0; i + kPieceSize <= literal.size; ++i) {
      const auto shared = static_cast<int>(std::bit_width(sharing[load4(text + i)]));
      const int score = piece_rarity(text + i) - kSharingWeight * shared;
      if (i == 0 || score > best_score) {
        best = i;
        best_score = score;
      }
    }
    const std::size_t size = std::min<std::size_t>(literal.size, kPieceSize);
    assignments.push_back(
        {piece_of(text + best, size), {literal.begin, literal.size, static_cast<std::uint32_t>(best), literal.index}});
  }
  fill_slots(std::move(assignments));
}

void PieceIndex::fill_slots(std::vector<Assignment> assignments) {
  std::ranges::stable_sort(assignments, {}, &Assignment::piece);
  std::size_t piece_count = 0;
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    piece_count += i == 0 || assignments[i].piece != assignments[i - 1].piece;
  }
  const std::size_t slot_count = std::bit_ceil(piece_count * 2 + 1);
  slots_.assign(slot_count, Slot{});
  slot_shift_ = static_cast<unsigned>(64 - std::countr_zero(slot_count));
  const std::size_t bits = std::clamp(std::bit_ceil(piece_count * kBitsPerPiece), kBitmapBitsMin, kBitmapBitsMax);
  bitmap_.assign(bits / 64, 0);
  bitmap_shift_ = static_cast<unsigned>(64 - std::countr_zero(bits / 64));
  pairs_.clear();
  single_bytes_.clear();
  entries_.clear();
  for (std::size_t i = 0; i < assignments.size();) {
    const std::uint64_t piece = assignments[i].piece;
    Slot slot{piece, static_cast<std::uint32_t>(entries_.size()), 0};
    for (; i < assignments.size() && assignments[i].piece == piece; ++i) entries_.push_back(assignments[i].entry);
    slot.entry_count = static_cast<std::uint32_t>(entries_.size()) - slot.entry_begin;
    std::size_t place = hash_of(piece) >> slot_shift_;
    while (slots_[place].entry_count != 0) place = (place + 1) & (slot_count - 1);
    slots_[place] = slot;
    mark(piece);
  }
}

void PieceIndex::mark(std::uint64_t piece) {
  const std::size_t size = piece >> 32;
  if (size == kPieceSize) {
    const std::uint64_t hash = hash_of(static_cast<std::uint32_t>(piece));
    bitmap_[hash >> bitmap_shift_] |= bits_of(hash);
  } else if (size == 1) {
    single_bytes_.push_back(static_cast<char>(piece));
  } else {
    pairs_.resize(1 << 16);
    pairs_[piece & 0xFFFF] |= size == 2 ? 0xFF : static_cast<std::uint8_t>(1 << (piece >> 16 & 7));
  }
}

void PieceIndex::scan(std::string_view value, std::string_view texts, std::vector<std::uint32_t>& found) const {
  for (const char byte : single_bytes_) {
    if (const std::size_t at = value.find(byte); at != std::string_view::npos) {
      report(piece_of(&byte, 1), at, value, texts.data(), found);
    }
  }
  if (pairs_.empty()) {
    scan_all<false>(value, texts.data(), found);
  } else {
    scan_all<true>(value, texts.data(), found);
  }
}

template <bool kHasShort>
void PieceIndex::scan_all(std::string_view value, const char* texts, std::vector<std::uint32_t>& found) const {
  const std::uint64_t* bitmap = bitmap_.data();
  const std::uint8_t* pairs = pairs_.data();
  const unsigned shift = bitmap_shift_;
  std::size_t at = 0;
  for (; at + kPieceSize <= value.size(); ++at) {
    const std::uint32_t window = load4(value.data() + at);
    const std::uint64_t hash = hash_of(window);
    const std::uint64_t word = bitmap[hash >> shift];
    const std::uint64_t maybe_long = word >> (hash >> 32 & 63) & word >> (hash >> 26 & 63) & 1;
    if constexpr (kHasShort) {
      const unsigned maybe_short = pairs[window & 0xFFFF] >> (window >> 16 & 7) & 1u;
      if ((maybe_long | maybe_short) == 0) [[likely]]
        continue;
      if (maybe_short) report_short(window, kPieceSize, at, value, texts, found);
    }
    if (maybe_long) [[unlikely]]
      report(window | std::uint64_t{kPieceSize} << 32, at, value, texts, found);
  }
  if constexpr (kHasShort) {
    for (; at + 2 <= value.size(); ++at) {
      std::uint32_t window = 0;
      std::memcpy(&window, value.data() + at, value.size() - at);
      report_short(window, value.size() - at, at, value, texts, found);
    }
  }
}

void PieceIndex::report_short(std::uint32_t window, std::size_t available, std::size_t at, std::string_view value,
                              const char* texts, std::vector<std::uint32_t>& found) const {
  report((window & 0xFFFF) | std::uint64_t{2} << 32, at, value, texts, found);
  if (available >= 3) report((window & 0xFFFFFF) | std::uint64_t{3} << 32, at, value, texts, found);
}

void PieceIndex::report(std::uint64_t piece, std::size_t at, std::string_view value, const char* texts,
                        std::vector<std::uint32_t>& found) const {
  std::size_t place = hash_of(piece) >> slot_shift_;
  for (; slots_[place].piece != piece; place = (place + 1) & (slots_.size() - 1)) {
    if (slots_[place].entry_count == 0) return;
  }
  const Slot& slot = slots_[place];
  for (std::uint32_t i = 0; i < slot.entry_count; ++i) {
    const Entry& entry = entries_[slot.entry_begin + i];
    if (at < entry.offset) continue;
    const std::size_t begin = at - entry.offset;
    if (value.size() - begin < entry.size) continue;
    if (std::memcmp(value.data() + begin, texts + entry.begin, entry.size) == 0) found.push_back(entry.index);
  }
}

std::size_t PieceIndex::memory() const {
  return entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Slot) +
         bitmap_.capacity() * sizeof(std::uint64_t) + pairs_.capacity() + single_bytes_.capacity();
}

}  // namespace weir::match
