#pragma once

// The log of the bank's public web server, in the combined log format.

#include <memory>

#include "traffic/stream.h"

namespace weir::traffic {

struct WebRequest {
  EventTime time{};
  std::string_view client{};
  std::string_view user = "-";
  std::string_view method = "GET";
  std::string_view target{};  // Path and query as sent; quotes are escaped here, as Apache does.
  std::uint32_t status = 200;
  std::uint64_t bytes = 0;
  std::string_view referer = "-";
  std::string_view agent = "-";
};

void append_web_line(std::string& out, const WebRequest& request);

std::unique_ptr<Stream> make_web_stream(const Company& company, std::uint64_t seed);

}  // namespace weir::traffic
