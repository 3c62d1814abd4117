// The binary: the tree of commands, and nothing else.

#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/command.h"
#include "app/log_client/log_commands.h"

int main(int argc, char** argv) {
  using namespace weir::app;
  CLI::App root("weir finds suspicious events: Sigma rules over logs, on one machine, in seconds.", "weir");
  root.set_version_flag("--version", std::string(version_text()), "Release and format versions");
  root.require_subcommand(1);
  root.get_formatter()->column_width(28);
  root.get_formatter()->label("REQUIRED", "");
  Action action;
  add_scan_command(root, action);
  add_serve_command(root, action);
  add_rules_command(root, action);
  add_topic_command(root, action);
  add_produce_command(root, action);
  add_consume_command(root, action);
  add_group_command(root, action);
  add_lag_command(root, action);
  add_formats_command(root, action);
  add_generate_command(root, action);
  add_completion_command(root, action);
  // Set last: commands inherit a footer that stands before them.
  root.footer("First steps:\n  weir scan /var/log/auth.log\n  weir scan --rules sigma_all_rules.zip evtx-folder/");
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return report_usage(root, error);
    return root.exit(error);  // --help, --version.
  }
  return action ? action() : static_cast<int>(kExitUsage);
}
