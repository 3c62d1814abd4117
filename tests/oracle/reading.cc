#include "oracle/reading.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include <arpa/inet.h>

namespace weir::oracle {

namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}

std::string take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && digit(text[count])) ++count;
  const std::string digits(text.substr(0, count));
  text.remove_prefix(count);
  return digits;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// A number of exactly `count` digits, or -1.
int take_number(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!digit(text[i])) return -1;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

// "", "Z", "UTC", "+02:00", "-0700", "+02".
bool is_zone(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z" || text == "UTC" || text == "GMT") return true;
  if (!skip(text, '+') && !skip(text, '-')) return false;
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 18) return false;
  if (text.empty()) return true;
  skip(text, ':');
  const int minutes = take_number(text, 2);
  return minutes >= 0 && minutes <= 59 && text.empty();
}

// 0.digits × 10^exponent.
std::string shortest_text(std::string digits, std::int64_t exponent) {
  if (exponent > 21 || exponent < -5) {
    if (digits.size() > 1) digits.insert(1, ".");
    return digits + (exponent > 0 ? "e+" : "e") + std::to_string(exponent - 1);
  }
  if (exponent <= 0) return "0." + std::string(static_cast<std::size_t>(-exponent), '0') + digits;
  const auto front = static_cast<std::size_t>(exponent);
  if (digits.size() <= front) return digits + std::string(front - digits.size(), '0');
  return digits.insert(front, ".");
}

std::chrono::year_month_day calendar(const Date& date) {
  return std::chrono::year(date.year) / static_cast<unsigned>(date.month) / static_cast<unsigned>(date.day);
}

bool bit_of(const Address& address, int index) {
  return (address.bytes[static_cast<std::size_t>(index) / 8] >> (7 - index % 8) & 1) != 0;
}

int bit_count(const Address& address) {
  return address.is_v6 ? 128 : 32;
}

}  // namespace

