#include "match/fold.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>

#include "base/text.h"
#include "base/utf8.h"
#include "match/fold_table.h"

namespace weir::match {
namespace {

constexpr std::size_t kBlockSize = 16;
constexpr char32_t kFoldedMax = kFoldRanges[std::size(kFoldRanges) - 1].last;

// For each 256 code points: whether one of them folds, so that most scripts without case need no search.
constexpr auto kPageFolds = [] {
  std::array<bool, (kFoldedMax >> 8) + 1> pages{};
  for (const FoldRange& range : kFoldRanges) {
    for (std::uint32_t page = range.first >> 8; page <= range.last >> 8; ++page) pages[page] = true;
  }
  return pages;
}();

// The loops over one block have a constant number of turns, so that compilers make vector code of them at -O2 for any
// processor.
bool is_folded_ascii(const unsigned char* block) {
  unsigned char other = 0;
  for (std::size_t i = 0; i < kBlockSize; ++i) {
    const unsigned char c = block[i];
    const unsigned char is_upper = static_cast<unsigned char>(c - 'A') <= 'Z' - 'A' ? 0x80 : 0;
    other |= static_cast<unsigned char>(c | is_upper);
  }
  return (other & 0x80) == 0;
}

bool is_ascii(const unsigned char* block) {
  unsigned char all = 0;
  for (std::size_t i = 0; i < kBlockSize; ++i) all |= block[i];
  return (all & 0x80) == 0;
}

void lower_ascii(const unsigned char* block, char* out) {
  unsigned char lowered[kBlockSize];
  for (std::size_t i = 0; i < kBlockSize; ++i) {
    const unsigned char c = block[i];
    lowered[i] = static_cast<unsigned char>(c | (static_cast<unsigned char>(c - 'A') <= 'Z' - 'A' ? 0x20 : 0));
  }
  std::memcpy(out, lowered, kBlockSize);
}

// Length of a prefix that folds to itself for sure: whole blocks, then single characters.
std::size_t unchanged_prefix(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t at = 0;
  while (text.size() - at >= kBlockSize && is_folded_ascii(bytes + at)) at += kBlockSize;
  while (at < text.size() && bytes[at] < 0x80 && to_lower(text[at]) == text[at]) ++at;
  return at;
}

// Takes one character off the front of `text` and writes its folding at `out`; returns the bytes written (1 to 4).
std::size_t fold_one(std::string_view& text, char* out) {
  const std::string_view before = text;
  const char32_t code_point = take_code_point(text);
  const std::size_t taken = before.size() - text.size();
  const char32_t result = fold(code_point);
  if (result != code_point) return encode_utf8(result, out);
  std::memcpy(out, before.data(), taken);  // Malformed bytes too stay what they are.
  return taken;
}

}  // namespace

char32_t fold(char32_t code_point) {
  if (code_point < 0x80) return static_cast<char32_t>(to_lower(static_cast<char>(code_point)));
  if (code_point > kFoldedMax || !kPageFolds[code_point >> 8]) return code_point;
  const FoldRange* range = std::ranges::lower_bound(kFoldRanges, code_point, {}, &FoldRange::last);
  if (code_point < range->first || (code_point - range->first) % range->step != 0) return code_point;
  return static_cast<char32_t>(static_cast<std::int32_t>(code_point) + range->delta);
}

std::string_view folded(std::string_view text, std::string& buffer) {
  const std::size_t unchanged = unchanged_prefix(text);
  if (unchanged == text.size()) return text;

  // Folding makes a character longer by at most half: two bytes to three (U+023A, U+023E and the like). The block copy
  // may write a whole block at the end.
  buffer.resize(unchanged + (text.size() - unchanged) / 2 * 3 + 2 * kBlockSize);
  std::memcpy(buffer.data(), text.data(), unchanged);
  char* out = buffer.data() + unchanged;
  std::string_view rest = text.substr(unchanged);
  while (!rest.empty()) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(rest.data());
    if (rest.size() >= kBlockSize && is_ascii(bytes)) {
      lower_ascii(bytes, out);
      out += kBlockSize;
      rest.remove_prefix(kBlockSize);
    } else if (*bytes < 0x80) {
      *out++ = to_lower(rest.front());
      rest.remove_prefix(1);
    } else {
      out += fold_one(rest, out);
    }
  }
  return std::string_view(buffer.data(), static_cast<std::size_t>(out - buffer.data()));
}

}  // namespace weir::match
