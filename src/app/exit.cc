#include <cstdio>

#include "app/command.h"

namespace weir::app {

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::user: return kExitUsage;
    case ErrorKind::external: return kExitOutside;
    case ErrorKind::corrupt: return kExitCorrupt;
  }
  return kExitUsage;
}

int report_error(const Error& error) {
  fmt::print(stderr, "weir: error: {}\n", error.message);
  return exit_code_of(error.kind);
}

std::string_view version_text() {
  return "weir " WEIR_VERSION "\nalert document 1, truth file 1, Sigma 2.1.0";
}

}  // namespace weir::app
