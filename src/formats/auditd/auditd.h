#pragma once

// The Linux audit log. One event is several records (SYSCALL, EXECVE, CWD, PATH …) with one time and serial number,
// which stand near each other but may be interleaved with those of other events; they are joined into one row. Where
// the splitter must cut between them, it tells both chunks which has which.

#include "formats/format.h"

namespace weir::formats {

extern const Format kAuditd;

}  // namespace weir::formats
