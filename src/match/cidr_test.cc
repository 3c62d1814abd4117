#include "match/cidr.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::match {
namespace {

TEST(Cidr, ContainsTheAddressesOfItsNetwork) {
  const struct {
    const char* network;
    const char* address;
    bool contained;
  } cases[] = {
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "::1", false},
      {"192.168.1.128/25", "192.168.1.127", false},
      {"192.168.1.128/25", "192.168.1.128", true},
      {"192.168.1.1", "192.168.1.1", true},
      {"192.168.1.1", "192.168.1.2", false},
      {"192.168.1.1/32", "192.168.1.1", true},
      {"2001:db8::/32", "2001:DB8:ffff::1", true},
      {"2001:db8::/32", "2001:db9::", false},
      {"2001:db8::/33", "2001:db8:8000::", false},
      {"::1", "0:0:0:0:0:0:0:1", true},
      {"fe80::/10", "fe80::1%eth0", true},
      {"fe80::/10", "[fe80::1%25eth0]", true},
      {"::/0", "[::1]", true},
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
      {"10.0.0.0/8", "[::FFFF:a01:203]", true},
      {"::ffff:10.0.0.0/104", "10.9.8.7", true},
      {"::ffff:10.0.0.0/104", "::ffff:11.0.0.0", false},
      {"::/0", "10.0.0.1", false},
      {"10.0.0.0/8", "", false},
      {"10.0.0.0/8", "10.0.0.1:80", false},
      {"10.0.0.0/8", "10.0.0.1%eth0", false},
      {"10.0.0.0/8", "[10.0.0.1]", false},
      {"10.0.0.0/8", "10.0.0", false},
      {"10.0.0.0/8", "10.0.0.01", false},
      {"10.0.0.0/8", "10.0.0.256", false},
      {"10.0.0.0/8", " 10.0.0.1", false},
      {"::/0", "[::1]:443", false},
      {"::/0", "::1%", false},
      {"::/0", "1::2::3", false},
      {"::/0", "not an address", false},
  };
  for (const auto& c : cases) {
    const Result<Cidr> network = Cidr::parse(c.network);
    ASSERT_TRUE(network) << c.network;
    EXPECT_EQ(network->contains(c.address), c.contained) << c.address << " in " << c.network;
  }
  EXPECT_FALSE(Cidr::parse("10.0.0.0/8")->contains(std::string_view("10.0.0.1\0", 9)));
}

TEST(Cidr, RefusesWhatIsNoNetwork) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129",
                           "10.0.0.0/255.0.0.0", "host", "10.0.0.0 /8", "::1%eth0", "[::1]", "10.*",
                           "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/12"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(Cidr, SuggestsTheNetworkWhereHostBitsAreSet) {
  EXPECT_THAT(Cidr::parse("10.1.2.3/8").error().message, testing::HasSubstr("did you mean 10.0.0.0/8?"));
  EXPECT_THAT(Cidr::parse("2001:db8::1/32").error().message, testing::HasSubstr("did you mean 2001:db8::/32?"));
}

TEST(Cidr, EqualsTheSameNetworkInOtherSpelling) {
  EXPECT_EQ(*Cidr::parse("::ffff:10.0.0.0/104"), *Cidr::parse("10.0.0.0/8"));
  EXPECT_EQ(*Cidr::parse("10.0.0.1"), *Cidr::parse("10.0.0.1/32"));
  EXPECT_NE(*Cidr::parse("10.0.0.0/8"), *Cidr::parse("10.0.0.0/9"));
}

TEST(ParseIp, TellsTheVersionAndUnmaps) {
  EXPECT_FALSE(parse_ip("::ffff:1.2.3.4")->is_v6);
  EXPECT_EQ(parse_ip("::ffff:1.2.3.4")->bytes[3], 4);
  EXPECT_TRUE(parse_ip("::1.2.3.4")->is_v6);
  EXPECT_FALSE(parse_ip("1.2.3.4.5"));
}

}  // namespace
}  // namespace weir::match
