#pragma once

// Linux system calls by machine and number, as audit records have them ("arch=c000003e syscall=59"). Rules name the
// call (SYSCALL: execve), as enriched records and `ausearch -i` do. The texts live as long as the program. Any thread.

#include <string_view>

namespace weir::formats::auditd {

// "x86_64"; empty if unknown.
std::string_view name_of_machine(std::string_view arch);

// "execve"; empty if unknown.
std::string_view name_of_syscall(std::string_view arch, std::string_view number);

}  // namespace weir::formats::auditd
