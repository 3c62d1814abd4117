#include "app/log_client/interrupt.h"

#include <csignal>

namespace weir::app {

namespace {

volatile std::sig_atomic_t caught = 0;

void keep(int number) {
  caught = number;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = keep;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int interrupted() {
  return caught;
}

int interrupted_exit_code() {
  return 128 + caught;
}

}  // namespace weir::app
