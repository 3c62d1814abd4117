// Wildcard matching against a table that tries everything, and the way from pattern to Sigma text and back. The input
// is a pattern, a newline and a value.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "match/pattern.h"

namespace {

using weir::match::Pattern;

// reach[at]: whether the parts so far can end at `at`. Part by part, so that no input takes more than pattern times
// value.
bool slowly_fits(const Pattern& pattern, std::string_view value) {
  std::vector<std::size_t> character_size(value.size() + 1, 0);
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t at = value.size() - rest.size();
    weir::take_code_point(rest);
    character_size[at] = value.size() - rest.size() - at;
  }
  std::vector<bool> reach(value.size() + 1, false);
  reach[0] = true;
  for (const Pattern::Part& part : pattern.parts()) {
    std::vector<bool> next(value.size() + 1, false);
    bool reached = false;
    for (std::size_t at = 0; at <= value.size(); ++at) {
      reached = reached || reach[at];
      if (part.kind == Pattern::PartKind::any_run) next[at] = reached;
      if (!reach[at]) continue;
      if (part.kind == Pattern::PartKind::any_one && character_size[at] > 0) next[at + character_size[at]] = true;
      if (part.kind == Pattern::PartKind::literal && value.substr(at).starts_with(part.text)) {
        next[at + part.text.size()] = true;
      }
    }
    reach = next;
  }
  return reach[value.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = std::min(input.find('\n'), input.size());
  const Pattern pattern = Pattern::parse(input.substr(0, newline));
  const std::string_view value = input.substr(std::min(newline + 1, input.size()));
  CHECK_EQ(pattern.fits(value, true), slowly_fits(pattern, value));
  CHECK(Pattern::parse(pattern.to_sigma()) == pattern);
  pattern.fits(value, false);
  return 0;
}
