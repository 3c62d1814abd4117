#pragma once

// auth.log of the Linux servers, gathered on one syslog host: sshd, sudo, cron and systemd-logind as RFC 3164 lines
// (without PRI, as syslog daemons write files), in UTC.

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

// "Mar  2 08:15:04 app-01 sshd[1234]: message"; without a process id if it is 0.
void append_auth_line(std::string& out, EventTime time, std::string_view host, std::string_view program,
                      std::uint32_t process, std::string_view message);

std::unique_ptr<Stream> make_auth_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
