#include "match/cidr.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <arpa/inet.h>

#include "base/text.h"

namespace weir::match {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

template <std::size_t N>
bool starts_with(const std::array<std::uint8_t, 16>& bytes, const std::array<std::uint8_t, N>& prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_v4_mapped(const IpAddress& address) {
  return address.is_v6 && starts_with(address.bytes, kMappedPrefix);
}

IpAddress unmapped(const IpAddress& address) {
  IpAddress v4;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), v4.bytes.begin());
  return v4;
}

// An address without brackets and zone. inet_pton is strict: four decimal octets without leading zeros, or RFC 4291
// section 2.2 for version 6.
std::optional<IpAddress> parse_bare(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  IpAddress address;
  address.is_v6 = text.find(':') != std::string_view::npos;
  if (inet_pton(address.is_v6 ? AF_INET6 : AF_INET, buffer, address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string address_text(const IpAddress& address) {
  char buffer[INET6_ADDRSTRLEN];
  inet_ntop(address.is_v6 ? AF_INET6 : AF_INET, address.bytes.data(), buffer, sizeof buffer);
  return buffer;
}

// Clears the bits behind the first `prefix`.
void keep_bits(std::array<std::uint8_t, 16>& bytes, unsigned prefix) {
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = prefix > i * 8 ? std::min(8u, prefix - i * 8) : 0;
    bytes[i] &= static_cast<std::uint8_t>(0xFF00u >> kept);
  }
}

// 0 to `most`, in decimal digits without leading zeros.
std::optional<unsigned> parse_prefix(std::string_view text, unsigned most) {
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  unsigned prefix = 0;
  for (const char c : text) prefix = prefix * 10 + static_cast<unsigned>(c - '0');
  return prefix <= most ? std::optional(prefix) : std::nullopt;
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) text = text.substr(1, text.size() - 2);
  // RFC 4007 section 11.2: a zone follows `%`. Networks are compared without it.
  const std::size_t zone = text.find('%');
  const bool zoned = zone != std::string_view::npos;
  if (zoned && zone + 1 == text.size()) return std::nullopt;
  const std::optional<IpAddress> address = parse_bare(text.substr(0, zone));
  if (!address || ((bracketed || zoned) && !address->is_v6)) return std::nullopt;
  return is_v4_mapped(*address) ? unmapped(*address) : *address;
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::optional<IpAddress> address = parse_bare(text.substr(0, slash));
  if (!address) {
    return fail(ErrorKind::user,
                "'{}' is no IP network: write an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32",
                text);
  }
  const unsigned bits = address->is_v6 ? 128 : 32;
  unsigned prefix = bits;
  if (slash != std::string_view::npos) {
    const std::optional<unsigned> given = parse_prefix(text.substr(slash + 1), bits);
    if (!given) {
      return fail(ErrorKind::user, "'{}' is no IP network: the prefix length after '/' must be a number from 0 to {}",
                  text, bits);
    }
    prefix = *given;
  }
  IpAddress network = *address;
  keep_bits(network.bytes, prefix);
  if (network.bytes != address->bytes) {
    return fail(ErrorKind::user, "'{}' has bits set beyond its prefix: did you mean {}/{}?", text,
                address_text(network), prefix);
  }
  if (is_v4_mapped(network) && prefix >= 96) {
    network = unmapped(network);
    prefix -= 96;
  }
  Cidr cidr;
  cidr.is_v6_ = network.is_v6;
  cidr.prefix_ = static_cast<std::uint8_t>(prefix);
  cidr.bytes_ = network.bytes;
  return cidr;
}

bool Cidr::contains(std::string_view address) const {
  std::optional<IpAddress> parsed = parse_ip(address);
  if (!parsed || parsed->is_v6 != is_v6_) return false;
  keep_bits(parsed->bytes, prefix_);
  return parsed->bytes == bytes_;
}

}  // namespace weir::match
