#pragma once

// One pair of functions for each codec, each in a source named after it; codec.cc chooses. Input is below 2^31 bytes.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/result.h"

namespace weir::wire {

// Where a decoder writes: grows geometrically as it fills, up to one byte beyond the limit, by which it knows that
// there is too much.
class DecodedBytes {
 public:
  // Room for `size_expected` bytes is taken at once, unless the limit forbids.
  DecodedBytes(std::size_t size_max, std::size_t size_expected) : capacity_max_(std::min(size_max, kSizeMax) + 1) {
    grow(std::max(size_expected, kFirstRoom));
  }

  // Where to write next; room() bytes, which are none only when the limit is exceeded.
  char* end() { return bytes_.data() + size_; }
  std::size_t room() const { return bytes_.size() - size_; }

  void advance(std::size_t written) {
    size_ += written;
    if (room() == 0) grow(bytes_.size() * 2);
  }

  bool is_too_much() const { return size_ == capacity_max_; }

  std::string take() && {
    bytes_.resize(size_);
    return std::move(bytes_);
  }

 private:
  static constexpr std::size_t kFirstRoom = 512;
  static constexpr std::size_t kSizeMax = std::size_t{1} << 40;  // More than there is, less than overflows.

  void grow(std::size_t capacity) {
    const std::size_t size = std::min(capacity, capacity_max_);
    CHECK_LE(size_, size);
    // The new bytes are left as they are: the decoder writes them. The function's own argument is no use: libstdc++ 12
    // passes the capacity it chose, which may be more.
    bytes_.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  }

  std::size_t capacity_max_;
  std::string bytes_;
  std::size_t size_ = 0;
};

inline std::unexpected<Error> fail_too_much(std::string_view codec, std::size_t size_max) {
  return fail(ErrorKind::corrupt, "{} data holds more than the {} bytes allowed", codec, size_max);
}

inline std::unexpected<Error> fail_damaged(std::string_view codec, std::string_view what) {
  return fail(ErrorKind::corrupt, "{} data is damaged: {}", codec, what);
}

inline constexpr std::string_view kEndsEarly = "it ends in the middle";

Result<std::string> gzip_decompress(std::string_view bytes, std::size_t size_max);
std::string gzip_compress(std::string_view bytes);

Result<std::string> snappy_decompress(std::string_view bytes, std::size_t size_max);
std::string snappy_compress(std::string_view bytes);

Result<std::string> lz4_decompress(std::string_view bytes, std::size_t size_max);
std::string lz4_compress(std::string_view bytes);

Result<std::string> zstd_decompress(std::string_view bytes, std::size_t size_max);
std::string zstd_compress(std::string_view bytes);

}  // namespace weir::wire
