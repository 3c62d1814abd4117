#include "wire/frame.h"

#include <limits>

#include "base/check.h"

namespace weir::wire {

namespace {

// The longest prefix of `text` that a string may hold and that ends no character in its middle.
std::string_view cut_to_string(std::string_view text) {
  if (text.size() <= kStringBytesMax) return text;
  std::size_t size = kStringBytesMax;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

std::uint64_t zig_zag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t undo_zig_zag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

std::size_t write_varint(std::uint64_t value, char* out) {
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) out[size++] = static_cast<char>(value | 0x80);
  out[size++] = static_cast<char>(value);
  return size;
}

constexpr std::size_t kVarintBytesMax = 10;

}  // namespace

// ---- Decoder

Status Decoder::status(std::string_view message, int version) const {
  if (!failed()) return {};
  return fail(ErrorKind::corrupt, "{} v{}: {}: {}", message, version, failed_field_, reason_);
}

void Decoder::fail_at(Field field, std::string reason) {
  if (failed()) return;
  failed_field_ = field;
  reason_ = std::move(reason);
  position_ = bytes_.size();
}

void Decoder::fail_short(std::size_t size, Field field) {
  fail_at(field, fmt::format("needs {} bytes where {} are left", size, remaining()));
}

void Decoder::fail_null(Field field) {
  fail_at(field, "is null, which this version does not allow");
}

void Decoder::fail_longer_tag(std::uint32_t tag, Field field) {
  fail_at(field, fmt::format("tagged field {} has {} more bytes than it takes", tag, remaining()));
}

Uuid Decoder::uuid(Field field) {
  Uuid value{};
  const std::string_view bytes = take(value.size(), field);
  if (!bytes.empty()) std::memcpy(value.data(), bytes.data(), value.size());
  return value;
}

std::uint64_t Decoder::long_varint(int bytes_max, Field field) {
  const int bits = bytes_max == 5 ? 32 : 64;
  std::uint64_t value = 0;
  for (int i = 0; i < bytes_max; ++i) {
    if (remaining() == 0) {
      fail_short(1, field);
      return 0;
    }
    const auto byte = static_cast<unsigned char>(bytes_[position_++]);
    const int shift = 7 * i;
    if (bits - shift < 7 && (byte & 0x7F) >> (bits - shift) != 0) break;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail_at(field, fmt::format("a varint of more than {} bits", bits));
  return 0;
}

std::int32_t Decoder::varint(Field field) {
  return static_cast<std::int32_t>(undo_zig_zag(long_varint(5, field)));
}

std::int64_t Decoder::varlong(Field field) {
  return undo_zig_zag(long_varint(10, field));
}

std::int64_t Decoder::length(bool flexible, Field field) {
  const std::int64_t size = flexible ? static_cast<std::int64_t>(unsigned_varint(field)) - 1 : int32(field);
  if (size < -1) fail_at(field, fmt::format("a length of {}", size));
  return failed() ? 0 : size;
}

std::int64_t Decoder::string_length(bool flexible, Field field) {
  const std::int64_t size = flexible ? static_cast<std::int64_t>(unsigned_varint(field)) - 1 : int16(field);
  if (size < -1 || size > static_cast<std::int64_t>(kStringBytesMax)) {
    fail_at(field, fmt::format("a string of {} bytes, which is not within 0 and {}", size, kStringBytesMax));
  }
  return failed() ? 0 : size;
}

std::string_view Decoder::take(std::int64_t size, Field field) {
  if (static_cast<std::uint64_t>(size) > remaining()) {
    fail_short(static_cast<std::size_t>(size), field);
    return {};
  }
  const std::string_view bytes = bytes_.substr(position_, static_cast<std::size_t>(size));
  position_ += bytes.size();
  return bytes;
}

std::optional<std::string_view> Decoder::take_string(bool flexible, Field field) {
  const std::int64_t size = string_length(flexible, field);
  if (size < 0) return std::nullopt;
  return take(size, field);
}

std::optional<std::string_view> Decoder::take_bytes(bool flexible, Field field) {
  const std::int64_t size = length(flexible, field);
  if (size < 0) return std::nullopt;
  return take(size, field);
}

std::string Decoder::string(bool flexible, Field field) {
  const auto text = take_string(flexible, field);
  if (!text) fail_null(field);
  return std::string(text.value_or(""));
}

std::optional<std::string> Decoder::nullable_string(bool flexible, Field field) {
  const auto text = take_string(flexible, field);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

std::string Decoder::bytes(bool flexible, Field field) {
  const auto value = take_bytes(flexible, field);
  if (!value) fail_null(field);
  return std::string(value.value_or(""));
}

std::optional<std::string> Decoder::nullable_bytes(bool flexible, Field field) {
  const auto value = take_bytes(flexible, field);
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

Records Decoder::records(bool flexible, Field field) {
  const auto value = take_bytes(flexible, field);
  return {.bytes = value.value_or(""), .gap_size = 0, .is_null = !value.has_value()};
}

std::size_t Decoder::array_size(bool flexible, ElementSize element, Field field) {
  const auto size = nullable_array_size(flexible, element, field);
  if (!size) fail_null(field);
  return size.value_or(0);
}

std::optional<std::size_t> Decoder::nullable_array_size(bool flexible, ElementSize element, Field field) {
  const std::int64_t size = length(flexible, field);
  if (size < 0) return std::nullopt;
  if (static_cast<std::uint64_t>(size) > remaining() / static_cast<std::size_t>(element.bytes_min)) {
    fail_at(field, fmt::format("array of {} needs more than the {} bytes left", size, remaining()));
    return 0;
  }
  const std::size_t memory = static_cast<std::size_t>(size) * element.memory;
  if (memory > memory_left_) {
    fail_at(field, fmt::format("array of {} takes more memory than a frame of this size may", size));
    return 0;
  }
  memory_left_ -= memory;
  return static_cast<std::size_t>(size);
}

std::uint32_t Decoder::tag_count(Field field) {
  const std::uint32_t count = unsigned_varint(field);
  if (count <= remaining() / 2) return count;
  fail_at(field, fmt::format("{} tagged fields need more than the {} bytes left", count, remaining()));
  return 0;
}

std::size_t Decoder::tag_size(Field field) {
  const std::uint32_t size = unsigned_varint(field);
  if (size <= remaining()) return size;
  fail_short(size, field);
  return 0;
}

// ---- Encoder

void Encoder::clear() {
  buffer_.resize(0);
  gaps_.clear();
  gap_bytes_ = 0;
  frame_.reset();
}

void Encoder::begin_frame() {
  CHECK(!frame_.has_value());
  frame_ = buffer_.size();
  gap_bytes_before_frame_ = gap_bytes_;
  int32(0);
}

void Encoder::end_frame() {
  CHECK(frame_.has_value());
  const std::uint64_t size = buffer_.size() - *frame_ - sizeof(std::int32_t) + gap_bytes_ - gap_bytes_before_frame_;
  CHECK_LE(size, std::uint64_t{std::numeric_limits<std::int32_t>::max()});
  const std::uint32_t prefix = std::byteswap(static_cast<std::uint32_t>(size));
  std::memcpy(buffer_.data() + *frame_, &prefix, sizeof(prefix));
  frame_.reset();
}

void Encoder::uuid(const Uuid& value) {
  buffer_.append({reinterpret_cast<const char*>(value.data()), value.size()});
}

void Encoder::long_varint(std::uint64_t value) {
  char out[kVarintBytesMax];
  buffer_.append({out, write_varint(value, out)});
}

void Encoder::varint(std::int32_t value) {
  unsigned_varint(zig_zag(value));
}
void Encoder::varlong(std::int64_t value) {
  unsigned_varint(zig_zag(value));
}

void Encoder::length(bool flexible, std::uint64_t size) {
  CHECK_LE(size, std::uint64_t{std::numeric_limits<std::int32_t>::max()});
  if (flexible) return unsigned_varint(size + 1);
  int32(static_cast<std::int32_t>(size));
}

void Encoder::null(bool flexible) {
  if (flexible) return unsigned_varint(0);
  int32(-1);
}

void Encoder::string(bool flexible, std::string_view value) {
  value = cut_to_string(value);
  if (flexible) {
    unsigned_varint(value.size() + 1);
  } else {
    int16(static_cast<std::int16_t>(value.size()));
  }
  buffer_.append(value);
}

void Encoder::nullable_string(bool flexible, const std::optional<std::string>& value) {
  if (value) return string(flexible, *value);
  if (flexible) return unsigned_varint(0);
  int16(-1);
}

void Encoder::bytes(bool flexible, std::string_view value) {
  length(flexible, value.size());
  buffer_.append(value);
}

void Encoder::nullable_bytes(bool flexible, const std::optional<std::string>& value) {
  if (value) return bytes(flexible, *value);
  null(flexible);
}

void Encoder::records(bool flexible, const Records& value) {
  if (value.is_null) return null(flexible);
  if (value.gap_size == 0) return bytes(flexible, value.bytes);
  CHECK(value.bytes.empty());
  length(flexible, value.gap_size);
  gaps_.push_back({.position = buffer_.size(), .size = value.gap_size});
  gap_bytes_ += value.gap_size;
}

std::size_t Encoder::begin_tag(std::uint32_t tag) {
  unsigned_varint(tag);
  return buffer_.size();
}

void Encoder::end_tag(std::size_t begin) {
  CHECK(gaps_.empty() || gaps_.back().position <= begin);
  const std::size_t size = buffer_.size() - begin;
  char prefix[kVarintBytesMax];
  const std::size_t prefix_size = write_varint(size, prefix);
  buffer_.resize(buffer_.size() + prefix_size);
  std::memmove(buffer_.data() + begin + prefix_size, buffer_.data() + begin, size);
  std::memcpy(buffer_.data() + begin, prefix, prefix_size);
}

}  // namespace weir::wire
