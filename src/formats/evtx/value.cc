#include "formats/evtx/value.h"

#include <array>
#include <charconv>
#include <concepts>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/utf8.h"
#include "event/time.h"
#include "formats/evtx/bytes.h"

namespace weir::formats::evtx {
namespace {

using event::ValueKind;

// Narrows UTF-16 units to bytes as long as they are ASCII; returns how many were.
std::size_t narrow_ascii(const char* in, std::size_t units, char* out) {
  std::size_t done = 0;
#if defined(__SSE2__)
  const __m128i above_ascii = _mm_set1_epi16(static_cast<short>(0xFF80));
  for (; done + 16 <= units; done += 16) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + 2 * done));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + 2 * done + 16));
    const __m128i others = _mm_and_si128(_mm_or_si128(low, high), above_ascii);
    if (_mm_movemask_epi8(_mm_cmpeq_epi16(others, _mm_setzero_si128())) != 0xFFFF) break;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + done), _mm_packus_epi16(low, high));
  }
#endif
  for (; done < units; ++done) {
    const std::uint16_t unit = load<std::uint16_t>(in + 2 * done);
    if (unit >= 0x80) break;
    out[done] = static_cast<char>(unit);
  }
  return done;
}

// Code units to UTF-8 one by one; a lone surrogate becomes U+FFFD. `out` has room for three bytes a unit.
std::size_t encode_utf16(const char* in, std::size_t units, char* out) {
  char* const begin = out;
  for (std::size_t i = 0; i < units; ++i) {
    char32_t code_point = load<std::uint16_t>(in + 2 * i);
    if (code_point >= 0xD800 && code_point < 0xE000) {
      const char32_t next = i + 1 < units ? load<std::uint16_t>(in + 2 * i + 2) : 0;
      const bool is_pair = code_point < 0xDC00 && next >= 0xDC00 && next < 0xE000;
      code_point = is_pair ? 0x10000 + ((code_point - 0xD800) << 10) + (next - 0xDC00) : kReplacement;
      if (is_pair) ++i;
    }
    out += encode_utf8(code_point, out);
  }
  return static_cast<std::size_t>(out - begin);
}

// What Windows-1252 has between 0x80 and 0x9F; the five unused places stand for themselves.
constexpr std::array<char16_t, 32> kWindows1252 = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

