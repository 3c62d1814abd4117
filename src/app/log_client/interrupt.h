#pragma once

// Ctrl-C and SIGTERM for commands that have something to finish first. A second one ends the process at once.

namespace weir::app {

// From now on the first signal is kept instead of ending the process, and a reader that goes away is an error of
// writing.
void catch_interrupts();
// The signal that came, or 0.
int interrupted();
// 130 for SIGINT, 143 for SIGTERM.
int interrupted_exit_code();

}  // namespace weir::app
