#pragma once

// The parts of `weir rules` that stand in files of their own.

#include "app/command.h"

namespace weir::app {

void add_rules_test_command(CLI::App& rules, Action& action);
void add_rules_explain_command(CLI::App& rules, Action& action);

}  // namespace weir::app