// The record does not say which code page; Windows-1252 is what most writers have.
std::string_view utf8_of_ansi(std::string_view bytes, Arena& arena) {
  while (bytes.ends_with('\0')) bytes.remove_suffix(1);
  char* const begin = arena.allocate(3 * bytes.size());
  char* out = begin;
  for (const char c : bytes) {
    const unsigned char byte = static_cast<unsigned char>(c);
    out += encode_utf8(byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte, out);
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

constexpr char kUpperDigits[] = "0123456789ABCDEF";
constexpr char kLowerDigits[] = "0123456789abcdef";

std::string_view hex_bytes(std::string_view bytes, Arena& arena) {
  char* const begin = arena.allocate(2 * bytes.size());
  char* out = begin;
  for (const char c : bytes) {
    *out++ = kUpperDigits[static_cast<unsigned char>(c) >> 4];
    *out++ = kUpperDigits[static_cast<unsigned char>(c) & 15];
  }
  return {begin, 2 * bytes.size()};
}

template <typename Number>
std::string_view number_text(Number number, Arena& arena) {
  constexpr std::size_t kDigitsMax = 32;
  char* const begin = arena.allocate(kDigitsMax);
  const std::to_chars_result end = std::to_chars(begin, begin + kDigitsMax, number);
  return {begin, static_cast<std::size_t>(end.ptr - begin)};
}

std::string_view hex_number(std::uint64_t number, Arena& arena) {
  constexpr std::size_t kDigitsMax = 24;
  char* const begin = arena.allocate(kDigitsMax);
  begin[0] = '0';
  begin[1] = 'x';
  const std::to_chars_result end = std::to_chars(begin + 2, begin + kDigitsMax, number, 16);
  return {begin, static_cast<std::size_t>(end.ptr - begin)};
}

// Writes `count` bytes of `bytes`, from `first` on in steps of `step`, as digits.
char* put_hex(char* out, const char* bytes, int first, int count, int step) {
  for (int i = 0; i < count; ++i) {
    const unsigned char byte = static_cast<unsigned char>(bytes[first + i * step]);
    *out++ = kLowerDigits[byte >> 4];
    *out++ = kLowerDigits[byte & 15];
  }
  return out;
}

// [MS-DTYP] 2.3.4.3, the curly braced form: the first three groups are little-endian numbers.
std::string_view guid_text(const char* bytes, Arena& arena) {
  constexpr std::size_t kGuidText = 38;
  char* const begin = arena.allocate(kGuidText);
  char* out = begin;
  *out++ = '{';
  out = put_hex(out, bytes, 3, 4, -1);
  *out++ = '-';
  out = put_hex(out, bytes, 5, 2, -1);
  *out++ = '-';
  out = put_hex(out, bytes, 7, 2, -1);
  *out++ = '-';
  out = put_hex(out, bytes, 8, 2, 1);
  *out++ = '-';
  out = put_hex(out, bytes, 10, 6, 1);
  *out++ = '}';
  return {begin, kGuidText};
}

// [MS-DTYP] 2.4.2.2: revision, count, a 6-byte big-endian authority, and `count` little-endian numbers.
constexpr std::size_t kSidHead = 8;
constexpr std::size_t kSidPartsMax = 15;

std::size_t sid_size(std::string_view bytes) {
  if (bytes.size() < kSidHead) return 0;
  const std::size_t parts = static_cast<unsigned char>(bytes[1]);
  return parts <= kSidPartsMax ? kSidHead + 4 * parts : 0;
}

std::string_view sid_text(std::string_view bytes, Arena& arena) {
  constexpr std::size_t kSidText = 4 + 20 + 11 * kSidPartsMax;
  char* const begin = arena.allocate(kSidText);
  char* const end = begin + kSidText;
  std::uint64_t authority = 0;
  for (std::size_t i = 2; i < kSidHead; ++i) authority = authority << 8 | static_cast<unsigned char>(bytes[i]);
  char* out = begin;
  *out++ = 'S';
  *out++ = '-';
  out = std::to_chars(out, end, static_cast<unsigned char>(bytes[0])).ptr;
  *out++ = '-';
  out = std::to_chars(out, end, authority).ptr;
  for (std::size_t i = kSidHead; i < bytes.size(); i += 4) {
    *out++ = '-';
    out = std::to_chars(out, end, load<std::uint32_t>(bytes.data() + i)).ptr;
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

char* put_decimal(char* out, unsigned number, int digits) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) out[i] = static_cast<char>('0' + number % 10);
  return out + digits;
}

std::string_view time_text(const event::CivilTime& time, Arena& arena) {
  constexpr std::size_t kTimeText = 27;
  char* const begin = arena.allocate(kTimeText + 1);
  char* out = put_decimal(begin, static_cast<unsigned>(time.year), 4);
  *out++ = '-';
  out = put_decimal(out, static_cast<unsigned>(time.month), 2);
  *out++ = '-';
  out = put_decimal(out, static_cast<unsigned>(time.day), 2);
  *out++ = 'T';
  out = put_decimal(out, static_cast<unsigned>(time.hour), 2);
  *out++ = ':';
  out = put_decimal(out, static_cast<unsigned>(time.minute), 2);
  *out++ = ':';
  out = put_decimal(out, static_cast<unsigned>(time.second), 2);
  *out++ = '.';
  out = put_decimal(out, static_cast<unsigned>(time.microsecond), 6);
  *out++ = 'Z';
  return {begin, kTimeText};
}

// [MS-DTYP] 2.3.13: eight 16-bit numbers; the third is the day of the week.
std::string_view system_time_text(const char* bytes, Arena& arena) {
  const auto part = [bytes](int i) { return static_cast<int>(load<std::uint16_t>(bytes + 2 * i)); };
  const event::CivilTime time{.year = part(0),
                              .month = part(1),
                              .day = part(3),
                              .hour = part(4),
                              .minute = part(5),
                              .second = part(6),
                              .microsecond = part(7) * 1000};
  return event::to_event_time(time) ? time_text(time, arena) : hex_bytes({bytes, 16}, arena);
}

// Integers of any width, since some providers declare another one than they write.
template <std::signed_integral... Widths>
bool signed_number(std::string_view bytes, std::int64_t& number) {
  return ((bytes.size() == sizeof(Widths) && (number = load<Widths>(bytes.data()), true)) || ...);
}
template <std::unsigned_integral... Widths>
bool unsigned_number(std::string_view bytes, std::uint64_t& number) {
  return ((bytes.size() == sizeof(Widths) && (number = load<Widths>(bytes.data()), true)) || ...);
}

bool load_signed(std::string_view bytes, std::int64_t& number) {
  return signed_number<std::int8_t, std::int16_t, std::int32_t, std::int64_t>(bytes, number);
}
bool load_unsigned(std::string_view bytes, std::uint64_t& number) {
  return unsigned_number<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>(bytes, number);
}

// Bytes of one item of an array; 0: the items tell their size themselves.
std::size_t item_size(ValueType type) {
  switch (type) {
    case ValueType::int8:
    case ValueType::uint8: return 1;
    case ValueType::int16:
    case ValueType::uint16: return 2;
    case ValueType::int32:
    case ValueType::uint32:
    case ValueType::real32:
    case ValueType::boolean:
    case ValueType::hex32: return 4;
    case ValueType::int64:
    case ValueType::uint64:
    case ValueType::real64:
    case ValueType::size:
    case ValueType::file_time:
    case ValueType::hex64: return 8;
    case ValueType::guid:
    case ValueType::system_time: return 16;
    default: return 0;
  }
}

// The bytes before the first zero unit of `width` bytes, which is taken too.
std::string_view take_until_zero(std::string_view& bytes, std::size_t width) {
  std::size_t size = 0;
  while (size + width <= bytes.size() && (bytes[size] != '\0' || bytes[size + width - 1] != '\0')) size += width;
  const std::string_view item = bytes.substr(0, size);
  bytes.remove_prefix(std::min(bytes.size(), size + width));
  return item;
}

}  // namespace

std::string_view utf8_of(std::string_view utf16, Arena& arena) {
  std::size_t units = utf16.size() / 2;
  while (units > 0 && load<std::uint16_t>(utf16.data() + 2 * units - 2) == 0) --units;
  if (units == 0) return "";
  char* const narrow = arena.allocate(units);
  const std::size_t ascii = narrow_ascii(utf16.data(), units, narrow);
  if (ascii == units) return {narrow, units};
  char* const wide = arena.allocate(ascii + 3 * (units - ascii));
  std::memcpy(wide, narrow, ascii);
  return {wide, ascii + encode_utf16(utf16.data() + 2 * ascii, units - ascii, wide + ascii)};
}

std::string_view render_file_time(std::uint64_t file_time, Arena& arena) {
  using namespace std::chrono;
  constexpr std::uint64_t kTicksPerMicrosecond = 10;
  constexpr std::int64_t kSecondsFrom1601To1970 = 11'644'473'600;
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  const std::int64_t since_1601 = static_cast<std::int64_t>(file_time / kTicksPerMicrosecond);
  if (since_1601 / 1'000'000 - kSecondsFrom1601To1970 >= kYear10000) return {};
  const sys_time<microseconds> time{microseconds(since_1601) - seconds(kSecondsFrom1601To1970)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss<microseconds> clock(time - day);
  return time_text({.year = static_cast<int>(date.year()),
                    .month = static_cast<int>(static_cast<unsigned>(date.month())),
                    .day = static_cast<int>(static_cast<unsigned>(date.day())),
                    .hour = static_cast<int>(clock.hours().count()),
                    .minute = static_cast<int>(clock.minutes().count()),
                    .second = static_cast<int>(clock.seconds().count()),
                    .microsecond = static_cast<int>(clock.subseconds().count())},
                   arena);
}

TypedText render_value(ValueType type, std::string_view bytes, Arena& arena) {
  if (bytes.empty()) return {ValueKind::string, std::string_view("")};
  std::int64_t number = 0;
  std::uint64_t natural = 0;
  switch (type) {
    case ValueType::null: return {ValueKind::string, std::string_view("")};
    case ValueType::string:
    case ValueType::xml: return {ValueKind::string, utf8_of(bytes, arena)};
    case ValueType::ansi_string: return {ValueKind::string, utf8_of_ansi(bytes, arena)};
    case ValueType::int8:
    case ValueType::int16:
    case ValueType::int32:
    case ValueType::int64:
      if (load_signed(bytes, number)) return {ValueKind::number, number_text(number, arena)};
      break;
    case ValueType::uint8:
    case ValueType::uint16:
    case ValueType::uint32:
    case ValueType::uint64:
      if (load_unsigned(bytes, natural)) return {ValueKind::number, number_text(natural, arena)};
      break;
    case ValueType::real32:
      if (bytes.size() == 4) return {ValueKind::number, number_text(load<float>(bytes.data()), arena)};
      break;
    case ValueType::real64:
      if (bytes.size() == 8) return {ValueKind::number, number_text(load<double>(bytes.data()), arena)};
      break;
    case ValueType::boolean:
      if (load_unsigned(bytes, natural)) return {ValueKind::boolean, natural != 0 ? "true" : "false"};
      break;
    case ValueType::size:
    case ValueType::hex32:
    case ValueType::hex64:
    case ValueType::handle:
      if (load_unsigned(bytes, natural)) return {ValueKind::string, hex_number(natural, arena)};
      break;
    case ValueType::guid:
      if (bytes.size() == 16) return {ValueKind::string, guid_text(bytes.data(), arena)};
      break;
    case ValueType::file_time:
      if (bytes.size() == 8) {
        const std::string_view text = render_file_time(load<std::uint64_t>(bytes.data()), arena);
        if (!text.empty()) return {ValueKind::string, text};
      }
      break;
    case ValueType::system_time:
      if (bytes.size() == 16) return {ValueKind::string, system_time_text(bytes.data(), arena)};
      break;
    case ValueType::sid:
      if (const std::size_t size = sid_size(bytes); size > 0 && size <= bytes.size()) {
        return {ValueKind::string, sid_text(bytes.substr(0, size), arena)};
      }
      break;
    case ValueType::binary:
    case ValueType::binxml: break;
  }
  return {ValueKind::string, hex_bytes(bytes, arena)};
}

bool take_item(ValueType type, std::string_view& array, std::string_view& item) {
  if (array.empty()) return false;
  std::size_t size = item_size(type);
  if (type == ValueType::string || type == ValueType::ansi_string) {
    item = take_until_zero(array, type == ValueType::string ? 2 : 1);
    return true;
  }
  if (type == ValueType::sid) size = sid_size(array);
  // Neither a known item nor a whole one: what is left is shown as it is.
  if (size == 0 || size > array.size()) size = array.size();
  item = array.substr(0, size);
  array.remove_prefix(size);
  return true;
}

}  // namespace weir::formats::evtx
