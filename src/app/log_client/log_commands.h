#pragma once

// The commands about a log, weir's own or Kafka's. Each adds itself to the tree (command.h).

#include "app/command.h"

namespace weir::app {

void add_topic_command(CLI::App& root, Action& action);
void add_produce_command(CLI::App& root, Action& action);
void add_consume_command(CLI::App& root, Action& action);
void add_group_command(CLI::App& root, Action& action);
void add_lag_command(CLI::App& root, Action& action);

// The exit code of what a command gave, after its error was printed.
int finished(const Result<int>& code);

}  // namespace weir::app
