// Attacks that the web proxy sees: downloads from bad places, command and control, data leaving.

#include <fmt/format.h>

#include "traffic/attack.h"
#include "traffic/proxy.h"
#include "traffic/rule_ids.h"
#include "traffic/windows_record.h"

namespace weir::traffic {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

PlantedRecord planted(const ProxyRequest& request) {
  PlantedRecord record{Source::proxy, request.time, {}};
  append_proxy_line(record.bytes, request);
  return record;
}

ProxyRequest request_of(const Stage::Scene& scene, EventTime time) {
  return {.time = time,
          .elapsed = 212,
          .client = proxy_client(*scene.user, scene.at_home),
          .result = "TCP_MISS/200",
          .bytes = 1024,
          .method = "GET",
          .user = scene.user->login,
          .type = "text/html",
          .agent = scene.user->agent};
}

std::optional<Attack> listed_address(Stage& stage) {
  const auto scene = stage.scene(seconds(10));
  if (!scene) return std::nullopt;
  Attack attack{.title = "Download from an address on the list of bad networks",
                .technique = "T1105",
                .rules = {rule_id("proxy/listed_bad_address")},
                .source = Source::proxy,
                .user = scene->user->login,
                .host = scene->user->host};
  ProxyRequest request = request_of(*scene, scene->time);
  const std::string url = fmt::format("http://{}/stage/loader.bin", kListedAddress);
  const std::string hierarchy = fmt::format("HIER_DIRECT/{}", kListedAddress);
  request.url = url;
  request.hierarchy = hierarchy;
  request.bytes = 482'133;
  request.type = "application/octet-stream";
  attack.records.push_back(planted(request));
  return attack;
}

std::optional<Attack> command_agent(Stage& stage) {
  const auto scene = stage.scene(seconds(10));
  if (!scene) return std::nullopt;
  Attack attack{.title = "Request with the user agent of a command-and-control framework",
                .technique = "T1071.001",
                .rules = {rule_id("proxy/command_and_control_agent")},
                .source = Source::proxy,
                .user = scene->user->login,
                .host = scene->user->host};
  ProxyRequest request = request_of(*scene, scene->time);
  request.url = "http://cdn.softpatch.example/submit.php?id=771204";
  request.method = "POST";
  request.hierarchy = "HIER_DIRECT/198.51.100.23";
  request.agent = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; Havoc)";
  attack.records.push_back(planted(request));
  return attack;
}

// A small request once a minute, nearly on time, for half an hour.
std::optional<Attack> beaconing(Stage& stage) {
  const auto scene = stage.scene(minutes(36));
  if (!scene) return std::nullopt;
  Attack attack{.title = "Beaconing once a minute to a host nobody else visits",
                .technique = "T1071.001",
                .needs = Needs::correlation,
                .source = Source::proxy,
                .user = scene->user->login,
                .host = scene->user->host};
  EventTime at = scene->time;
  for (int i = 0; i < 34; ++i) {
    ProxyRequest request = request_of(*scene, at);
    request.url = "sync.quietpixel.example:443";
    request.method = "CONNECT";
    request.result = "TCP_TUNNEL/200";
    request.hierarchy = "HIER_DIRECT/198.51.100.40";
    request.type = "-";
    request.bytes = static_cast<std::uint64_t>(stage.random().between(2'310, 2'390));
    attack.records.push_back(planted(request));
    at += milliseconds(60'000 + stage.random().between(-2'500, 2'500));
  }
  return attack;
}

std::optional<Attack> exfiltration(Stage& stage) {
  const auto scene = stage.scene(minutes(25));
  if (!scene) return std::nullopt;
  Attack attack{.title = "Some 6 GB uploaded to an unknown file host in twenty minutes",
                .technique = "T1567.002",
                .needs = Needs::correlation,
                .source = Source::proxy,
                .user = scene->user->login,
                .host = scene->user->host};
  EventTime at = scene->time;
  for (int i = 0; i < 40; ++i) {
    ProxyRequest request = request_of(*scene, at);
    request.url = "http://up.dropcrate.example/api/put";
    request.method = "PUT";
    request.elapsed = static_cast<std::uint32_t>(stage.random().between(14'000, 26'000));
    request.hierarchy = "HIER_DIRECT/198.51.100.77";
    request.bytes = static_cast<std::uint64_t>(stage.random().between(120'000'000, 180'000'000));
    attack.records.push_back(planted(request));
    at += seconds(stage.random().between(20, 36));
  }
  return attack;
}

// The document comes through the proxy; then Word itself talks to one host again and again.
std::optional<Attack> word_requests(Stage& stage) {
  const auto scene = stage.scene(minutes(12));
  if (!scene) return std::nullopt;
  const User& user = *scene->user;
  Attack attack{.title = "Document downloaded, then Word makes many web requests",
                .technique = "T1566.002",
                .needs = Needs::correlation,
                .source = Source::proxy,
                .user = user.login,
                .host = user.host};
  ProxyRequest download = request_of(*scene, scene->time);
  download.url = "http://invoices.quickbill.example/Invoice_88213.docm";
  download.hierarchy = "HIER_DIRECT/198.51.100.61";
  download.type = "application/vnd.ms-word.document.macroEnabled.12";
  download.bytes = 88'412;
  attack.records.push_back(planted(download));

  EventTime at = scene->time + seconds(stage.random().between(20, 60));
  PlantedRecord opened{Source::windows, at, {}};
  append_process_start(
      opened.bytes,
      {.time = at,
       .host = user.host,
       .domain = kWindowsDomain,
       .user = user.login,
       .image = R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)",
       .command = fmt::format(
           R"("C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE" /n "C:\Users\{}\Downloads\Invoice_88213.docm" /o "")",
           user.login),
       .parent = R"(C:\Windows\explorer.exe)",
       .parent_command = R"(C:\Windows\Explorer.EXE)",
       .description = "Microsoft Word",
       .company = "Microsoft Corporation",
       .process = 7312,
       .parent_process = 5120,
       .logon = 0x40000u + user.number});
  attack.records.push_back(std::move(opened));
  for (int i = 0; i < 45; ++i) {
    at += milliseconds(stage.random().between(1'500, 14'000));
    ProxyRequest request = request_of(*scene, at);
    const std::string url = fmt::format("http://tpl.quickbill.example/t/{:08x}", stage.random().below(0xffffffff));
    request.url = url;
    request.hierarchy = "HIER_DIRECT/198.51.100.62";
    request.agent = "Microsoft Office Word 2014";
    request.bytes = static_cast<std::uint64_t>(stage.random().between(600, 4'000));
    attack.records.push_back(planted(request));
  }
  return attack;
}

constexpr std::array<Scenario, 5> kScenarios = {{
    {"proxy-listed-address", listed_address},
    {"proxy-command-agent", command_agent},
    {"proxy-beaconing", beaconing},
    {"proxy-exfiltration", exfiltration},
    {"word-web-requests", word_requests},
}};

}  // namespace

std::span<const Scenario> proxy_scenarios() {
  return kScenarios;
}

}  // namespace weir::traffic
