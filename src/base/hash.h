#pragma once

// Hashes of bytes from outside: seeded anew in each process, so that who writes them cannot choose what shares a place
// in a table. Not stable between runs; any thread may ask.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir {

std::uint64_t seeded_hash(std::string_view bytes);

// For unordered containers with std::equal_to<>.
struct SeededHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return seeded_hash(text); }
};

}  // namespace weir
