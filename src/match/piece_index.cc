#include "match/piece_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "match/piece_rarity.h"

namespace weir::match {
namespace {

static_assert(std::endian::native == std::endian::little, "pieces are compared as little-endian numbers");

constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;  // Multiply-shift hashing; odd, bits well mixed.
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kPieceSize = PieceFilter::kPieceSize;
// Short literals are searched in two steps over this many positions.
constexpr std::size_t kBlockSize = 512;

// A record in words of records_.
constexpr std::size_t kIdWord = 0;
constexpr std::size_t kSizeWord = 1;
constexpr std::size_t kOffsetWord = 2;  // Offset * 2, plus 1 in the last record of a piece.
constexpr std::size_t kTextWord = 3;
// Behind the last record, so that texts can be read sixteen bytes at a time.
constexpr std::size_t kPaddingWords = 4;

// For 0 to 16 bytes: the masks that keep them of two eight-byte loads.
struct Masks {
  std::uint64_t low;
  std::uint64_t high;
};
constexpr auto kMasks = [] {
  std::array<Masks, 17> masks{};
  for (std::size_t size = 0; size <= 16; ++size) {
    masks[size].low = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
    masks[size].high = size <= 8 ? 0 : size == 16 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * (size - 8))) - 1;
  }
  return masks;
}();

std::uint32_t load4(const char* bytes) {
  std::uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint64_t load8(const char* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint32_t load2(const char* bytes) {
  std::uint16_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

std::uint32_t load3(const char* bytes) {
  return load2(bytes) | static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[2])) << 16;
}

std::uint32_t piece_of(const char* bytes, std::size_t size) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes, size);
  return value;
}

std::uint64_t hash_of(std::uint32_t piece) {
  return piece * kMultiplier;
}

// Whether `size` bytes agree. `text` has sixteen readable bytes, `value` has `room`, at least `size`.
bool agree(const char* value, std::size_t room, const char* text, std::size_t size) {
  if (room < 16) return std::memcmp(value, text, size) == 0;
  const Masks& masks = kMasks[std::min<std::size_t>(size, 16)];
  const std::uint64_t low = (load8(value) ^ load8(text)) & masks.low;
  const std::uint64_t high = (load8(value + 8) ^ load8(text + 8)) & masks.high;
  return (low | high) == 0 && (size <= 16 || std::memcmp(value + 16, text + 16, size - 16) == 0);
}

// The marks of two bytes: whether they are a literal, and the classes of the third bytes that make one of them.
constexpr unsigned kPairBit = 15;
unsigned third_byte_bit(std::uint32_t window) {
  return window >> 16 & 7;
}

}  // namespace

// Collects the records of a scan, each once, and makes ids of them. A literal that occurs again is noticed by a small
// filter over the records seen; only where that says "perhaps" the few records are compared.
class PieceIndex::Found {
 public:
  explicit Found(std::vector<std::uint32_t>& ids) : ids_(ids), begin_(ids.size()) {}

  void add(std::uint32_t record) {
    std::uint64_t& word = seen_[record % kWords];
    const std::uint64_t bit = std::uint64_t{1} << (hash_of(record) >> 58);
    if ((word & bit) && std::find(few_, few_ + count_, record) != few_ + count_) return;
    word |= bit;
    if (count_ == kFewMax) spill();
    few_[count_++] = record;
  }

  // `records`: what the numbers point into.
  void finish(const std::uint32_t* records) {
    if (ids_.size() > begin_) {
      spill();
      shrink();
      for (auto record = first(); record != ids_.end(); ++record) *record = records[*record + kIdWord];
      return;
    }
    for (std::size_t i = 0; i < count_; ++i) few_[i] = records[few_[i] + kIdWord];
    ids_.insert(ids_.end(), few_, few_ + count_);
  }

 private:
  static constexpr std::size_t kWords = 16;
  static constexpr std::size_t kFewMax = 64;

  std::vector<std::uint32_t>::iterator first() { return ids_.begin() + static_cast<std::ptrdiff_t>(begin_); }

  // From here on records stand in `ids_` too, and there the same one may stand twice until shrink().
  void spill() {
    ids_.insert(ids_.end(), few_, few_ + count_);
    count_ = 0;
    // A long value can repeat many literals many times: the list stays near its distinct size.
    if (ids_.size() - begin_ > spilled_max_) shrink();
  }

  void shrink() {
    std::sort(first(), ids_.end());
    ids_.erase(std::unique(first(), ids_.end()), ids_.end());
    spilled_max_ = std::max(spilled_max_, 2 * (ids_.size() - begin_));
  }

  std::vector<std::uint32_t>& ids_;
  std::size_t begin_;
  std::size_t spilled_max_ = 4096;
  std::size_t count_ = 0;
  std::uint64_t seen_[kWords] = {};
  std::uint32_t few_[kFewMax];
};

