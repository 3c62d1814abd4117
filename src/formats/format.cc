#include "formats/format.h"

namespace weir::formats {

Cut LineSplitter::cut(std::string_view data, bool at_end) {
  if (at_end) return {.skip = 0, .size = data.size(), .context = nullptr};
  const std::size_t newline = data.rfind('\n');
  return {.skip = 0, .size = newline == std::string_view::npos ? 0 : newline + 1, .context = nullptr};
}

const event::Logsource* chosen_logsource(const Options& options, const event::Logsource& own) {
  return options.logsource ? &*options.logsource : &own;
}

}  // namespace weir::formats
