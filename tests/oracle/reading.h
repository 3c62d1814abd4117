#pragma once

// Values read as something other than text: numbers, dates, IP addresses and networks. All functions are pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::oracle {

// A decimal number of any size: sign × 0.digits × 10^exponent.
struct Number {
  int sign = 0;        // -1, 0, 1
  std::string digits;  // Neither begins nor ends with 0; none: zero.
  std::int64_t exponent = 0;
};
// Sign, digits, fraction, exponent, and nothing else: no blanks, no hexadecimal, no "inf". Exponents beyond 10^15 count
// as that.
std::optional<Number> read_number(std::string_view text);
// Less than 0, 0, more than 0, as `left` is less than, equal to, more than `right`.
int compare(const Number& left, const Number& right);

// The text that a rule's plain number is compared by: as written, but 0x1F is "31", 0o17 is "15", +5 is "5", and with
// an exponent or a bare point it is the shortest text: 1e3 "1000", 5. "5", 1e21 "1e+21".
std::string plain_number_text(std::string_view written);

// A date as ISO 8601 writes it: YYYY-MM-DD, perhaps with "T" or a blank and HH:MM[:SS[.fraction]], perhaps with a zone
// (which is read over: parts are those that are written).
struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
  bool has_time = false;
  int hour = 0;
  int minute = 0;
};
std::optional<Date> read_date(std::string_view text);

// The ISO 8601 week (1–53) of a date.
int week_of(const Date& date);

struct Address {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // Version 4: the first four.
};
// "192.0.2.1", "2001:db8::1", also "[2001:db8::1]" and "fe80::1%eth0". ::ffff:192.0.2.1 is read as 192.0.2.1.
std::optional<Address> read_address(std::string_view text);

struct Network {
  Address address;
  int prefix = 0;
};
// Address, slash and prefix length, with no bit set beyond the prefix; an address alone is a network of one.
std::optional<Network> read_network(std::string_view text);
bool contains(const Network& network, const Address& address);

}  // namespace weir::oracle
