#pragma once

// Says of a text, fast, that none of some literals occurs in it: at the speed of reading it, 32 bytes a step where the
// processor has AVX2. "Perhaps" may be wrong, "no" never is. For text that is written as JSON the answer also holds for
// what its strings mean once their escapes are resolved, so a whole record can be passed over before any value is
// looked at.
//
// Each literal is represented by three bytes of it or more that no escape of JSON can touch. Few of them are told
// apart, in both cases, by look-ups of half-bytes in eight classes, and what these let through is compared in full.
// Many would fill the classes; then a LiteralSet searches the folded text for those of four bytes or more.
//
// Immutable once made; any thread may use it with its own Scratch.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "match/literal_set.h"

namespace weir::match {

class LiteralScreen {
 public:
  // `folded`: literals as match::folded leaves them. Nothing if one of them has no three such bytes in a row, or too
  // many have no four.
  static std::optional<LiteralScreen> make(std::span<const std::string> folded);

  // Whether a literal can be looked for at all.
  static bool takes(const std::string& folded);

  // Memory that calls reuse.
  struct Scratch {
    std::string folded;
    std::vector<std::uint32_t> found;
  };

  // Whether one of the literals may occur in `text` or in what its JSON escapes stand for, whatever the case.
  bool may_occur(std::string_view text, Scratch& scratch) const;
  // The same without vector instructions.
  bool may_occur_plain(std::string_view text, Scratch& scratch) const;

 private:
  static constexpr std::size_t kPieceSize = 4;
  static constexpr std::size_t kClasses = 8;

  // For one of the four bytes: by its low and by its high half, the classes that have it.
  struct Halves {
    std::array<std::uint8_t, 16> low{};
    std::array<std::uint8_t, 16> high{};
  };

  LiteralScreen() = default;
  void mark_disguises();
  void spread(std::vector<std::string_view> pieces);
  void mark(std::size_t position, char byte, std::uint8_t bit);
  void mark_any(std::size_t position, std::uint8_t bit);
  std::uint8_t classes_at(const char* bytes) const;
  bool occurs_at(std::string_view text, std::size_t at, std::uint8_t classes) const;
  bool scan_from(std::string_view text, std::size_t at) const;
  bool scan_blocks(std::string_view text, std::size_t& at) const;
  bool holds_one_of_many(std::string_view text, Scratch& scratch) const;

  std::array<Halves, kPieceSize> halves_{};
  std::array<std::vector<std::string>, kClasses> few_;  // By class; lower case.
  std::optional<LiteralSet> many_;
  bool html_matters_ = false;  // Some literal is told by bytes that are often escaped for HTML's sake.
};

}  // namespace weir::match
