#pragma once

// Says of a text, fast, that none of some literals occurs in it: at the speed of reading it, 32 bytes a step where the
// processor has AVX2. "Perhaps" may be wrong, "no" never is. For text that is written as JSON the answer also holds for
// what its strings mean once their escapes are resolved, so a whole record can be passed over before any value is
// looked at.
//
// Each literal is represented by three bytes of it that no escape of JSON can touch, in both cases. Eight classes of
// such triples are told apart by six look-ups of half-bytes; what they let through is compared in full.
//
// Immutable once made; any thread may use it.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::match {

class LiteralScreen {
 public:
  // `folded`: literals as match::folded leaves them. Nothing if one of them has no three such bytes in a row.
  static std::optional<LiteralScreen> make(std::span<const std::string> folded);

  // Whether one of the literals may occur in `text` or in what its JSON escapes stand for, whatever the case.
  bool may_occur(std::string_view text) const;
  // The same without vector instructions.
  bool may_occur_plain(std::string_view text) const;

 private:
  static constexpr std::size_t kTripleSize = 3;
  static constexpr std::size_t kClasses = 8;

  // For each of the three bytes: by its low and by its high half, the classes that have it.
  struct Halves {
    std::array<std::uint8_t, 16> low{};
    std::array<std::uint8_t, 16> high{};
  };

  LiteralScreen() = default;
  void spread(std::vector<std::string_view> pieces);
  void mark_all_cases(std::string_view triple, std::uint8_t bit);
  void mark(std::string_view triple, std::uint8_t bit);
  std::uint8_t classes_at(const char* bytes) const;
  bool occurs_at(std::string_view text, std::size_t at, std::uint8_t classes) const;
  bool scan_from(std::string_view text, std::size_t at) const;
  bool scan_blocks(std::string_view text, std::size_t& at) const;

  std::array<Halves, kTripleSize> halves_{};
  std::array<std::vector<std::string>, kClasses> pieces_;  // By class; lower case.
  bool html_matters_ = false;  // Some literal is told by bytes that are often escaped for HTML's sake.
};

}  // namespace weir::match
