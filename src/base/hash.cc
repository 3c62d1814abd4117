#define XXH_INLINE_ALL
#include "base/hash.h"

#include <random>

#include <xxhash.h>

namespace weir {

std::uint64_t seeded_hash(std::string_view bytes) {
  static const std::uint64_t kSeed = std::random_device()() | std::uint64_t{std::random_device()()} << 32;
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), kSeed);
}

}  // namespace weir