struct PieceIndex::Assignment {
  std::size_t size;  // Of the piece.
  std::uint32_t piece;
  std::uint32_t offset;
  PieceLiteral literal;
};

namespace {

// In about how many literals each piece occurs: pieces that many share ("invoke-") would tell little. Pieces are
// counted by hash, as a wrong count costs speed only.
class PieceSharing {
 public:
  explicit PieceSharing(const std::vector<PieceLiteral>& literals) {
    std::size_t pieces = 0;
    for (const PieceLiteral& literal : literals) pieces += literal.text.size();
    counts_.resize(std::bit_ceil(std::min<std::size_t>(2 * pieces + 2, kCountsMax)));
    shift_ = static_cast<unsigned>(64 - std::countr_zero(counts_.size()));
    for (const PieceLiteral& literal : literals) {
      for (std::size_t i = 0; i + kPieceSize <= literal.text.size(); ++i) {
        ++counts_[hash_of(load4(literal.text.data() + i)) >> shift_];
      }
    }
  }

  std::uint32_t count(std::uint32_t piece) const { return counts_[hash_of(piece) >> shift_]; }

 private:
  static constexpr std::size_t kCountsMax = 1 << 17;

  std::vector<std::uint32_t> counts_;
  unsigned shift_ = 0;
};

}  // namespace

void PieceIndex::PieceTable::reserve(std::size_t count) {
  if (count == 0) return;
  slots.assign(std::bit_ceil(count + count / 2 + 2), Slot{0, kNone});
  shift = static_cast<unsigned>(64 - std::countr_zero(slots.size()));
}

void PieceIndex::PieceTable::add(std::uint32_t piece, std::uint32_t record) {
  std::size_t place = hash_of(piece) >> shift;
  while (slots[place].record != kNone) place = (place + 1) & (slots.size() - 1);
  slots[place] = {piece, record};
}

std::uint32_t PieceIndex::PieceTable::find(std::uint32_t piece) const {
  std::size_t place = hash_of(piece) >> shift;
  while (slots[place].piece != piece && slots[place].record != kNone) place = (place + 1) & (slots.size() - 1);
  return slots[place].record;
}

void PieceIndex::build(const std::vector<PieceLiteral>& literals) {
  const PieceSharing sharing(literals);
  std::vector<Assignment> assignments;
  for (const PieceLiteral& literal : literals) {
    const char* text = literal.text.data();
    std::size_t best = 0;
    int best_score = std::numeric_limits<int>::min();
    for (std::size_t i = 0; i + kPieceSize <= literal.text.size(); ++i) {
      const auto doublings = static_cast<int>(std::bit_width(sharing.count(load4(text + i))));
      const int score = piece_rarity(text + i) - kSharingWeight * doublings;
      if (score > best_score) {
        best = i;
        best_score = score;
      }
    }
    const std::size_t size = std::min(literal.text.size(), kPieceSize);
    assignments.push_back({size, piece_of(text + best, size), static_cast<std::uint32_t>(best), literal});
  }
  std::ranges::sort(assignments, [](const Assignment& a, const Assignment& b) {
    return a.size != b.size ? a.size < b.size : a.piece < b.piece;
  });
  add_records(assignments);
}

void PieceIndex::add_records(const std::vector<Assignment>& sorted) {
  const auto begins_piece = [&](std::size_t i) {
    return i == 0 || i == sorted.size() || sorted[i].piece != sorted[i - 1].piece ||
           sorted[i].size != sorted[i - 1].size;
  };
  std::size_t counts[kPieceSize + 1] = {};
  for (std::size_t i = 0; i < sorted.size(); ++i) counts[sorted[i].size] += begins_piece(i);
  for (std::size_t size = 1; size <= kPieceSize; ++size) tables_[size].reserve(counts[size]);
  filter_.reserve(counts[kPieceSize]);

  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Assignment& assignment = sorted[i];
    const std::string_view text = assignment.literal.text;
    const std::size_t record = records_.size();
    CHECK_LT(record, std::size_t{kNone});
    if (begins_piece(i)) {
      tables_[assignment.size].add(assignment.piece, static_cast<std::uint32_t>(record));
      mark(assignment.piece, assignment.size);
    }
    CHECK_LT(assignment.offset, kNone / 2);
    records_.push_back(assignment.literal.id);
    records_.push_back(static_cast<std::uint32_t>(text.size()));
    records_.push_back(assignment.offset * 2 + begins_piece(i + 1));
    records_.resize(record + kTextWord + (text.size() + 3) / 4);
    std::memcpy(&records_[record + kTextWord], text.data(), text.size());
  }
  if (!records_.empty()) records_.resize(records_.size() + kPaddingWords);
  records_.shrink_to_fit();
}

