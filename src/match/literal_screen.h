#pragma once

// Says of a text, fast, that none of some literals occurs in it: at the speed of reading it, 32 bytes a step where the
// processor has AVX2. "Perhaps" may be wrong, "no" never is. For text that is written as JSON the answer also holds for
// what its strings mean once their escapes are resolved, so a whole record can be passed over before any value is
// looked at.
//
// Each literal is represented by a piece of it, a run of bytes that JSON does not have to escape; where a text has an
// escape that means a byte of some piece, it is not passed over. For records pieces are, if they can be, of bytes that
// hardly any writer of JSON escapes. Pieces are told apart, in both cases, by look-ups of half-bytes of their rarest
// four bytes in eight or sixteen classes; what these let through is looked up in a table, and compared in full. Very
// many would fill the classes; then a LiteralSet searches the folded text for those of four bytes or more.
//
// Immutable once made; any thread may use it with its own Scratch.

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "match/literal_set.h"

namespace weir::match {

struct ScreenWindows;

class LiteralScreen {
 public:
  // More literals than this are not screened at the speed of reading.
  static constexpr std::size_t kQuickMax = 192;

  // A literal as match::folded leaves it, and where in a value it stands.
  struct Wanted {
    Anchor anchor;
    std::string text;
    auto operator<=>(const Wanted&) const = default;
  };

  // Of literals that may stand anywhere in a text that holds many values, each perhaps with other escapes than JSON's:
  // pieces have no quotes, backslashes or slashes. Nothing if a literal has no three other bytes in a row, or too many
  // have no four.
  static std::optional<LiteralScreen> for_records(std::span<const std::string> folded);
  // Whether for_records can look for a literal at all.
  static bool takes(const std::string& folded);

  // Of literals in one value. Values of `size_from` bytes or more are not passed over either. Nothing if a literal that
  // may stand anywhere has no two bytes in a row but quotes, backslashes and control characters, and none beyond ASCII.
  static std::optional<LiteralScreen> for_values(std::span<const Wanted> literals, std::size_t size_from);

  // Memory that calls reuse.
  struct Scratch {
    std::string folded;
    std::vector<std::uint32_t> found;
  };

  enum class Written : std::uint8_t { plainly, as_json };

  // Whether one of the literals may occur in `text`, or in what its JSON escapes stand for, whatever the case.
  bool may_occur(std::string_view text, Written written, Scratch& scratch) const;
  // The same without vector instructions.
  bool may_occur_plain(std::string_view text, Written written, Scratch& scratch) const;

 private:
  static constexpr std::size_t kPieceSize = 4;
  static constexpr std::size_t kClasses = 8;

  // For one of the four bytes: by its low and by its high half, the classes that have it. Twice over, as vectors of 32
  // bytes look both halves of themselves up.
  struct Halves {
    alignas(32) std::array<std::uint8_t, 32> low{};
    alignas(32) std::array<std::uint8_t, 32> high{};
  };
  // Eight classes told apart by four bytes.
  struct Classes {
    std::array<Halves, kPieceSize> halves{};

    void mark(std::size_t position, char byte, std::uint8_t bit);
    void mark_any(std::size_t position, std::uint8_t bit);
    void mark_piece(std::string_view piece, std::uint8_t bit);
    std::uint8_t at(const char* bytes) const;
  };
  // Of four bytes or more; lower case.
  struct Piece {
    std::string text;
    std::size_t head = 0;  // Where its rarest four bytes are, by which it is found.
    auto operator<=>(const Piece&) const = default;
  };
  struct Slot {
    std::uint32_t head = 0;     // The piece's rarest four bytes, roughly lowered.
    std::uint32_t piece = ~0u;  // Index into pieces_.
  };

  LiteralScreen() = default;
  bool add_ends(const Wanted& literal);
  bool add_any_bytes(const std::string& literal);
  void add_piece(std::string_view text, std::size_t head);
  bool finish();
  void note_bytes(std::string_view piece);
  void mark_disguises();
  void spread();
  void add_to_table(std::uint32_t piece);
  bool ends_tell(std::string_view text, Written written) const;
  bool reserved_at(std::string_view text, std::size_t at, Written written) const;
  bool long_pieces_at(std::string_view text, std::size_t at, std::uint32_t hits) const;
  bool is_disguise(std::string_view text, std::size_t at) const;
  bool piece_at(std::string_view text, std::size_t at) const;
  bool scan(std::string_view text, Written written) const;
  template <bool two>
  bool scan_blocks(std::string_view text, Written written) const;
  template <bool two>
  bool scan_block(std::string_view text, std::size_t at, const ScreenWindows& windows, Written written) const;
  bool holds_one_of_many(std::string_view text, Scratch& scratch) const;

  Classes first_;   // Disguises, short pieces, then others.
  Classes second_;  // Others, if there are many.
  bool has_second_ = false;
  std::vector<std::string> shorts_;  // Pieces of two or three bytes; lower case.
  std::vector<Piece> pieces_;
  std::array<std::uint64_t, 64> heads_{};  // By hash: whether a piece has such a head.
  std::vector<Slot> table_;                // Open addressing, by head.
  unsigned table_shift_ = 0;
  std::optional<LiteralSet> many_;

  // What is told by a value's size or its first or last byte alone.
  std::size_t plain_size_below_ = 0;  // Smaller values may equal a literal.
  std::size_t json_size_below_ = 0;
  std::size_t size_from_ = std::numeric_limits<std::size_t>::max();
  bool has_end_bytes_ = false;
  std::array<bool, 256> first_bytes_{};
  std::array<bool, 256> last_bytes_{};

  std::array<bool, 128> in_pieces_{};  // Bytes of ASCII of which pieces consist, in both cases: an escape may mean one.
  bool slashes_matter_ = false;        // A piece has slashes, which some writers of JSON escape.
  bool non_ascii_matters_ = false;     // A literal is told by having bytes beyond ASCII.
};

}  // namespace weir::match
