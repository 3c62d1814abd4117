#include "traffic/render.h"

#include <array>
#include <chrono>

namespace weir::traffic {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year;
  unsigned month;
  unsigned day;
  unsigned hour;
  unsigned minute;
  unsigned second;
  unsigned milli;
};

Parts parts_of(EventTime time) {
  using namespace std::chrono;
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const auto micros = static_cast<std::uint64_t>((time - day).count());
  const auto seconds = static_cast<unsigned>(micros / 1'000'000);
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          seconds / 3600,
          seconds / 60 % 60,
          seconds % 60,
          static_cast<unsigned>(micros / 1000 % 1000)};
}

void append_two(std::string& out, unsigned value) {
  out.push_back(static_cast<char>('0' + value / 10));
  out.push_back(static_cast<char>('0' + value % 10));
}

void append_three(std::string& out, unsigned value) {
  out.push_back(static_cast<char>('0' + value / 100));
  append_two(out, value % 100);
}

void append_date(std::string& out, const Parts& parts) {
  append_padded(out, static_cast<std::uint64_t>(parts.year), 4, '0');
  out.push_back('-');
  append_two(out, parts.month);
  out.push_back('-');
  append_two(out, parts.day);
}

void append_clock(std::string& out, const Parts& parts) {
  append_two(out, parts.hour);
  out.push_back(':');
  append_two(out, parts.minute);
  out.push_back(':');
  append_two(out, parts.second);
}

void append_date_and_clock(std::string& out, const Parts& parts, char between) {
  append_date(out, parts);
  out.push_back(between);
  append_clock(out, parts);
}

void append_fraction(std::string& out, const Parts& parts) {
  out.push_back('.');
  append_three(out, parts.milli);
}

}  // namespace

void append_padded(std::string& out, std::uint64_t value, std::size_t width, char fill) {
  char digits[20];
  const std::to_chars_result result = std::to_chars(digits, digits + sizeof digits, value);
  const auto count = static_cast<std::size_t>(result.ptr - digits);
  if (count < width) out.append(width - count, fill);
  out.append(digits, count);
}

void append_hex(std::string& out, std::uint64_t value, std::size_t width) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t shift = width * 4; shift > 0; shift -= 4) out.push_back(kDigits[(value >> (shift - 4)) & 15]);
}

void append_iso_time(std::string& out, EventTime time) {
  const Parts parts = parts_of(time);
  append_date_and_clock(out, parts, 'T');
  append_fraction(out, parts);
  out.push_back('Z');
}

void append_iso_seconds(std::string& out, EventTime time) {
  append_date_and_clock(out, parts_of(time), 'T');
  out.push_back('Z');
}

void append_blank_time(std::string& out, EventTime time) {
  const Parts parts = parts_of(time);
  append_date_and_clock(out, parts, ' ');
  append_fraction(out, parts);
}

void append_syslog_time(std::string& out, EventTime time) {
  const Parts parts = parts_of(time);
  append(out, kMonths[parts.month - 1]);
  out.push_back(' ');
  append_padded(out, parts.day, 2, ' ');
  out.push_back(' ');
  append_clock(out, parts);
}

void append_web_time(std::string& out, EventTime time) {
  const Parts parts = parts_of(time);
  append_two(out, parts.day);
  out.push_back('/');
  append(out, kMonths[parts.month - 1]);
  out.push_back('/');
  append_padded(out, static_cast<std::uint64_t>(parts.year), 4, '0');
  out.push_back(':');
  append_clock(out, parts);
  append(out, " +0000");
}

void append_epoch_millis(std::string& out, EventTime time) {
  const auto millis = static_cast<std::uint64_t>(time.time_since_epoch().count() / 1000);
  append_number(out, millis / 1000);
  out.push_back('.');
  append_three(out, static_cast<unsigned>(millis % 1000));
}

void append_json_inside(std::string& out, std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) continue;
    out.append(text, begin, i - begin);
    begin = i + 1;
    switch (c) {
      case '"': append(out, "\\\""); break;
      case '\\': append(out, "\\\\"); break;
      case '\n': append(out, "\\n"); break;
      case '\r': append(out, "\\r"); break;
      case '\t': append(out, "\\t"); break;
      default: append(out, "\\u"); append_hex(out, static_cast<unsigned char>(c), 4);
    }
  }
  out.append(text, begin, text.size() - begin);
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  append(out, "\",\"");
  append(out, name);
  append(out, "\":\"");
  append_json_inside(out, value);
}

}  // namespace weir::traffic
