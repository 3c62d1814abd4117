#pragma once

// A properties file as Java's Properties.load reads it: "key=value", "key: value" or "key value" per line, comments by
// '#' and '!', lines continued by a backslash, escapes \t \n \r \f \uXXXX. The text is taken as UTF-8. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weir::kafka {

struct Property {
  std::string key;
  std::string value;
  int line = 0;  // From 1; where the key stands.

  bool operator==(const Property&) const = default;
};

// In the order of the text. ErrorKind::user for a malformed escape or more than `kPropertiesBytesMax` bytes; the
// message begins with the line.
inline constexpr std::size_t kPropertiesBytesMax = std::size_t{1} << 20;
Result<std::vector<Property>> parse_properties(std::string_view text);

}  // namespace weir::kafka
