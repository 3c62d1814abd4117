#include "formats/format.h"

namespace weir::formats {

Cut LineSplitter::cut(std::string_view data, bool at_end) {
  if (at_end) return {.skip = 0, .size = data.size(), .context = nullptr};
  const std::size_t newline = data.rfind('\n');
  return {.skip = 0, .size = newline == std::string_view::npos ? 0 : newline + 1, .context = nullptr};
}

const event::Logsource* chosen_logsource(const Options& options, const event::Logsource* own, Evidence evidence) {
  if (options.logsource) return &*options.logsource;
  if (!options.assumed_logsource) return own;
  const event::Logsource& assumed = *options.assumed_logsource;
  if (own == nullptr || !own->known() || evidence == Evidence::guessed) return &assumed;
  const bool is_product_only = own->categories.empty() && own->services.empty();
  return is_product_only && own->product == assumed.product ? &assumed : own;
}

}  // namespace weir::formats
