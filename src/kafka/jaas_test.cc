#include "kafka/jaas.h"

#include <gtest/gtest.h>

namespace weir::kafka {
namespace {

constexpr std::string_view kScram = "org.apache.kafka.common.security.scram.ScramLoginModule";
constexpr std::string_view kPlain = "org.apache.kafka.common.security.plain.PlainLoginModule";

TEST(Jaas, GivesUserAndPassword) {
  const auto scram = parse_jaas(fmt::format("{} required\n username=\"al\\\"ice\" password='s;e=c ret' ;", kScram));
  ASSERT_TRUE(scram) << scram.error().message;
  EXPECT_TRUE(scram->is_scram);
  EXPECT_EQ(scram->user, "al\"ice");
  EXPECT_EQ(scram->password, "s;e=c ret");
  const auto plain = parse_jaas(fmt::format("{} required password=p username=u;", kPlain));
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_FALSE(plain->is_scram);
  EXPECT_EQ(plain->user, "u");
}

TEST(Jaas, RefusesWhatItDoesNotUnderstandWithoutThePassword) {
  for (const std::string& text :
       {std::string(), std::string("com.example.Module required username=u password=hidden;"),
        fmt::format("{} username=u password=hidden;", kPlain),
        fmt::format("{} required username=u password=hidden", kPlain),
        fmt::format("{} required username=u password=\"hidden", kPlain), fmt::format("{} required username=u;", kPlain),
        fmt::format("{} required username=u password=hidden serviceName=x;", kPlain),
        fmt::format("{} required username=u password=hidden; more", kPlain)}) {
    const auto read = parse_jaas(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::user);
    EXPECT_EQ(read.error().message.find("hidden"), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace weir::kafka
