#pragma once

// BinXML's typed values ([MS-EVEN6] 2.2.12, "BinXml value types") as the text that Windows renders. Text lies in the
// batch's arena. All functions are pure apart from that.

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "event/batch.h"

namespace weir::formats::evtx {

enum class ValueType : std::uint8_t {
  null = 0x00,
  string = 0x01,  // UTF-16
  ansi_string = 0x02,
  int8 = 0x03,
  uint8 = 0x04,
  int16 = 0x05,
  uint16 = 0x06,
  int32 = 0x07,
  uint32 = 0x08,
  int64 = 0x09,
  uint64 = 0x0a,
  real32 = 0x0b,
  real64 = 0x0c,
  boolean = 0x0d,
  binary = 0x0e,
  guid = 0x0f,
  size = 0x10,
  file_time = 0x11,
  system_time = 0x12,
  sid = 0x13,
  hex32 = 0x14,
  hex64 = 0x15,
  handle = 0x20,
  binxml = 0x21,
  xml = 0x23,
};

// Set on a type whose value is several items in a row.
inline constexpr std::uint8_t kArrayFlag = 0x80;

struct TypedText {
  event::ValueKind kind = event::ValueKind::string;
  std::string_view text;
};

// One value. A value whose size does not fit its type is shown as hexadecimal bytes: it is damaged, but it is data.
TypedText render_value(ValueType type, std::string_view bytes, Arena& arena);

// Takes the first item off an array's bytes; false when there is none left.
bool take_item(ValueType type, std::string_view& array, std::string_view& item);

// UTF-16 (little endian, as bytes) to UTF-8; zeros at the end, which some providers write, are left out.
std::string_view utf8_of(std::string_view utf16, Arena& arena);

// FILETIME: 100 ns since 1601. "2026-01-02T03:04:05.678901Z", or nothing where no calendar reaches.
std::string_view render_file_time(std::uint64_t file_time, Arena& arena);

}  // namespace weir::formats::evtx