void PieceIndex::mark(std::uint32_t piece, std::size_t size) {
  if (size == kPieceSize) {
    filter_.add(piece);
  } else if (size == 1) {
    single_bytes_.push_back(static_cast<unsigned char>(piece));
  } else {
    pairs_.resize(1 << 16);
    pair_bits_.resize((1 << 16) / 64);
    pair_bits_[(piece & 0xFFFF) / 64] |= std::uint64_t{1} << (piece & 63);
    pairs_[piece & 0xFFFF] |= static_cast<std::uint16_t>(1u << (size == 2 ? kPairBit : third_byte_bit(piece)));
  }
}

void PieceIndex::scan(std::string_view value, std::vector<std::uint32_t>& ids) const {
  if (empty() || value.empty()) return;
  Found found(ids);
  if (!single_bytes_.empty()) find_single_bytes(value, found);
  if (!pairs_.empty()) find_short(value, found);
  if (!tables_[kPieceSize].slots.empty()) find_long(value, found);
  found.finish(records_.data());
}

void PieceIndex::find_single_bytes(std::string_view value, Found& found) const {
  for (const unsigned char byte : single_bytes_) {
    const std::size_t at = value.find(static_cast<char>(byte));
    if (at != std::string_view::npos) compare(tables_[1].find(byte), value, at, found);
  }
}

void PieceIndex::find_short(std::string_view value, Found& found) const {
  const char* bytes = value.data();
  const std::uint16_t* pairs = pairs_.data();
  const std::uint64_t* pair_bits = pair_bits_.data();
  std::uint32_t candidates[kBlockSize];
  for (std::size_t begin = 0; begin + 2 <= value.size(); begin += kBlockSize) {
    // Positions that have a third byte; the last pair has none.
    const std::size_t end = std::min(begin + kBlockSize, value.size() - 2);
    std::size_t count = 0;
    for (std::size_t at = begin; at < end; ++at) {
      const std::uint32_t pair = load2(bytes + at);
      candidates[count] = static_cast<std::uint32_t>(at);
      count += pair_bits[pair / 64] >> (pair & 63) & 1u;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = candidates[i];
      const std::uint32_t window = load3(bytes + at);
      const unsigned marks = pairs[window & 0xFFFF];
      if (marks >> kPairBit & 1) compare(tables_[2].find(window & 0xFFFF), value, at, found);
      if (marks >> third_byte_bit(window) & 1) compare(tables_[3].find(window), value, at, found);
    }
  }
  if (value.size() < 2) return;
  const std::size_t last = value.size() - 2;
  const std::uint32_t pair = load2(bytes + last);
  if (pairs[pair] >> kPairBit & 1) compare(tables_[2].find(pair), value, last, found);
}

void PieceIndex::find_long(std::string_view value, Found& found) const {
  if (value.size() < kPieceSize) return;
  const PieceTable& table = tables_[kPieceSize];
  const std::size_t positions = value.size() - kPieceSize + 1;
  std::size_t places[PieceFilter::kBlockSize];
  std::uint32_t records[PieceFilter::kBlockSize];
  for (std::size_t begin = 0; begin < positions; begin += PieceFilter::kBlockSize) {
    const std::size_t count = std::min(positions - begin, PieceFilter::kBlockSize);
    std::uint64_t candidates = filter_.candidates(value.data() + begin, count);
    // All look-ups first, then all comparisons, so that their waits for memory overlap.
    std::size_t pending = 0;
    for (; candidates != 0; candidates &= candidates - 1) {
      const std::size_t at = begin + static_cast<std::size_t>(std::countr_zero(candidates));
      const std::uint32_t record = table.find(load4(value.data() + at));
      if (record == kNone) continue;
      __builtin_prefetch(records_.data() + record);
      places[pending] = at;
      records[pending++] = record;
    }
    for (std::size_t i = 0; i < pending; ++i) compare(records[i], value, places[i], found);
  }
}

// Compares the literals of the piece whose records begin at `record`, if any, with the value around position `at`.
void PieceIndex::compare(std::uint32_t record, std::string_view value, std::size_t at, Found& found) const {
  while (record != kNone) {
    const std::uint32_t* words = records_.data() + record;
    const std::size_t size = words[kSizeWord];
    const std::size_t offset = words[kOffsetWord] / 2;
    // A begin before the value wraps round and leaves no room.
    const std::size_t begin = at - offset;
    const std::size_t room = at >= offset ? value.size() - begin : 0;
    if (size <= room && agree(value.data() + begin, room, reinterpret_cast<const char*>(words + kTextWord), size)) {
      found.add(record);
    }
    if (words[kOffsetWord] & 1) return;
    record += static_cast<std::uint32_t>(kTextWord + (size + 3) / 4);
  }
}

std::size_t PieceIndex::memory() const {
  std::size_t slots = 0;
  for (const PieceTable& table : tables_) slots += table.slots.capacity();
  return slots * sizeof(Slot) + records_.capacity() * sizeof(std::uint32_t) + filter_.memory() +
         pairs_.capacity() * sizeof(std::uint16_t) + pair_bits_.capacity() * sizeof(std::uint64_t) +
         single_bytes_.capacity();
}

}  // namespace weir::match
