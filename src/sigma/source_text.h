#pragma once

// A rule file's text by lines and columns, as YAML counts them: lines end at LF, CR LF, CR, NEL, LS or PS (YAML 1.1,
// section 5.4, which libyaml follows), columns are code points. Borrows the text.

#include <cstddef>
#include <string_view>
#include <vector>

#include "yaml/node.h"

namespace weir::sigma {

class SourceText {
 public:
  explicit SourceText(std::string_view text);

  // Without its line break; empty if there is no such line.
  std::string_view line(std::uint32_t number) const;

  std::size_t offset_of(yaml::Mark mark) const;
  yaml::Mark mark_of(std::size_t offset) const;

  // Where the byte `offset` of a scalar's decoded text stands. `begin` is the scalar's mark. Quotes, escapes, folding
  // and indentation are stepped over; if the text cannot be followed, the answer is `begin`.
  yaml::Mark inside(yaml::Mark begin, std::string_view decoded, std::size_t offset) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace weir::sigma
