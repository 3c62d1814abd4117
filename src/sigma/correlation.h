#pragma once

// A correlation document (Sigma correlation rules specification 2.1.0; where pySigma goes further, as pySigma:
// value_median, `percentile`, timespans in w, M and y, extended conditions of temporal correlations). Mistakes go to
// the reporter.

#include <cstdint>
#include <optional>
#include <string_view>

#include "sigma/reporter.h"
#include "sigma/rule.h"
#include "yaml/node.h"

namespace weir::sigma {

// `document` is a map that has `correlation`.
Correlation read_correlation(const yaml::Node& document, std::string_view path, Reporter& reporter);

// "90m" to seconds; nothing if malformed, zero, or beyond 100 years.
std::optional<std::int64_t> parse_timespan(std::string_view text);

std::string_view to_string(CorrelationType type);

}  // namespace weir::sigma
