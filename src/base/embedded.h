#pragma once

// Files that stand inside the binary (packed by cmake/embed.cmake).

#include <cstddef>
#include <string_view>
#include <vector>

namespace weir {

struct EmbeddedFile {
  std::string_view path;  // Relative to the packed folder.
  std::string_view bytes;
};

std::vector<EmbeddedFile> read_embedded(const char* data, std::size_t size);

}  // namespace weir
