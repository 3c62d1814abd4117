#pragma once

// A bitmap over hashed four-byte pieces: says, for 64 positions of a text at once, where one of the pieces may begin.
// It never misses one. With AVX2, if the processor has it, eight positions in a step; a plain loop gives the same
// elsewhere.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::match {

class PieceFilter {
 public:
  static constexpr std::size_t kPieceSize = 4;
  static constexpr std::size_t kBlockSize = 64;

  void reserve(std::size_t piece_count);
  void add(std::uint32_t piece);

  // Bit i is set if a piece may begin at bytes + i; for the first `positions` (1 to 64). Bytes up to the end of the
  // last piece are readable: positions + 3.
  std::uint64_t candidates(const char* bytes, std::size_t positions) const;
  // The same without vector instructions.
  std::uint64_t plain_candidates(const char* bytes, std::size_t positions) const;

  std::size_t memory() const { return words_.capacity() * sizeof(std::uint32_t); }

 private:
  std::uint64_t vector_candidates(const char* bytes, std::size_t positions) const;

  std::vector<std::uint32_t> words_;
  unsigned shift_ = 0;
};

}  // namespace weir::match
