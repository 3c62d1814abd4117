// Real files of other projects' tests (../shared/data/formats): each is told for what it is, read to its end, and loses
// few records. Files of programs that write a notation of their own are read as the nearest general format, or not at
// all; that too is fixed here, so that a change shows.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "formats/registry.h"
#include "formats/testing/read_events.h"

namespace weir::formats {
namespace {

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Choice choice_of(const std::string& text, const std::string& name) {
  std::string sample = text.substr(0, 64 * 1024);
  const std::size_t size = sample.size();
  sample.append(kPadding, '\0');
  return detect_format(std::string_view(sample).substr(0, size), name);
}

struct File {
  std::string_view name;
  std::string_view format;
  std::size_t rejects_max = 0;  // The damage that their authors put in, or lines of another notation.
};

// All others are of no format that we know, and none may claim them for more than possible.
constexpr File kFiles[] = {
    {"plaso/audit_enriched.log", "auditd"},
    {"plaso/selinux.log", "auditd", 4},
    {"lnav/logfile_bunyan.0", "json"},
    {"lnav/logfile_caddy_log.1", "json"},
    {"lnav/logfile_cloudflare.1", "json"},
    {"lnav/logfile_cloudflare.json", "json"},
    {"lnav/logfile_ecs_log.json", "json"},
    {"lnav/logfile_invalid_json.json", "json", 1},
    {"lnav/logfile_invalid_json2.json", "json", 1},
    {"lnav/logfile_journald.json", "json"},
    {"lnav/logfile_json.json", "json"},
    {"lnav/logfile_json2.json", "json"},
    {"lnav/logfile_json3.json", "json"},
    {"lnav/logfile_json_invalid.json", "json", 1},
    {"lnav/logfile_json_subsec.json", "json"},
    {"lnav/logfile_jsonid.json", "json"},
    {"lnav/logfile_mixed_json2.json", "json", 5},
    {"lnav/logfile_mongodb.0", "json"},
    {"lnav/logfile_muxed_syslog.0", "json"},
    {"lnav/logfile_nested_json.json", "json"},
    {"lnav/logfile_nextcloud.0", "json"},
    {"lnav/logfile_otel_collector.jsonl", "json"},
    {"lnav/logfile_pino.0", "json"},
    {"lnav/logfile_rust_tracing.0", "json"},
    {"plaso/azure_application_gateway_access.json", "json"},
    {"lnav/logfile_access_log.0", "clf"},
    {"lnav/logfile_access_log.1", "clf"},
    {"lnav/logfile_access_log_dupe.0", "clf"},
    {"lnav/logfile_bad_access_log.0", "clf"},
    {"lnav/logfile_regexp_access_log.0", "clf"},
    {"plaso/apache_access.log", "clf"},
    {"lnav/logfile_bad_syslog.0", "syslog"},
    {"lnav/logfile_blued.0", "syslog"},
    {"lnav/logfile_cxx.0", "syslog"},
    {"lnav/logfile_dst.0", "syslog"},
    {"lnav/logfile_filter.0", "syslog"},
    {"lnav/logfile_for_join.0", "syslog"},
    {"lnav/logfile_haproxy.0", "syslog"},
    {"lnav/logfile_pretty.0", "syslog"},
    {"lnav/logfile_rollover.1", "syslog"},
    {"lnav/logfile_rollover.2", "syslog"},
    {"lnav/logfile_syslog.0", "syslog"},
    {"lnav/logfile_syslog.1", "syslog"},
    {"lnav/logfile_syslog.2", "syslog"},
    {"lnav/logfile_syslog.3", "syslog"},
    {"lnav/logfile_syslog_with_access_log.0", "syslog"},
    {"lnav/logfile_syslog_with_header.0", "syslog"},
    {"lnav/logfile_syslog_with_mixed_times.0", "syslog"},
    {"lnav/logfile_vmw_log.0", "syslog"},
    {"lnav/logfile_vpxd.0", "syslog"},
    {"lnav/logfile_with_zones.0", "syslog"},
    {"plaso/security.log", "syslog"},
    {"plaso/syslog", "syslog"},
    {"plaso/syslog_chromeos", "syslog"},
    {"plaso/syslog_cron.log", "syslog"},
    {"plaso/syslog_osx", "syslog"},
    {"plaso/syslog_rsyslog", "syslog"},
    {"plaso/syslog_rsyslog_ForwardFormat", "syslog"},
    {"plaso/syslog_rsyslog_SysklogdFileFormat", "syslog"},
    {"plaso/syslog_rsyslog_SyslogProtocol23Format", "syslog"},
    {"plaso/syslog_rsyslog_TraditionalForwardFormat", "syslog"},
    {"plaso/syslog_rsyslog_traditional", "syslog"},
    {"plaso/syslog_ssh.log", "syslog"},
    {"squid_edge_cases.log", "squid"},
    {"lnav/logfile_w3c.0", "w3c"},
    {"lnav/logfile_w3c.1", "w3c"},
    {"lnav/logfile_w3c.2", "w3c"},
    {"lnav/logfile_w3c.3", "w3c"},
    {"lnav/logfile_w3c.4", "w3c"},
    {"lnav/logfile_w3c.5", "w3c"},
    {"lnav/logfile_w3c.6", "w3c"},
    {"lnav/logfile_w3c_big.0", "w3c"},
    {"plaso/iis10.log", "w3c"},
    {"plaso/iis10_cookies.log", "w3c"},
    {"plaso/iis10_edge_cases.log", "w3c"},
    {"plaso/iis6.log", "w3c"},
    {"plaso/iis7_owa.log", "w3c"},
    {"plaso/iis7_sqli.log", "w3c"},
    {"plaso/iis_without_date.log", "w3c"},
    {"lnav/logfile_bro_conn.log.0", "zeek"},
    {"lnav/logfile_grafana.0", "logfmt"},
    {"lnav/logfile_logfmt.0", "logfmt"},
};

const File& expected_of(std::string_view name) {
  static constexpr File kUnknown = {"", ""};
  const File* const found = std::ranges::find(kFiles, name, &File::name);
  return found == std::end(kFiles) ? kUnknown : *found;
}

TEST(SharedFormats, AreToldAndReadWithFewRejects) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  const std::filesystem::path folder = shared_data_folder() + "/formats";
  std::size_t known = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string text = read_whole(entry.path());
    const std::string name = std::filesystem::relative(entry.path(), folder).string();
    const Choice choice = choice_of(text, name);
    const bool claimed = choice.detected.confidence > Confidence::possible;
    const File& expected = expected_of(name);
    EXPECT_EQ(claimed ? choice.format->name : "", expected.format) << name;
    if (choice.format == nullptr) continue;
    const ReadResult result = read_events(*choice.format, text);
    EXPECT_EQ(read_events(*choice.format, text, {}, 1000).events.size(), result.events.size()) << name;
    if (!claimed) continue;
    ++known;
    EXPECT_GT(result.events.size(), 0U) << name;
    EXPECT_LE(result.rejects.size(), expected.rejects_max) << name << ": " << result.rejects[0].reason;
  }
  EXPECT_EQ(known, std::size(kFiles));
}

}  // namespace
}  // namespace weir::formats
