#pragma once

// Little-endian numbers out of bytes that may end anywhere.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace weir::formats::evtx {

// The caller knows that the bytes are there.
template <typename Number>
Number load(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

// Reads forwards within [position, end) of `base`. The first read beyond the end fails, and so does every read after
// it, with zeros as result, so that a reader asks ok() once per token rather than once per number.
class ByteReader {
 public:
  ByteReader(std::string_view base, std::uint32_t position, std::uint32_t end)
      : base_(base), position_(position), end_(end) {
    if (end_ > base_.size() || position_ > end_) {
      ok_ = false;
      position_ = end_ = 0;
    }
  }

  bool ok() const { return ok_; }
  std::uint32_t position() const { return position_; }
  std::uint32_t remaining() const { return end_ - position_; }

  template <typename Number>
  Number take() {
    const std::string_view bytes = take_bytes(sizeof(Number));
    return bytes.empty() ? Number{} : load<Number>(bytes.data());
  }

  std::string_view take_bytes(std::uint32_t size) {
    if (size > remaining()) {
      fail();
      return {};
    }
    const std::string_view bytes = base_.substr(position_, size);
    position_ += size;
    return bytes;
  }

  void skip(std::uint32_t size) { take_bytes(size); }

  void fail() {
    ok_ = false;
    position_ = end_;
  }

 private:
  std::string_view base_;
  std::uint32_t position_;
  std::uint32_t end_;
  bool ok_ = true;
};

}  // namespace weir::formats::evtx
