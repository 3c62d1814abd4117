#pragma once

// The part of a scan's summary that says what was read and as what it was recognised.
//
// Inputs with events stand first, those that failed last, and those of no known format share one line, so that a folder
// full of other things does not hide the logs in it. Beyond a dozen inputs, one line stands for all that were
// recognised as the same; `verbose` lists every input with its format and logsources. Depends on nothing but the
// reports, which come in the order of the inputs.

#include <string>
#include <vector>

#include "app/scan/scan.h"
#include "app/terminal.h"

namespace weir::app {

void render_inputs(std::string& out, const Terminal& terminal, const std::vector<InputReport>& inputs, bool verbose);

}  // namespace weir::app
