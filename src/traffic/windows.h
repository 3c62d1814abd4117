#pragma once

// Windows events of all hosts, gathered in one file: Sysmon on the laptops, Security on servers and the domain
// controller, with what a healthy domain is full of: services starting, scheduled tasks, service accounts logging on,
// mistyped passwords, help desk work, software deployment.

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

std::unique_ptr<Stream> make_windows_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
