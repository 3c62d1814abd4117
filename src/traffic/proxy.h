#pragma once

// The web proxy's log: Squid's native format (elapsed padded to six, epoch with milliseconds) with the user agent in
// quotes behind it, as many sites configure it (`logformat … "%{User-Agent}>h"`).

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

struct ProxyRequest {
  EventTime time{};
  std::uint32_t elapsed = 0;  // Milliseconds.
  std::string_view client{};
  std::string_view result{};  // "TCP_MISS/200"
  std::uint64_t bytes = 0;
  std::string_view method{};
  std::string_view url{};  // For CONNECT: host:port.
  std::string_view user{};
  std::string_view hierarchy{};  // "HIER_DIRECT/198.19.3.4"
  std::string_view type{};       // "text/html", or "-".
  std::string_view agent{};
};

void append_proxy_line(std::string& out, const ProxyRequest& request);

// Where the user's requests come from now.
std::string_view proxy_client(const User& user, bool at_home);

std::unique_ptr<Stream> make_proxy_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
