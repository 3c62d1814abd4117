#pragma once

// For tests and fuzzers: the obvious twin of what the anchors of literals mean.

#include <string_view>

#include "match/literal_set.h"

namespace weir::match {

inline bool fits(Anchor anchor, std::string_view literal, std::string_view value) {
  switch (anchor) {
    case Anchor::equals: return value == literal;
    case Anchor::starts: return value.starts_with(literal);
    case Anchor::ends: return value.ends_with(literal);
    case Anchor::contains: return value.find(literal) != std::string_view::npos;
  }
  return false;
}

}  // namespace weir::match
