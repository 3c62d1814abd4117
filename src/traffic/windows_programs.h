#pragma once

// What people and machines start on Windows, by department. Some of it looks like what attackers use (PowerShell,
// rundll32, certutil, schtasks), because healthy networks are full of that too.

#include <span>

#include "traffic/company.h"
#include "traffic/windows_record.h"

namespace weir::traffic {

std::span<const Program> office_programs();
std::span<const Program> programs_of(Department department);
// Started by the system itself, at any hour.
std::span<const Program> machine_programs();
std::span<const Program> server_programs();
// Started when a user logs on.
std::span<const Program> logon_programs();

}  // namespace weir::traffic
