// Parsing speed of the formats whose rate is promised, on one core: lines of the real samples beside the checkout,
// repeated, or made lines of like shape where there are none.

#include <fstream>
#include <sstream>

#include <benchmark/benchmark.h>

#include "base/shared_data.h"
#include "formats/registry.h"

namespace weir::formats {
namespace {

constexpr std::size_t kChunkBytes = 1024 * 1024;

std::string made_line(std::string_view format) {
  if (format == "squid") {
    return "1700000000.079   1234 192.0.2.7 TCP_MISS/200 5432 GET http://files.example/a/b.exe?x=1 ann "
           "HIER_DIRECT/203.0.113.9 text/html\n";
  }
  if (format == "syslog")
    return "Mar 27 13:06:56 host sshd[1291]: Failed password for root from 192.0.2.7 port 4711 ssh2\n";
  return "192.0.2.7 - - [17/May/2015:10:05:03 +0000] \"GET /presentations/images/kibana-search.png HTTP/1.1\" 200 "
         "203023 "
         "\"http://blog.example/presentations/\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) "
         "AppleWebKit/537.36\"\n";
}

// One chunk's worth of whole lines, with padding behind.
std::string chunk_of(std::string_view format, const std::string& file, std::size_t& size) {
  std::stringstream content;
  if (!shared_data_folder().empty()) content << std::ifstream(shared_data_folder() + "/" + file).rdbuf();
  std::string lines = content.str().empty() ? made_line(format) : content.str();
  if (!lines.ends_with('\n')) lines += '\n';
  std::string chunk;
  while (chunk.size() < kChunkBytes) chunk += lines;
  size = chunk.rfind('\n', kChunkBytes) + 1;
  chunk.resize(size);
  chunk.append(kPadding, '\0');
  return chunk;
}

void parse(benchmark::State& state, std::string_view format_name, const std::string& file, bool with_times,
           const std::vector<std::string>& read_fields) {
  const Format* format = find_format(format_name);
  event::FieldTable table;
  for (const std::string& name : read_fields) table.intern(name);
  std::size_t size = 0;
  const std::string bytes = chunk_of(format_name, file, size);
  Options options;
  options.year = 2024;
  const auto splitter = format->make_splitter(options);
  const auto parser = format->make_parser(table, options);
  const Chunk chunk{.bytes = std::string_view(bytes).substr(0, size),
                    .context = splitter->cut(std::string_view(bytes).substr(0, size), true).context};
  event::Batch batch;
  std::size_t lines = 0;
  for (auto _ : state) {
    batch.clear();
    parser->parse(chunk, batch);
    lines += batch.rows().size();
    if (with_times) {
      for (const event::Row& row : batch.rows()) benchmark::DoNotOptimize(parser->time_of(batch, row));
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(lines));
  state.SetBytesProcessed(static_cast<std::int64_t>(size * state.iterations()));
}

const std::vector<std::string> kProxyFields = {"c-uri",       "cs-uri",          "cs-host",     "cs-uri-stem",
                                               "c-uri-query", "c-uri-extension", "cs-method",   "sc-status",
                                               "dst_ip",      "c-useragent",     "cs-uri-query"};
const std::vector<std::string> kWebFields = {"cs-uri-query", "cs-uri-stem", "cs-method", "sc-status",  "cs-user-agent",
                                             "cs-referer",   "cs-username", "cs-host",   "c-useragent"};

BENCHMARK_CAPTURE(parse, squid, "squid", "proxy/squid_real_excerpt.log", false, {});
BENCHMARK_CAPTURE(parse, squid_with_rules, "squid", "proxy/squid_real_excerpt.log", false, kProxyFields);
BENCHMARK_CAPTURE(parse, squid_with_times, "squid", "proxy/squid_real_excerpt.log", true, {});
BENCHMARK_CAPTURE(parse, combined, "clf", "web/apache_combined_10k.log", false, {});
BENCHMARK_CAPTURE(parse, combined_with_rules, "clf", "web/apache_combined_10k.log", false, kWebFields);
BENCHMARK_CAPTURE(parse, combined_with_times, "clf", "web/apache_combined_10k.log", true, {});
BENCHMARK_CAPTURE(parse, syslog, "syslog", "linux/elastic_auth.log", false, {});
BENCHMARK_CAPTURE(parse, syslog_with_times, "syslog", "linux/elastic_auth.log", true, {});
BENCHMARK_CAPTURE(parse, zeek_dns, "zeek", "zeek/wrccdc-tsv/dns.log", false, {});
BENCHMARK_CAPTURE(parse, iis, "w3c", "formats/lnav/logfile_w3c_big.0", false, {});

}  // namespace
}  // namespace weir::formats
