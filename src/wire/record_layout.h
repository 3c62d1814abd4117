#pragma once

// The layout of one record inside a batch (Kafka's implementation notes, "Record"), for the reader and the validation.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::wire {

// Walks over bytes of somebody else; nothing is read beyond their end. Each function says whether it could, and the
// cursor is of no more use when one could not.
class RecordCursor {
 public:
  explicit RecordCursor(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

  bool skip(std::size_t size) {
    if (size > remaining()) return false;
    at_ += size;
    return true;
  }

  bool read_bytes(std::int32_t size, std::string_view& bytes) {
    if (size < 0 || static_cast<std::size_t>(size) > remaining()) return false;
    bytes = {at_, static_cast<std::size_t>(size)};
    at_ += size;
    return true;
  }

  // Zig-zag varints of at most 32 and 64 bits.
  bool read_varint(std::int32_t& value) {
    std::uint32_t bits = 0;
    if (!read_unsigned(bits)) return false;
    value = static_cast<std::int32_t>((bits >> 1) ^ (~(bits & 1) + 1));
    return true;
  }
  bool read_varlong(std::int64_t& value) {
    std::uint64_t bits = 0;
    if (!read_unsigned(bits)) return false;
    value = static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
    return true;
  }

 private:
  template <typename Unsigned>
  bool read_unsigned(Unsigned& value) {
    constexpr int kBits = sizeof(Unsigned) * 8;
    for (int shift = 0; at_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      // The last byte holds only what is left of the number, and never says that another follows.
      if (shift + 7 > kBits && (byte >> (kBits - shift)) != 0) return false;
      value |= static_cast<Unsigned>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  const char* at_;
  const char* end_;
};

void append_varint(std::string& out, std::int32_t value);
void append_varlong(std::string& out, std::int64_t value);

struct RecordFields {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
};

// Absent for -1, which other negative numbers are not.
inline bool read_nullable(RecordCursor& cursor, std::optional<std::string_view>& bytes) {
  std::int32_t size = 0;
  if (!cursor.read_varint(size)) return false;
  if (size == -1) {
    bytes.reset();
    return true;
  }
  return cursor.read_bytes(size, bytes.emplace());
}

// Reads the record at the cursor and hands each header's key and value to `on_header`. Returns what is wrong with the
// record, nullptr if nothing is.
template <typename OnHeader>
const char* read_record(RecordCursor& cursor, RecordFields& record, OnHeader&& on_header) {
  std::int32_t size = 0;
  std::string_view body;
  if (!cursor.read_varint(size)) return "its size is not a number";
  if (!cursor.read_bytes(size, body)) return "its size is negative or beyond the batch's end";
  RecordCursor fields(body);
  constexpr std::size_t kAttributes = 1;  // None is defined.
  if (!fields.skip(kAttributes)) return "it has no attributes";
  if (!fields.read_varlong(record.timestamp_delta)) return "its timestamp is not a number";
  if (!fields.read_varint(record.offset_delta)) return "its offset is not a number";
  if (!read_nullable(fields, record.key)) return "its key does not fit into it";
  if (!read_nullable(fields, record.value)) return "its value does not fit into it";
  std::int32_t header_count = 0;
  if (!fields.read_varint(header_count) || header_count < 0) return "its number of headers cannot be";
  for (std::int32_t index = 0; index < header_count; ++index) {
    std::int32_t key_size = 0;
    std::string_view key;
    std::optional<std::string_view> value;
    if (!fields.read_varint(key_size) || !fields.read_bytes(key_size, key))
      return "a header's key does not fit into it";
    if (!read_nullable(fields, value)) return "a header's value does not fit into it";
    on_header(key, value);
  }
  if (fields.remaining() != 0) return "it is longer than what it holds";
  return nullptr;
}

// Deltas wrap around, as Java's do: what a peer writes must not be undefined here.
inline std::int64_t add_wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t subtract_wrapping(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

}  // namespace weir::wire
