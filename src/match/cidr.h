#pragma once

// IP networks, versions 4 and 6. Pure values.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace weir::match {

class Cidr {
 public:
  // "10.0.0.0/8", "2001:db8::/32"; a bare address means its full length. Host bits beyond the prefix are refused with
  // the network that was probably meant.
  static Result<Cidr> parse(std::string_view text);

  // Whether `address` is an IP address (perhaps "[…]" around a version 6 one, or with a %zone) inside this network. A
  // v4-mapped v6 address (::ffff:a.b.c.d) counts as its v4 address. Anything else is false.
  bool contains(std::string_view address) const;

  bool operator==(const Cidr&) const = default;

 private:
  bool is_v6_ = false;
  std::uint8_t prefix_ = 0;
  std::array<std::uint8_t, 16> bytes_{};
};

// 16 bytes for v6, 4 bytes (in front) for v4.
struct IpAddress {
  bool is_v6 = false;
  std::array<std::uint8_t, 16> bytes{};
};
std::optional<IpAddress> parse_ip(std::string_view text);

}  // namespace weir::match
