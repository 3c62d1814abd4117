// All messages in all versions, with values from a seed.

#include <gtest/gtest.h>

#include "wire/testing/message_cases.h"

namespace weir::wire {
namespace {

constexpr int kRoundsOfEachVersion = 60;

template <typename Check>
void for_each_filled(Check check) {
  std::uint64_t seed = 1;
  for (const MessageCase& message : message_cases()) {
    for (int version = message.versions.min; version <= message.versions.max; ++version) {
      for (int round = 0; round < kRoundsOfEachVersion; ++round) {
        SCOPED_TRACE(fmt::format("{} v{} seed {}", message.name, version, seed));
        Filler filler(seed++);
        std::string problem;
        const std::string bytes = message.encode_filled(filler, version, problem);
        check(message, version, bytes, problem);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(Messages, DecodeToWhatWasEncoded) {
  for_each_filled(
      [](const MessageCase&, int, const std::string&, const std::string& problem) { EXPECT_EQ(problem, ""); });
}

TEST(Messages, CutShortAreCorrupt) {
  for_each_filled([](const MessageCase& message, int version, const std::string& bytes, const std::string&) {
    // All ends of a short one; of a long one a few.
    const std::size_t step = std::max<std::size_t>(1, bytes.size() / 40);
    for (std::size_t size = 0; size < bytes.size(); size += step) {
      std::string problem;
      const Status status = message.decode(std::string_view(bytes).substr(0, size), version, problem);
      ASSERT_FALSE(status.has_value()) << "cut to " << size << " of " << bytes.size();
      EXPECT_EQ(status.error().kind, ErrorKind::corrupt);
      EXPECT_TRUE(status.error().message.starts_with(fmt::format("{} v{}: ", message.name, version)))
          << status.error().message;
    }
  });
}

TEST(Messages, LeaveAloneWhatFollowsThem) {
  for_each_filled([](const MessageCase& message, int version, const std::string& bytes, const std::string&) {
    std::string problem;
    const Status status = message.decode(bytes + '\0', version, problem);
    EXPECT_TRUE(status.has_value());  // Apache Kafka's readers leave alone what is left.
  });
}

TEST(Messages, WithDamagedBytesDecodeToSomethingWholeOrFail) {
  std::mt19937_64 random(7);
  for_each_filled([&](const MessageCase& message, int version, std::string bytes, const std::string&) {
    if (bytes.empty()) return;
    for (int i = 0; i < 10; ++i) {
      bytes[random() % std::min<std::size_t>(bytes.size(), 300)] = static_cast<char>(random() % 2 ? random() : 0xFF);
      std::string problem;
      if (!message.decode(bytes, version, problem)) continue;
      EXPECT_EQ(problem, "");
    }
  });
}

TEST(Messages, OfOtherVersionsAreCorrupt) {
  for (const MessageCase& message : message_cases()) {
    for (const int version : {message.versions.min - 1, message.versions.max + 1}) {
      std::string problem;
      EXPECT_FALSE(message.decode("", version, problem).has_value()) << message.name;
    }
  }
}

}  // namespace
}  // namespace weir::wire
