#pragma once

// The regular expression by which a member of a consumer group subscribes to topics (KIP-848): RE2's syntax, and it
// must match the whole name. Compiled when subscriptions are resolved and not kept.

#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace weir::broker {

inline constexpr std::size_t kTopicPatternBytesMax = 4096;

class TopicPattern {
 public:
  // ErrorKind::user if RE2 refuses the pattern, or it is longer than kTopicPatternBytesMax, or too much to compile.
  static Result<TopicPattern> parse(std::string_view pattern);
  TopicPattern(TopicPattern&&) noexcept;
  TopicPattern& operator=(TopicPattern&&) noexcept;
  ~TopicPattern();

  bool matches(std::string_view topic) const;

 private:
  explicit TopicPattern(std::unique_ptr<re2::RE2> regex);
  std::unique_ptr<re2::RE2> regex_;
};

}  // namespace weir::broker
