// The binary: the tree of commands, and nothing else.

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/command.h"

int main(int argc, char** argv) {
  using namespace weir::app;
  CLI::App root("weir finds suspicious events: Sigma rules over logs, on one machine, in seconds.", "weir");
  root.set_version_flag("--version", std::string(version_text()), "Release and format versions");
  root.require_subcommand(1);
  root.footer("First steps:\n  weir scan /var/log/auth.log\n  weir scan --rules sigma_all_rules.zip evtx-folder/");
  Action action;
  add_scan_command(root, action);
  add_rules_command(root, action);
  add_generate_command(root, action);
  add_completion_command(root, action);
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = root.exit(error);
    return code == 0 ? kExitFine : kExitUsage;
  }
  return action ? action() : static_cast<int>(kExitUsage);
}
