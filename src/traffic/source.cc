#include "traffic/source.h"

namespace weir::traffic {
namespace {

struct SourceFacts {
  std::string_view name;
  std::string_view file;
  std::string_view description;
};

constexpr std::array<SourceFacts, kSourceCount> kFacts = {{
    {"proxy", "proxy.log", "web proxy, Squid's native lines with the user agent in quotes at the end"},
    {"auth", "auth.log", "sshd, sudo, cron of the Linux servers, RFC 3164 lines, UTC"},
    {"windows", "windows.jsonl", "Windows Security, System and Sysmon events, flat JSON lines"},
    {"cloud", "cloudtrail.json", "AWS CloudTrail, {\"Records\":[…]}"},
    {"web", "access.log", "the public web server, combined log format"},
    {"sharing", "sharing.jsonl", "file sharing audit, JSON lines"},
    {"transfers", "transfers.csv", "bank transfers and withdrawals, CSV with a header"},
}};

}  // namespace

std::string_view name_of(Source source) {
  return kFacts[index_of(source)].name;
}
std::string_view file_of(Source source) {
  return kFacts[index_of(source)].file;
}
std::string_view description_of(Source source) {
  return kFacts[index_of(source)].description;
}

std::optional<Source> find_source(std::string_view name) {
  for (const Source source : kSources) {
    if (name_of(source) == name) return source;
  }
  return std::nullopt;
}

}  // namespace weir::traffic
