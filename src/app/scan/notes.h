#pragma once

// What a scan should not be silent about: rules that were left out, and rules none of which could fire because none is
// for events such as these.

#include <string>
#include <vector>

#include "app/rule_sources.h"
#include "app/scan/scan.h"

namespace weir::app {

std::vector<std::string> notes_on(const LoadedRules& loaded, const ScanOptions& options, const ScanCounts& counts);

}  // namespace weir::app
