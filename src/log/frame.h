#pragma once

// The frame around weir's own small files and the numbers in them (docs/formats/log.md, "Small files"). Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/big_endian.h"

namespace weir::log {

inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::int16_t kFrameVersion = 1;

// `magic` has 8 characters.
std::string make_frame(std::string_view magic, std::string_view body);

// The body, borrowed from `bytes`, behind which anything may stand. ErrorKind::corrupt if the bytes are damaged,
// ErrorKind::user if they need a newer release; `path` is for messages.
Result<std::string_view> read_frame(std::string_view magic, std::string_view bytes, const std::string& path);

class FieldWriter {
 public:
  template <typename T>
  FieldWriter& number(T value) {
    wire::append_big(bytes_, value);
    return *this;
  }
  FieldWriter& text(std::string_view text) {
    wire::append_big(bytes_, static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  FieldWriter& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reading past the end gives zeros and empty texts; `is_whole()` then says no.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T number() {
    const std::string_view taken = raw(sizeof(T));
    return taken.empty() ? T{} : wire::load_big<T>(taken.data());
  }
  std::string text() { return std::string(raw(number<std::uint32_t>())); }
  std::string_view raw(std::size_t size) {
    if (size > bytes_.size()) {
      is_short_ = true;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  // A count of items that take at least `item_bytes` each.
  std::uint32_t count(std::size_t item_bytes) {
    const auto count = number<std::uint32_t>();
    if (count > bytes_.size() / item_bytes) is_short_ = true;
    return is_short_ ? 0 : count;
  }
  // Whether all that was read was there, and nothing is left over.
  bool is_whole() const { return !is_short_ && bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool is_short_ = false;
};

}  // namespace weir::log
