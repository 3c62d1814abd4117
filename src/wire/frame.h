#pragma once

// What generated messages are built on: reading and writing Kafka's primitive types (protocol guide, "Protocol
// Primitive Types"). src/wire/messages.txt lists the messages; src/wire/generate_messages.py makes a header for each
// (included as "wire/messages/fetch.h"), with
//
//   struct FetchRequest {            // FetchResponse alike
//     static constexpr ApiKey kKey = ApiKey::fetch;
//     static constexpr VersionRange kVersions;        // That weir understands.
//     using FetchTopic = fetch_request::FetchTopic;   // Structures, named as in Kafka's definitions.
//     std::int32_t max_wait_ms = 0;                   // Fields in snake_case, with the defaults of the protocol.
//     Status decode(Decoder& decoder, int version);
//     void encode(Encoder& encoder, int version) const;
//   };
//
// string → std::string, nullable string → std::optional<std::string>, bytes → std::string, array → std::vector,
// nullable array → std::optional<std::vector>, uuid → Uuid, records → Records. Unknown tagged fields are skipped. A
// field that a version does not have keeps its default when decoded and is left out when encoded; null where a version
// knows no null is encoded as empty.
//
// Nothing a frame says is believed before it is checked: a length is at most the bytes left, and so is a count times
// the least bytes an element can take. Since some elements take more memory than bytes, the memory of all arrays of a
// frame has an end of its own (Decoder).
//
// A decoder or encoder belongs to one thread at a time.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_buffer.h"
#include "base/result.h"
#include "wire/error_code.h"

namespace weir::wire {

using Uuid = std::array<std::uint8_t, 16>;

struct VersionRange {
  int min = 0;
  int max = 0;
  constexpr bool contains(int version) const { return version >= min && version <= max; }
  bool operator==(const VersionRange&) const = default;
};

// Record batches inside a message. Decoded, they borrow from the frame. Encoded, they are either bytes, or a gap of
// `gap_size` bytes that the sender fills (Encoder::gaps).
struct Records {
  std::string_view bytes;
  std::uint64_t gap_size = 0;
  bool is_null = false;

  bool operator==(const Records&) const = default;
};

// Strings are at most this long in all versions (Kafka's generated readers and writers).
inline constexpr std::size_t kStringBytesMax = 32767;

// Reads a frame from the front. The first failure is kept, and everything read after it is zero or empty, so that a
// message is read to its end without a test after each field; status() then tells.
//
// `field` names, for the error, what is read: "topics[..].partitions[..].index". It outlives the decoder.
class Decoder {
 public:
  using Field = const char*;

  struct ElementSize {
    int bytes_min = 1;       // In the frame; above 0.
    std::size_t memory = 0;  // Of the decoded element alone, without what it points to.
  };

  // `bytes` outlives the decoder and what is decoded into Records. Arrays whose elements take more than `memory_max`
  // bytes, all together, fail. The default lets pass what real clients send, which stays below 10 bytes for one.
  explicit Decoder(std::string_view bytes) : Decoder(bytes, (std::size_t{64} << 10) + 16 * bytes.size()) {}
  Decoder(std::string_view bytes, std::size_t memory_max) : bytes_(bytes), memory_left_(memory_max) {}

  std::size_t remaining() const { return bytes_.size() - position_; }
  bool failed() const { return failed_field_ != nullptr; }

  // ErrorKind::corrupt with message, version, field and reason if something failed.
  Status status(std::string_view message, int version) const;

  bool boolean(Field field) { return int8(field) != 0; }
  std::int8_t int8(Field field) { return big_endian<std::int8_t>(field); }
  std::int16_t int16(Field field) { return big_endian<std::int16_t>(field); }
  ErrorCode error_code(Field field) { return static_cast<ErrorCode>(int16(field)); }
  std::int32_t int32(Field field) { return big_endian<std::int32_t>(field); }
  std::int64_t int64(Field field) { return big_endian<std::int64_t>(field); }
  std::uint16_t uint16(Field field) { return big_endian<std::uint16_t>(field); }
  std::uint32_t uint32(Field field) { return big_endian<std::uint32_t>(field); }
  double float64(Field field) { return std::bit_cast<double>(big_endian<std::uint64_t>(field)); }
  Uuid uuid(Field field);

  // At most 5 bytes, and for varlong() 10. The last two are zig-zag coded.
  std::uint32_t unsigned_varint(Field field) {
    if (remaining() > 0) {
      const auto first = static_cast<unsigned char>(bytes_[position_]);
      if (first < 0x80) {
        ++position_;
        return first;
      }
    }
    return static_cast<std::uint32_t>(long_varint(5, field));
  }
  std::int32_t varint(Field field);
  std::int64_t varlong(Field field);

  // Lengths are compact (one more than the length, as an unsigned varint; 0 is null) where `flexible`, else int16 for
  // strings and int32 for the rest, with -1 for null.
  std::string string(bool flexible, Field field);
  std::optional<std::string> nullable_string(bool flexible, Field field);
  std::string bytes(bool flexible, Field field);
  std::optional<std::string> nullable_bytes(bool flexible, Field field);
  Records records(bool flexible, Field field);

  // How many elements follow.
  std::size_t array_size(bool flexible, ElementSize element, Field field);
  std::optional<std::size_t> nullable_array_size(bool flexible, ElementSize element, Field field);

  // Before a structure that may be null.
  bool is_present(Field field) { return int8(field) >= 0; }

