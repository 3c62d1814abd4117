#pragma once

// Base64 (RFC 4648, section 4), with padding. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace weir {

std::string to_base64(std::string_view bytes);
// Nothing unless the whole text is base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace weir