std::optional<Number> read_number(std::string_view text) {
  Number number;
  number.sign = skip(text, '-') ? -1 : 1;
  if (number.sign > 0) skip(text, '+');
  number.digits = take_digits(text);
  number.exponent = static_cast<std::int64_t>(number.digits.size());
  if (skip(text, '.')) number.digits += take_digits(text);
  if (number.digits.empty()) return std::nullopt;
  if (skip(text, 'e') || skip(text, 'E')) {
    const bool down = skip(text, '-');
    if (!down) skip(text, '+');
    const std::string exponent = take_digits(text);
    if (exponent.empty()) return std::nullopt;
    std::int64_t shift = 0;
    for (const char c : exponent) shift = std::min<std::int64_t>(1'000'000'000'000'000, shift * 10 + (c - '0'));
    number.exponent += down ? -shift : shift;
  }
  if (!text.empty()) return std::nullopt;
  while (number.digits.starts_with('0')) {
    number.digits.erase(0, 1);
    --number.exponent;
  }
  while (number.digits.ends_with('0')) number.digits.pop_back();
  return number.digits.empty() ? Number{} : number;
}

int compare(const Number& left, const Number& right) {
  if (left.sign != right.sign) return left.sign - right.sign;
  if (left.exponent != right.exponent) return left.exponent < right.exponent ? -left.sign : left.sign;
  // 0.12 is less than 0.123, as "12" comes before "123".
  const int order = left.digits.compare(right.digits);
  return left.sign < 0 ? -order : order;
}

std::string plain_number_text(std::string_view written) {
  if (written.starts_with("0x") || written.starts_with("0o")) {
    const int base = written[1] == 'x' ? 16 : 8;
    std::uint64_t value = 0;
    std::from_chars(written.data() + 2, written.data() + written.size(), value, base);
    return std::to_string(value);
  }
  const bool negative = written.starts_with('-');
  if (negative || written.starts_with('+')) written.remove_prefix(1);
  const bool integer = written.find_first_not_of("0123456789") == written.npos;
  const bool digits_outside = digit(written.front()) && digit(written.back());
  if (integer || (digits_outside && written.find_first_of("eE") == written.npos)) {
    return (negative ? "-" : "") + std::string(written);
  }
  const auto number = read_number(written);
  if (!number || number->sign == 0) return "0";
  return (negative ? "-" : "") + shortest_text(number->digits, number->exponent);
}

std::optional<Date> read_date(std::string_view text) {
  Date date;
  if ((date.year = take_number(text, 4)) < 1 || !skip(text, '-')) return std::nullopt;
  if ((date.month = take_number(text, 2)) < 1 || !skip(text, '-')) return std::nullopt;
  if ((date.day = take_number(text, 2)) < 1 || !calendar(date).ok()) return std::nullopt;
  if (text.empty()) return date;
  if (!skip(text, 'T') && !skip(text, 't') && !skip(text, ' ')) return std::nullopt;
  date.has_time = true;
  if ((date.hour = take_number(text, 2)) < 0 || date.hour > 23 || !skip(text, ':')) return std::nullopt;
  if ((date.minute = take_number(text, 2)) < 0 || date.minute > 59) return std::nullopt;
  if (skip(text, ':')) {
    const int second = take_number(text, 2);
    if (second < 0 || second > 60) return std::nullopt;
    if ((skip(text, '.') || skip(text, ',')) && take_digits(text).empty()) return std::nullopt;
  }
  skip(text, ' ');
  return is_zone(text) ? std::optional(date) : std::nullopt;
}

int week_of(const Date& date) {
  // A week belongs to the year of its Thursday (ISO 8601).
  const std::chrono::sys_days day{calendar(date)};
  const unsigned weekday = std::chrono::weekday(day).iso_encoding();  // Monday 1 … Sunday 7.
  const std::chrono::sys_days thursday = day + std::chrono::days(4 - static_cast<int>(weekday));
  const std::chrono::year year = std::chrono::year_month_day(thursday).year();
  const std::chrono::sys_days new_year{year / std::chrono::January / 1};
  return static_cast<int>((thursday - new_year).count()) / 7 + 1;
}

std::optional<Address> read_address(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  std::string bare(text.substr(0, text.find('%')));
  Address address;
  if (bare.size() == text.size() && inet_pton(AF_INET, bare.c_str(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET6, bare.c_str(), address.bytes.data()) != 1) return std::nullopt;
  static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (!std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin())) {
    address.is_v6 = true;
    return address;
  }
  Address v4;
  std::copy_n(address.bytes.begin() + 12, 4, v4.bytes.begin());
  return v4;
}

std::optional<Network> read_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view written = text.substr(0, slash);
  const auto address = read_address(written);
  if (!address || written.find_first_of("[%") != std::string_view::npos) return std::nullopt;
  Network network{*address, bit_count(*address)};
  if (slash != std::string_view::npos) {
    std::string_view length = text.substr(slash + 1);
    if (length.empty() || length.size() > 3 || (length.size() > 1 && length.front() == '0')) return std::nullopt;
    network.prefix = take_number(length, length.size());
    // ::ffff:10.0.0.0/104 is 10.0.0.0/8.
    const bool mapped = !address->is_v6 && written.find(':') != std::string_view::npos;
    if (mapped) network.prefix = network.prefix < 96 ? -1 : network.prefix - 96;
  }
  if (network.prefix < 0 || network.prefix > bit_count(*address)) return std::nullopt;
  for (int i = network.prefix; i < bit_count(*address); ++i) {
    if (bit_of(*address, i)) return std::nullopt;
  }
  return network;
}

bool contains(const Network& network, const Address& address) {
  if (network.address.is_v6 != address.is_v6) return false;
  for (int i = 0; i < network.prefix; ++i) {
    if (bit_of(network.address, i) != bit_of(address, i)) return false;
  }
  return true;
}

}  // namespace weir::oracle
