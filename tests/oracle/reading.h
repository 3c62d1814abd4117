#pragma once

// Values read as something other than text: numbers, dates, IP addresses and networks. All functions are pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::oracle {

// Sign, digits, fraction, exponent, and nothing else: no blanks, no hexadecimal, no "inf".
std::optional<double> read_number(std::string_view text);

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
