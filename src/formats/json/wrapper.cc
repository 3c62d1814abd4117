#include "formats/json/wrapper.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"

namespace weir::formats::json {
namespace {

constexpr auto kWrappers = std::to_array<std::string_view>(
    {"Records", "records", "value", "Events", "events", "logs", "items", "entries", "hits"});

constexpr auto kCompanions = std::to_array<std::string_view>({"@odata.context",
                                                              "@odata.count",
                                                              "@odata.nextLink",
                                                              "nextLink",
                                                              "NextToken",
                                                              "nextToken",
                                                              "nextPageToken",
                                                              "kind",
                                                              "etag",
                                                              "apiVersion",
                                                              "metadata",
                                                              "took",
                                                              "timed_out",
                                                              "_shards",
                                                              "_scroll_id",
                                                              "pit_id",
                                                              "total",
                                                              "max_score",
                                                              "count",
                                                              "next",
                                                              "cursor",
                                                              "pagination",
                                                              "searchedLogStreams"});

// Walks over the start of a document. Running off the end leaves `at` at the end.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  std::size_t offset() const { return at_; }
  char peek() {
    while (!at_end() && is_space(text_[at_])) ++at_;
    return at_end() ? '\0' : text_[at_];
  }
  bool take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
  }
  // The inside of a string, as written.
  std::string_view take_string() {
    if (!take('"')) return {};
    const std::size_t begin = at_;
    while (!at_end() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::size_t end = std::min(at_, text_.size());
    at_ = std::min(end + 1, text_.size());
    return text_.substr(begin, end - begin);
  }
  void skip_value() {
    int depth = 0;
    do {
      const char c = peek();
      if (at_end()) return;
      if (c == '"') {
        take_string();
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return;
      depth += (c == '{' || c == '[') ? 1 : (c == '}' || c == ']') ? -1 : 0;
      ++at_;
    } while (depth > 0 || (!at_end() && peek() != ',' && peek() != '}' && peek() != ']'));
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool holds(std::span<const std::string_view> names, std::string_view key) {
  return std::ranges::find(names, key) != names.end();
}

}  // namespace

bool is_wrapper_key(std::string_view key) {
  return holds(kWrappers, key);
}
bool is_companion_key(std::string_view key) {
  return holds(kCompanions, key);
}

WrappedArray find_wrapped_array(std::string_view text) {
  const bool cut = text.size() > kWrapperPreambleMax;
  Cursor at(text.substr(0, kWrapperPreambleMax));
  const auto undecided = [&at, cut] { return WrappedArray{at.at_end() && !cut ? Wrapped::unknown : Wrapped::no, 0}; };
  if (!at.take('{')) return undecided();
  for (;;) {
    const std::string_view key = at.take_string();
    if (!at.take(':')) return undecided();
    const char first = at.peek();
    if (at.at_end()) return undecided();
    if (is_wrapper_key(key) && first == '[') {
      const std::size_t bracket = at.offset();
      at.take('[');
      const char inside = at.peek();
      if (at.at_end()) return undecided();
      return {inside == '{' ? Wrapped::yes : Wrapped::no, bracket};
    }
    if (key == "hits" && first == '{') {
      at.take('{');
      continue;
    }
    if (!is_companion_key(key)) return {};
    at.skip_value();
    if (!at.take(',')) return undecided();
  }
}

}  // namespace weir::formats::json
