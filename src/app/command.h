#pragma once

// The commands of the binary. Each file adds one to the tree; what it does runs after parsing and returns an exit code
// (docs/cli.md): 0 fine, 1 findings, 2 no usable rule, 3 wrong usage, 4 an outside system failed, 5 corrupt data.

#include <functional>
#include <string_view>

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace weir::app {

enum ExitCode : int {
  kExitFine = 0,
  kExitFindings = 1,
  kExitRules = 2,
  kExitUsage = 3,
  kExitOutside = 4,
  kExitCorrupt = 5,
  kExitInterrupted = 130,
};

// What the chosen command does; set by its callback.
using Action = std::function<int()>;

void add_scan_command(CLI::App& root, Action& action);
void add_serve_command(CLI::App& root, Action& action);
void add_rules_command(CLI::App& root, Action& action);
void add_formats_command(CLI::App& root, Action& action);
void add_generate_command(CLI::App& root, Action& action);
void add_completion_command(CLI::App& root, Action& action);

// Prints "weir: error: …" to standard error and returns the exit code of the error's kind.
int report_error(const Error& error);
int exit_code_of(ErrorKind kind);
// Says what is wrong with the command line that `error` came of, with what was probably meant; without a command, the
// help. Returns the exit code.
int report_usage(const CLI::App& root, const CLI::ParseError& error);

// For --version: release and the versions of the formats it reads and writes.
std::string_view version_text();

}  // namespace weir::app
