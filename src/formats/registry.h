#pragma once

// All formats, in the order of precedence. Adding one: its file, and one line in registry.cc.

#include <span>
#include <string_view>

#include "formats/format.h"

namespace weir::formats {

std::span<const Format> all_formats();

// Null if there is no format of this name.
const Format* find_format(std::string_view name);

std::vector<std::string_view> format_names();

struct Choice {
  const Format* format = nullptr;  // Null: no format fits.
  Detected detected;
};

// `sample` is the start of an input (up to 64 KiB, kPadding readable behind it), after decompression, as UTF-8 unless
// it is binary. `file_name` only breaks ties.
Choice detect_format(std::string_view sample, std::string_view file_name);

}  // namespace weir::formats