  // Calls read(tag) for each tagged field; it reads exactly the field and returns true, or returns false to have it
  // skipped. A tag that comes twice is read twice.
  template <typename Read>
  void tags(Field field, Read read) {
    for (std::uint32_t left = tag_count(field); left > 0 && !failed(); --left) {
      const std::uint32_t tag = unsigned_varint(field);
      const std::size_t size = tag_size(field);
      if (failed()) return;
      const std::string_view whole = bytes_;
      bytes_ = bytes_.substr(0, position_ + size);
      if (!read(tag)) position_ = bytes_.size();
      if (position_ != bytes_.size()) fail_longer_tag(tag, field);
      bytes_ = whole;
      if (failed()) position_ = bytes_.size();
    }
  }
  void skip_tags(Field field) {
    tags(field, [](std::uint32_t) { return false; });
  }

 private:
  template <typename Integer>
  Integer big_endian(Field field) {
    if (remaining() < sizeof(Integer)) [[unlikely]] {
      fail_short(sizeof(Integer), field);
      return 0;
    }
    Integer value;
    std::memcpy(&value, bytes_.data() + position_, sizeof(Integer));
    position_ += sizeof(Integer);
    return std::byteswap(value);
  }

  std::uint64_t long_varint(int bytes_max, Field field);
  std::uint32_t tag_count(Field field);
  std::size_t tag_size(Field field);
  // Negative for null.
  std::int64_t length(bool flexible, Field field);
  std::int64_t string_length(bool flexible, Field field);
  std::string_view take(std::int64_t size, Field field);
  std::optional<std::string_view> take_string(bool flexible, Field field);
  std::optional<std::string_view> take_bytes(bool flexible, Field field);

  void fail_at(Field field, std::string reason);
  void fail_short(std::size_t size, Field field);
  void fail_null(Field field);
  void fail_longer_tag(std::uint32_t tag, Field field);

  std::string_view bytes_;
  std::size_t position_ = 0;
  std::size_t memory_left_ = 0;
  Field failed_field_ = nullptr;
  std::string reason_;
};

// Writes messages, and frames of them, into one growing buffer.
class Encoder {
 public:
  // `size` bytes come before the byte at `position` of bytes(), or at the end; the sender puts them there.
  struct Gap {
    std::size_t position = 0;
    std::uint64_t size = 0;
    bool operator==(const Gap&) const = default;
  };

  std::string_view bytes() const { return buffer_.view(); }
  // In ascending order of position.
  const std::vector<Gap>& gaps() const { return gaps_; }
  // Of bytes and gaps.
  std::uint64_t size() const { return buffer_.size() + gap_bytes_; }
  void reserve(std::size_t bytes) { buffer_.reserve(bytes); }
  // Empties the encoder and keeps its memory.
  void clear();
  // Moves the bytes out; gaps() stays.
  ByteBuffer take_bytes() { return std::exchange(buffer_, ByteBuffer()); }

  // What is written between the two is one frame: its length, with gaps, is put before it. Frames do not nest.
  void begin_frame();
  void end_frame();

  void boolean(bool value) { int8(value ? 1 : 0); }
  void int8(std::int8_t value) { big_endian(value); }
  void int16(std::int16_t value) { big_endian(value); }
  void error_code(ErrorCode value) { int16(static_cast<std::int16_t>(value)); }
  void int32(std::int32_t value) { big_endian(value); }
  void int64(std::int64_t value) { big_endian(value); }
  void uint16(std::uint16_t value) { big_endian(value); }
  void uint32(std::uint32_t value) { big_endian(value); }
  void float64(double value) { big_endian(std::bit_cast<std::uint64_t>(value)); }
  void uuid(const Uuid& value);
  void unsigned_varint(std::uint64_t value) {
    if (value < 0x80) return int8(static_cast<std::int8_t>(value));
    long_varint(value);
  }
  void varint(std::int32_t value);
  void varlong(std::int64_t value);

  // A string that is longer than kStringBytesMax is cut, between characters. What came in through a Decoder always
  // fits; this is for texts that weir wrote itself.
  void string(bool flexible, std::string_view value);
  void nullable_string(bool flexible, const std::optional<std::string>& value);
  void bytes(bool flexible, std::string_view value);
  void nullable_bytes(bool flexible, const std::optional<std::string>& value);
  void records(bool flexible, const Records& value);

  void array_size(bool flexible, std::size_t size) { length(flexible, size); }
  void null_array(bool flexible) { null(flexible); }
  void present(bool value) { int8(value ? 1 : -1); }

  // One tagged field is what is written between the two. It holds no gap.
  std::size_t begin_tag(std::uint32_t tag);
  void end_tag(std::size_t begin);

 private:
  template <typename Integer>
  void big_endian(Integer value) {
    value = std::byteswap(value);
    const std::size_t at = buffer_.size();
    buffer_.resize(at + sizeof(Integer));
    std::memcpy(buffer_.data() + at, &value, sizeof(Integer));
  }

  void long_varint(std::uint64_t value);
  void length(bool flexible, std::uint64_t size);
  void null(bool flexible);

  ByteBuffer buffer_;
  std::vector<Gap> gaps_;
  std::uint64_t gap_bytes_ = 0;
  std::optional<std::size_t> frame_;  // Where its length goes.
  std::uint64_t gap_bytes_before_frame_ = 0;
};

}  // namespace weir::wire
