#include "broker/groups/topic_pattern.h"

#include <re2/re2.h>

namespace weir::broker {

namespace {

constexpr std::int64_t kMemoryMax = 1 << 20;  // Of the program and what matching caches, in bytes.

}  // namespace

TopicPattern::TopicPattern(std::unique_ptr<re2::RE2> regex) : regex_(std::move(regex)) {}
TopicPattern::TopicPattern(TopicPattern&&) noexcept = default;
TopicPattern& TopicPattern::operator=(TopicPattern&&) noexcept = default;
TopicPattern::~TopicPattern() = default;

Result<TopicPattern> TopicPattern::parse(std::string_view pattern) {
  if (pattern.size() > kTopicPatternBytesMax) {
    return fail(ErrorKind::user, "the regular expression has {} bytes; it may have {}", pattern.size(),
                kTopicPatternBytesMax);
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kMemoryMax);
  auto regex = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!regex->ok()) {
    return fail(ErrorKind::user, "the regular expression `{}` is not valid: {}", pattern, regex->error());
  }
  return TopicPattern(std::move(regex));
}

bool TopicPattern::matches(std::string_view topic) const {
  return re2::RE2::FullMatch(re2::StringPiece(topic.data(), topic.size()), *regex_);
}

}  // namespace weir::broker
