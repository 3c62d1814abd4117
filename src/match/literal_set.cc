#include "match/literal_set.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>

#include "base/check.h"
#include "match/literal_trie.h"
#include "match/piece_index.h"

namespace weir::match {
namespace {

struct Literal {
  std::uint32_t begin;  // In the texts.
  std::uint32_t size;
  std::uint32_t id;
  Anchor anchor;
};

// Up to eight bytes as a number.
std::uint64_t load_up_to_8(const char* bytes, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, std::min<std::size_t>(size, 8));
  return value;
}

// Of whole texts: their size and their first, middle and last bytes.
std::uint64_t hash_whole(std::string_view text) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  std::uint64_t hash = text.size() * kMultiplier ^ load_up_to_8(text.data(), text.size());
  if (text.size() > 8) {
    hash = std::rotl(hash * kMultiplier, 29) ^ load_up_to_8(text.data() + text.size() - 8, 8);
    hash = std::rotl(hash * kMultiplier, 29) ^ load_up_to_8(text.data() + text.size() / 2 - 4, 8);
  }
  return (hash ^ hash >> 32) * kMultiplier;
}

// Whole texts by hash, open addressing.
class WholeTable {
 public:
  void build(const std::vector<Literal>& literals, std::string_view texts) {
    std::size_t count = 0;
    for (const Literal& literal : literals) count += literal.anchor == Anchor::equals;
    slots_.clear();
    if (count == 0) return;
    slots_.assign(std::bit_ceil(count * 2 + 1), kFree);
    shift_ = static_cast<unsigned>(64 - std::countr_zero(slots_.size()));
    for (std::uint32_t i = 0; i < literals.size(); ++i) {
      if (literals[i].anchor != Anchor::equals) continue;
      std::size_t place = hash_whole(texts.substr(literals[i].begin, literals[i].size)) >> shift_;
      while (slots_[place] != kFree) place = (place + 1) & (slots_.size() - 1);
      slots_[place] = i;
    }
  }

  void find(std::string_view value, const std::vector<Literal>& literals, std::string_view texts,
            std::vector<std::uint32_t>& found) const {
    if (slots_.empty()) return;
    for (std::size_t place = hash_whole(value) >> shift_; slots_[place] != kFree;
         place = (place + 1) & (slots_.size() - 1)) {
      const Literal& literal = literals[slots_[place]];
      if (texts.substr(literal.begin, literal.size) == value) found.push_back(slots_[place]);
    }
  }

  std::size_t memory() const { return slots_.capacity() * sizeof(std::uint32_t); }

 private:
  static constexpr std::uint32_t kFree = std::numeric_limits<std::uint32_t>::max();

  std::vector<std::uint32_t> slots_;
  unsigned shift_ = 0;
};

}  // namespace

struct LiteralSet::Tables {
  std::string texts;
  std::vector<Literal> literals;
  bool is_built = false;

  // These speak of literals by their index above.
  std::vector<std::uint32_t> fitting_all;  // Empty literals.
  WholeTable wholes;
  LiteralTrie fronts;
  LiteralTrie backs;
  PieceIndex pieces;
};

LiteralSet::LiteralSet() : tables_(std::make_unique<Tables>()) {}
LiteralSet::~LiteralSet() = default;
LiteralSet::LiteralSet(LiteralSet&&) noexcept = default;
LiteralSet& LiteralSet::operator=(LiteralSet&&) noexcept = default;

void LiteralSet::add(Anchor anchor, std::string_view text, std::uint32_t id) {
  Tables& tables = *tables_;
  CHECK(!tables.is_built);
  CHECK_LT(tables.texts.size() + text.size(), std::numeric_limits<std::uint32_t>::max());
  tables.literals.push_back(
      {static_cast<std::uint32_t>(tables.texts.size()), static_cast<std::uint32_t>(text.size()), id, anchor});
  tables.texts += text;
}

void LiteralSet::build() {
  Tables& tables = *tables_;
  CHECK(!tables.is_built);
  CHECK_LT(tables.literals.size(), std::numeric_limits<std::uint32_t>::max());
  tables.texts.shrink_to_fit();
  const std::string_view texts = tables.texts;
  std::vector<TrieLiteral> fronts;
  std::vector<TrieLiteral> backs;
  std::vector<PieceLiteral> pieces;
  for (std::uint32_t i = 0; i < tables.literals.size(); ++i) {
    const Literal& literal = tables.literals[i];
    const std::string_view text = texts.substr(literal.begin, literal.size);
    if (literal.anchor == Anchor::equals) continue;
    if (text.empty()) {
      tables.fitting_all.push_back(i);
    } else if (literal.anchor == Anchor::starts) {
      fronts.push_back({text, i});
    } else if (literal.anchor == Anchor::ends) {
      backs.push_back({text, i});
    } else {
      pieces.push_back({text, literal.id});
    }
  }
  tables.wholes.build(tables.literals, texts);
  tables.fronts.build(Side::front, texts, std::move(fronts));
  tables.backs.build(Side::back, texts, std::move(backs));
  tables.pieces.build(pieces);
  tables.is_built = true;
}

void LiteralSet::scan(std::string_view value, std::vector<std::uint32_t>& ids) const {
  const Tables& tables = *tables_;
  CHECK(tables.is_built);
  const std::string_view texts = tables.texts;
  // First the indices of literals are collected behind what `ids` holds, then they become ids.
  const auto begin = static_cast<std::ptrdiff_t>(ids.size());
  ids.insert(ids.end(), tables.fitting_all.begin(), tables.fitting_all.end());
  tables.wholes.find(value, tables.literals, texts, ids);
  tables.fronts.walk(value, texts, ids);
  tables.backs.walk(value, texts, ids);
  for (auto index = ids.begin() + begin; index != ids.end(); ++index) *index = tables.literals[*index].id;
  tables.pieces.scan(value, ids);
}

std::size_t LiteralSet::size() const {
  return tables_->literals.size();
}

std::size_t LiteralSet::memory() const {
  const Tables& tables = *tables_;
  return sizeof(Tables) + tables.texts.capacity() + tables.literals.capacity() * sizeof(Literal) +
         tables.fitting_all.capacity() * sizeof(std::uint32_t) + tables.wholes.memory() + tables.fronts.memory() +
         tables.backs.memory() + tables.pieces.memory();
}

}  // namespace weir::match
