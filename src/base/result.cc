#include "base/result.h"

namespace weir {

std::unexpected<Error> fail_within(std::string_view context, Error error) {
  error.message = fmt::format("{}: {}", context, error.message);
  return std::unexpected<Error>(std::move(error));
}

}  // namespace weir
