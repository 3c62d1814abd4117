#include "base/embedded.h"

#include "base/check.h"
#include "base/text.h"

namespace weir {

std::vector<EmbeddedFile> read_embedded(const char* data, std::size_t size) {
  std::vector<EmbeddedFile> files;
  std::string_view rest(data, size);
  while (!rest.empty()) {
    const std::size_t blank = rest.find(' ');
    const std::size_t newline = rest.find('\n');
    const auto path_size = parse_int(rest.substr(0, blank));
    const auto byte_count = parse_int(rest.substr(blank + 1, newline - blank - 1));
    CHECK(path_size && byte_count);  // The build wrote it.
    rest.remove_prefix(newline + 1);
    files.push_back({rest.substr(0, *path_size), rest.substr(*path_size, *byte_count)});
    rest.remove_prefix(*path_size + *byte_count);
  }
  return files;
}

}  // namespace weir
