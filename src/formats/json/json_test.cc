#include "formats/json/json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/json/json_reading.h"

namespace weir::formats::json {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

event::FieldTable table_of(std::initializer_list<std::string_view> names) {
  event::FieldTable table;
  for (const std::string_view name : names) table.intern(name);
  return table;
}

// One event: its row without the number.
std::string row(std::string_view event, std::initializer_list<std::string_view> read_fields = {}) {
  const Reading reading = read_json(event, table_of(read_fields));
  EXPECT_THAT(reading.rejects, IsEmpty());
  EXPECT_THAT(reading.rows, SizeIs(1));
  return reading.rows.empty() ? "" : reading.rows[0].substr(reading.rows[0].find(' ') + 1);
}

// One record that cannot be read: why.
std::string reason(std::string_view record) {
  const Reading reading = read_json(record);
  EXPECT_THAT(reading.rows, IsEmpty());
  EXPECT_THAT(reading.rejects, SizeIs(1));
  return reading.rejects.empty() ? "" : reading.rejects[0].substr(reading.rejects[0].find(' ') + 1);
}

TEST(Json, NestedKeysAreJoinedByDots) {
  EXPECT_EQ(row(R"({"a":{"b":{"c":"x"}},"n":-1.5e3,"t":true,"f":false,"z":null})"),
            "? - | a.b.c='x' n=-1.5e3 t=true f=false z=null");
}

TEST(Json, ArraysAddNothingToNames) {
  EXPECT_EQ(row(R"({"a":["x","y",1,[true]],"b":[{"c":"p"},{"c":"q","d":[2]}]})"),
            "? - | a='x' a='y' a=1 a=true b.c='p' b.c='q' b.d=2");
}

TEST(Json, EmptyObjectsAndArraysShowThatTheyAreThere) {
  EXPECT_EQ(row(R"({"a":{},"b":[],"c":{"d":[ ]},"e":""})"), "? - | a={} b=[] c.d=[ ] e=''");
}

TEST(Json, ParentsThatRulesReadComeAsText) {
  EXPECT_EQ(row(R"({"a":{"b":1},"c":[{"d":"x"},2],"e":["y"]})", {"a", "c"}),
            R"(? - | a.b=1 a={"b":1} c.d='x' c=2 c=[{"d":"x"},2] e='y')");
}

TEST(Json, EscapesAreResolvedInValuesAndKeys) {
  EXPECT_EQ(row(R"({"a":"C:\\x\t\"\u00e9\ud83d\ude00","k\u0065y":"v","b":"\/"})"),
            "? - | a='C:\\x\t\"\xC3\xA9\xF0\x9F\x98\x80' key='v' b='/'");
}

TEST(Json, DuplicateKeysAreOneCellEach) {
  EXPECT_EQ(row(R"({"a":1,"a":2})"), "? - | a=1 a=2");
}

TEST(Json, BlanksInNamesAreDropped) {
  EXPECT_EQ(row(R"({"Threat Name":"x"})", {"ThreatName"}), "? - | ThreatName='x'");
}

TEST(Json, WhatLoggersWriteBesideTheStandardIsRead) {
  EXPECT_EQ(row("{\"a\":NaN,\"b\":-Infinity,\"c\":007,\"d\":\"x\ty\"}"), "? - | a=null b=null c=007 d='x\ty'");
}

TEST(Json, EvtxDumpGivesWindowsNames) {
  EXPECT_EQ(
      row(R"({"Event":{"#attributes":{"xmlns":"u"},"System":{
    "Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon","Guid":"G"}},
    "EventID":{"#attributes":{"Qualifiers":1},"#text":11},"TimeCreated":{"#attributes":{"SystemTime":"2026-01-02T03:04:05.678Z"}},
    "Correlation":null,"Execution":{"#attributes":{"ProcessID":4,"ThreadID":5}},
    "Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"h","Security":{"#attributes":{"UserID":"S-1"}}},
    "EventData":{"Image":"C:\\a.exe","Dot.ted":"d","Data":["p","q"]}}})"),
      "windows/*/sysmon 2026-01-02T03:04:05.678Z | Event_xmlns='u' Provider_Name='Microsoft-Windows-Sysmon' "
      "Provider_Guid='G' EventID_Qualifiers=1 EventID=11 TimeCreated_SystemTime='2026-01-02T03:04:05.678Z' "
      "Correlation=null Execution_ProcessID=4 Execution_ThreadID=5 Channel='Microsoft-Windows-Sysmon/Operational' "
      "Computer='h' Security_UserID='S-1' Image='C:\\a.exe' Dot.ted='d' Data='p' Data='q'");
}

TEST(Json, EvtxDumpWithSeparateAttributesGivesTheSameNames) {
  EXPECT_EQ(
      row(R"({"Event":{"System":{"Provider_attributes":{"Name":"P"},"EventID":1,"Channel":"System"},"EventData":null}})"),
      "windows/*/system - | Provider_Name='P' EventID=1 Channel='System' EventData=null");
}

TEST(Json, UserDataLosesItsWrapping) {
  EXPECT_EQ(
      row(R"({"Event":{"System":{"EventID":1,"Channel":"X"},"UserData":{"EventXML":{"#attributes":{"xmlns":"u"},"Param1":"a"}}}})"),
      "windows/*/* - | EventID=1 Channel='X' EventXML_xmlns='u' Param1='a'");
}

TEST(Json, DataListsOfXmlConvertersAreNamedByTheirName) {
  EXPECT_EQ(row(R"({"Event":{"@xmlns":"u","System":{"Provider":{"@Name":"Microsoft-Windows-Security-Auditing"},
    "EventID":{"@Qualifiers":"","#text":"4624"}},"EventData":{"Data":[{"@Name":"User","#text":"al"},
    {"#text":"b","@Name":"Late"},{"@Name":"None"},{"#text":"bare"},"plain"]}}})"),
            "windows/*/security - | Event_xmlns='u' Provider_Name='Microsoft-Windows-Security-Auditing' "
            "EventID_Qualifiers='' EventID='4624' User='al' Late='b' None=null Data='bare' Data='plain'");
}

TEST(Json, WinlogbeatGivesWindowsNames) {
  EXPECT_EQ(row(R"({"@timestamp":"2026-01-02T03:04:05Z","winlog":{"channel":"Security","event_id":4688,
    "provider_name":"P","computer_name":"h","record_id":7,"process":{"pid":4,"thread":{"id":9}},
    "event_data":{"NewProcessName":"x"},"api":"a"},"process":{"command_line":"c"}})"),
            "windows/*/security 2026-01-02T03:04:05.000Z | @timestamp='2026-01-02T03:04:05Z' Channel='Security' "
            "EventID=4688 Provider_Name='P' Computer='h' EventRecordID=7 Execution_ProcessID=4 Execution_ThreadID=9 "
            "NewProcessName='x' winlog.api='a' process.command_line='c'");
}

TEST(Json, FlattenedPathsGiveTheSameNames) {
  EXPECT_EQ(row(R"({"winlog.channel":"Security","winlog.event_id":1,"winlog.event_data.Image.x":"i","id.orig_h":"h"})"),
            "windows/*/security - | Channel='Security' EventID=1 Image.x='i' id.orig_h='h'");
}

TEST(Json, ARuleMayNameThePlaceAsItIsWritten) {
  EXPECT_EQ(row(R"({"winlog":{"channel":"System","event_id":1}})", {"winlog.event_id"}),
            "windows/*/system - | Channel='System' EventID=1 winlog.event_id=1");
}

TEST(Json, NxlogNamesFeedWindowsNamesThatRulesRead) {
  const std::string_view event = R"({"EventID":1,"SourceName":"P","Hostname":"h","Channel":"System","ThreadID":3})";
  EXPECT_EQ(row(event, {"Provider_Name", "Computer"}),
            "windows/*/system - | EventID=1 SourceName='P' Hostname='h' Channel='System' ThreadID=3 "
            "Provider_Name='P' Computer='h'");
  EXPECT_EQ(row(R"({"EventID":1,"SourceName":"P","Provider_Name":"own","Channel":"System"})", {"Provider_Name"}),
            "windows/*/system - | EventID=1 SourceName='P' Provider_Name='own' Channel='System'");
  EXPECT_EQ(row(R"({"SourceName":"P","Hostname":"h"})", {"Provider_Name", "Computer"}),
            "? - | SourceName='P' Hostname='h'");
}

TEST(Json, EventsWithoutChannelGoByTheirProvider) {
  EXPECT_THAT(row(R"({"EventID":1,"SourceName":"Microsoft-Windows-Sysmon"})"), HasSubstr("windows/*/sysmon"));
}

TEST(Json, PowershellExportsAreWindowsEvents) {
  EXPECT_EQ(
      row(R"({"Id":4104,"ProviderName":"P","LogName":"Windows PowerShell","MachineName":"h","TimeCreated":"\/Date(1767323045678)\/"})",
          {"EventID", "Channel", "Provider_Name"}),
      "windows/*/powershell-classic 2026-01-02T03:04:05.678Z | Id=4104 ProviderName='P' LogName='Windows PowerShell' "
      "MachineName='h' TimeCreated='/Date(1767323045678)/' Channel='Windows PowerShell' EventID=4104 "
      "Provider_Name='P'");
}

// Whether the one event of `text` says that its values stand in it.
bool is_verbatim(std::string_view text, std::initializer_list<std::string_view> read_fields = {}) {
  const event::FieldTable table = table_of(read_fields);
  std::string padded(text);
  padded.append(kPadding, ' ');
  event::Batch batch;
  format().make_parser(table, {})->parse({{padded.data(), text.size()}, nullptr}, batch);
  EXPECT_THAT(batch.rows(), SizeIs(1));
  return !batch.rows().empty() && batch.rows()[0].verbatim;
}

TEST(Json, RowsAreVerbatimWhileTheirValuesStandInTheRecord) {
  EXPECT_TRUE(is_verbatim(R"({"a":"C:\\x \u00e9","b":[1,true,null],"c":{"d":"x"}})"));
  EXPECT_TRUE(is_verbatim(R"({"c":{"d":"x"}})", {"c"}));
  EXPECT_TRUE(is_verbatim(R"({"EventID":1,"SourceName":"P","Channel":"System"})", {"Provider_Name"}));
  EXPECT_TRUE(is_verbatim(R"({"Event":{"EventData":{"Data":[{"@Name":"User","#text":"al"}]}}})"));
  EXPECT_TRUE(is_verbatim(R"({"Records":[{"a":1}]})"));
  EXPECT_TRUE(is_verbatim("{\"a\":\"malformed \xFF\"}"));
  EXPECT_TRUE(is_verbatim(R"({"EventData":"no markup"})"));
  EXPECT_FALSE(is_verbatim(R"({"EventData":"<EventData><Data Name=\"a\">&amp;</Data></EventData>"})"));
  EXPECT_FALSE(is_verbatim(R"({"EventData":"{\"Image\":\"C:\\\\x\"}"})"));
  EXPECT_FALSE(is_verbatim(R"({"AuditData":"{\"a\":\"\\\"\"}"})"));
}

TEST(Json, EventDataTextResolvesReferencesAndLeavesTheRest) {
  const auto value = [](const std::string& text) {
    const std::string shown =
        row(R"({"EventData":"<EventData><Data Name='X'>)" + text + "</Data></EventData>\"}", {"X"});
    return shown.substr(shown.find("X='", shown.find("</EventData>")) + 2);
  };
  EXPECT_EQ(value("&lt;&gt;&quot;&apos;&amp;amp;"), "'<>\"'&amp;'");
  EXPECT_EQ(value("&#65;&#x20AC;&#x0000000000042;&#xD800;"),
            "'A\xE2\x82\xAC"
            "B\xEF\xBF\xBD'");
  EXPECT_EQ(value("& &; &amp &bomb; &#; &#x; &#0; &#x110000; &&amp;"),
            "'& &; &amp &bomb; &#; &#x; &#0; &#x110000; &&'");
}

TEST(Json, AzureTablesUnfoldTheirEventData) {
  EXPECT_EQ(row(R"({"TimeGenerated":"2026-01-02T03:04:05Z","EventID":4688,"Channel":"Security","EventData":
    "<EventData xmlns=\"u\">\r\n<Data Name=\"CommandLine\">a &amp; &#x62;<\/Data><Data>bare<\/Data><Data Name=\"E\"/><\/EventData>"})"),
            "windows/*/security 2026-01-02T03:04:05.000Z | TimeGenerated='2026-01-02T03:04:05Z' EventID=4688 "
            "Channel='Security' EventData='<EventData xmlns=\"u\">\r\n<Data Name=\"CommandLine\">a &amp; "
            "&#x62;</Data><Data>bare</Data><Data Name=\"E\"/></EventData>' CommandLine='a & b' Data='bare' E=''");
  EXPECT_THAT(row(R"({"EventID":1,"Channel":"System","EventData":"{\"Image\":\"x\",\"n\":{\"m\":1}}"})"),
              HasSubstr(" Image='x' n.m=1"));
}

TEST(Json, CloudTrailDeliversItsEventsInRecords) {
  const Reading reading = read_json(R"({"Records":[
    {"eventVersion":"1.09","userIdentity":{"type":"IAMUser","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},
     "eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1",
     "requestParameters":{"userName":"bob","tags":[{"key":"a","value":"1"}]},"responseElements":null},
    {"eventVersion":"1.09","eventTime":"2026-01-02T03:04:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",
     "awsRegion":"us-east-1","errorCode":"AccessDenied"}]})");
  EXPECT_THAT(reading.rejects, IsEmpty());
  EXPECT_THAT(
      reading.rows,
      ElementsAre("0 aws/*/cloudtrail 2026-01-02T03:04:05.000Z | eventVersion='1.09' userIdentity.type='IAMUser' "
                  "userIdentity.sessionContext.attributes.mfaAuthenticated='false' eventTime='2026-01-02T03:04:05Z' "
                  "eventSource='iam.amazonaws.com' eventName='CreateUser' awsRegion='us-east-1' "
                  "requestParameters.userName='bob' requestParameters.tags.key='a' requestParameters.tags.value='1' "
                  "responseElements=null",
                  "1 aws/*/cloudtrail 2026-01-02T03:04:00.000Z | eventVersion='1.09' eventTime='2026-01-02T03:04:00Z' "
                  "eventSource='s3.amazonaws.com' eventName='GetObject' awsRegion='us-east-1' "
                  "errorCode='AccessDenied'"));
}

TEST(Json, AzureMonitorDeliversItsEventsInRecords) {
  const Reading reading = read_json(R"({"records": [{"time":"2026-01-02T03:04:05.1234567Z","resourceId":"/tenants/t",
    "operationName":"Sign-in activity","category":"SignInLogs","properties":{"userPrincipalName":"u@x.example",
    "status":{"errorCode":50126}}}]})");
  EXPECT_THAT(reading.rows,
              ElementsAre("0 azure/*/signinlogs 2026-01-02T03:04:05.123456Z | time='2026-01-02T03:04:05.1234567Z' "
                          "resourceId='/tenants/t' operationName='Sign-in activity' category='SignInLogs' "
                          "properties.userPrincipalName='u@x.example' properties.status.errorCode=50126"));
}

TEST(Json, ZeeksDotsAreReadHoweverTheyAreWritten) {
  const std::string expected =
      "zeek/*/conn 2026-01-02T03:04:05.000001Z | _path='conn' ts=1767323045.000001 uid='C1' id.orig_h='192.0.2.1' "
      "id.orig_p=4711 id.resp_h='203.0.113.5' service='dns'";
  EXPECT_EQ(row(R"({"_path":"conn","ts":1767323045.000001,"uid":"C1","id.orig_h":"192.0.2.1","id.orig_p":4711,)"
                R"("id.resp_h":"203.0.113.5","service":"dns"})"),
            expected);
  EXPECT_EQ(row(R"({"_path":"conn","ts":1767323045.000001,"uid":"C1","id":{"orig_h":"192.0.2.1","orig_p":4711,)"
                R"("resp_h":"203.0.113.5"},"service":"dns"})"),
            expected);
  EXPECT_EQ(row(R"({"_path":"conn","ts":1767323045.000001,"uid":"C1","id_orig_h":"192.0.2.1","id_orig_p":4711,)"
                R"("id_resp_h":"203.0.113.5","service":"dns"})"),
            expected);
}

TEST(Json, SuricatasZoneHasNoColon) {
  EXPECT_EQ(
      row(R"({"timestamp":"2026-01-02T05:04:05.678901+0200","flow_id":77,"event_type":"alert","src_ip":"192.0.2.1",)"
          R"("dest_ip":"203.0.113.5","dest_port":443,"alert":{"action":"allowed","signature":"ET X","metadata":)"
          R"({"tag":["a","b"]}}})"),
      "suricata/*/alert 2026-01-02T03:04:05.678901Z | timestamp='2026-01-02T05:04:05.678901+0200' flow_id=77 "
      "event_type='alert' src_ip='192.0.2.1' dest_ip='203.0.113.5' dest_port=443 alert.action='allowed' "
      "alert.signature='ET X' alert.metadata.tag='a' alert.metadata.tag='b'");
}

TEST(Json, LoneSurrogatesAreReplaced) {
  EXPECT_EQ(row(R"({"a":"x\ud800y","b":"\udc00","\ud83d":1})"),
            "? - | a='x\xEF\xBF\xBDy' b='\xEF\xBF\xBD' \xEF\xBF\xBD=1");
}

TEST(Json, EventsHeldAsTextAreRead) {
  EXPECT_EQ(
      row(R"({"EventId":"i","CloudTrailEvent":"{\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":\"s3\",\"eventName\":\"e\",\"awsRegion\":\"r\"}"})"),
      "aws/*/cloudtrail 2026-01-02T03:04:05.000Z | EventId='i' "
      "CloudTrailEvent='{\"eventTime\":\"2026-01-02T03:04:05Z\","
      "\"eventSource\":\"s3\",\"eventName\":\"e\",\"awsRegion\":\"r\"}' eventTime='2026-01-02T03:04:05Z' "
      "eventSource='s3' eventName='e' awsRegion='r'");
  EXPECT_THAT(row(R"({"AuditData":"{\"Workload\":\"Exchange\",\"Operation\":\"o\"}"})"),
              HasSubstr("m365/*/audit+exchange"));
  EXPECT_THAT(row(R"({"AuditData":"{\"a\":1,\"b\""})"), HasSubstr(" a=1"));
}

TEST(Json, SourcesAreToldFromTheFields) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"eventVersion":"1.08","eventSource":"iam.amazonaws.com","eventName":"CreateUser"})", "aws/*/cloudtrail"},
      {R"({"_path":"dce_rpc","ts":1})", "zeek/*/dce_rpc"},
      {R"({"@stream":"conn","ts":1,"id_orig_h":"h"})", "zeek/*/conn"},
      {R"({"ts":1,"uid":"C","id.orig_h":"h","method":"GET","uri":"/"})", "zeek/*/http"},
      {R"({"ts":1,"uid":"C","id.orig_h":"h","query":"q"})", "zeek/*/dns"},
      {R"({"timestamp":"2026-01-02T03:04:05.000000+0000","flow_id":1,"event_type":"alert","src_ip":"1"})",
       "suricata/*/alert"},
      {R"({"operationName":"o","category":"AuditLogs","resourceId":"r"})", "azure/*/auditlogs"},
      {R"({"operationName":"o","category":"SignInLogs","resourceId":"r"})", "azure/*/signinlogs"},
      {R"({"operationName":{"value":"o"},"category":{"value":"Administrative"},"subscriptionId":"s"})",
       "azure/*/activitylogs"},
      {R"({"OperationName":"o","CorrelationId":"c","Type":"AuditLogs"})", "azure/*/auditlogs"},
      {R"({"activityDisplayName":"a","loggedByService":"b"})", "azure/*/auditlogs"},
      {R"({"userPrincipalName":"u","conditionalAccessStatus":"c"})", "azure/*/signinlogs"},
      {R"({"riskEventType":"leakedCredentials"})", "azure/*/riskdetection+pim"},
      {R"({"Operation":"o","Workload":"SecurityComplianceCenter"})", "m365/*/audit+threat_management"},
      {R"({"protoPayload":{"serviceName":"compute.googleapis.com"}})", "gcp/*/gcp.audit"},
      {R"({"protoPayload":{"serviceName":"login.googleapis.com"}})", "gcp/*/gcp.audit+google_workspace.login"},
      {R"({"eventType":"user.x","actor":{"id":"1"},"published":"2026-01-02T03:04:05Z"})", "okta/*/okta"},
      {R"({"kind":"Event","auditID":"a","verb":"get","objectRef":{"resource":"pods"}})",
       "kubernetes/application/audit"},
      {R"({"action":"repo.create","actor":"a","org":"o","@timestamp":1767323045678})", "github/*/audit"},
      {R"({"auditType":{"category":"c","action":"a"}})", "bitbucket/*/audit"},
      {R"({"event_type_id":1,"account_id":2})", "onelogin/*/onelogin.events"},
      {R"({"logtype":1,"node_id":"n"})", "opencanary/application/*"},
      {R"({"__CURSOR":"c","SYSLOG_IDENTIFIER":"sshd","MESSAGE":"m"})", "linux/*/sshd+auth"},
      {R"({"EventID":1,"Channel":"Linux-Sysmon/Operational"})", "linux/*/sysmon"},
      {R"({"EventID":"x"})", "?"},
      {R"({"message":"m","level":"info"})", "?"},
  };
  for (const auto& [event, source] : cases) {
    const std::string text = row(event);
    EXPECT_EQ(text.substr(0, text.find(' ')), source) << event;
  }
}

// The cells that the event has under names of Sigma's that rules read.
std::vector<std::string> sigma_cells(std::string_view event) {
  event::FieldTable table;
  std::vector<std::string> names;
  for (const std::string_view name : {"EventID",
                                      "Image",
                                      "CommandLine",
                                      "User",
                                      "Hashes",
                                      "Imphash",
                                      "OriginalFileName",
                                      "Company",
                                      "ParentImage",
                                      "ParentCommandLine",
                                      "ParentProcessId",
                                      "ProcessId",
                                      "ProcessGuid",
                                      "CurrentDirectory",
                                      "TargetFilename",
                                      "ImageLoaded",
                                      "Signature",
                                      "Signed",
                                      "PipeName",
                                      "TargetObject",
                                      "Details",
                                      "SourceIp",
                                      "DestinationIp",
                                      "DestinationPort",
                                      "DestinationHostname",
                                      "Initiated",
                                      "Protocol",
                                      "QueryName",
                                      "QueryStatus",
                                      "QueryResults",
                                      "SourceImage",
                                      "SourceProcessGUID",
                                      "NewProcessName",
                                      "NewProcessId",
                                      "ParentProcessName",
                                      "ProcessName",
                                      "IpAddress",
                                      "ScriptBlockText",
                                      "Path",
                                      "Device"}) {
    table.intern(name);
    names.emplace_back(name);
  }
  std::vector<std::string> found;
  const ReadResult result = read_in_pieces(format(), event, table, {}, {});
  EXPECT_EQ(result.events.size(), 1U);
  for (const auto& [field, value] : result.events.at(0).fields) {
    if (std::ranges::find(names, field) != names.end()) found.push_back(field + "=" + value);
  }
  return found;
}

std::string ecs_event(std::string_view channel, int id, std::string_view rest) {
  return fmt::format(R"({{"@timestamp":"2026-01-02T03:04:05Z","event":{{"code":"{}","provider":"P"}},)"
                     R"("winlog":{{"channel":"{}","event_id":"{}","event_data":{{"LogonId":"1"}}}},{}}})",
                     id, channel, id, rest);
}

std::string sysmon_event(int id, std::string_view rest) {
  return ecs_event("Microsoft-Windows-Sysmon/Operational", id, rest);
}

TEST(Json, SysmonsFieldsAreFoundUnderTheNamesOfTheElasticCommonSchema) {
  EXPECT_THAT(
      sigma_cells(sysmon_event(
          1, R"("process":{"executable":"C:\\a.exe","command_line":"a.exe -x","pid":7,"entity_id":"{G}",)"
             R"("working_directory":"C:\\","pe":{"original_file_name":"A.EXE","company":"C","imphash":"ff"},)"
             R"("hash":{"md5":"ab","sha256":"cd"},"parent":{"executable":"C:\\p.exe","command_line":"p","pid":3}},)"
             R"("user":{"domain":"DOM","name":"bob"})")),
      ElementsAre("EventID=1", "Image=C:\\a.exe", "CommandLine=a.exe -x", "ProcessId=7", "ProcessGuid={G}",
                  "CurrentDirectory=C:\\", "OriginalFileName=A.EXE", "Company=C", "Imphash=ff", "ParentImage=C:\\p.exe",
                  "ParentCommandLine=p", "ParentProcessId=3", "Hashes=IMPHASH=FF,MD5=AB,SHA256=CD", "User=DOM\\bob"));
  EXPECT_THAT(
      sigma_cells(sysmon_event(3, R"("source":{"ip":"10.0.0.1"},"destination":{"ip":"203.0.113.9","port":443,)"
                                  R"("domain":"d.example"},"network":{"direction":"egress","transport":"tcp"})")),
      ElementsAre("EventID=3", "SourceIp=10.0.0.1", "DestinationIp=203.0.113.9", "DestinationPort=443",
                  "DestinationHostname=d.example", "Protocol=tcp", "Initiated=true"));
  EXPECT_THAT(
      sigma_cells(sysmon_event(22, R"("dns.question.name":"q.example","sysmon":{"dns":{"status":"SUCCESS"}},)"
                                   R"("dns":{"answers":[{"data":"1.2.3.4"},{"data":"::1"}]})")),
      ElementsAre("EventID=22", "QueryName=q.example", "QueryResults=1.2.3.4", "QueryResults=::1", "QueryStatus=0"));
  EXPECT_THAT(sigma_cells(sysmon_event(10, R"("process":{"executable":"C:\\s.exe","entity_id":"{S}"})")),
              ElementsAre("EventID=10", "SourceImage=C:\\s.exe", "SourceProcessGUID={S}"));
}

TEST(Json, AFilePathOfTheElasticCommonSchemaIsWhatTheEventIsAbout) {
  constexpr std::string_view kFile = R"("file":{"path":"C:\\x","name":"x"})";
  EXPECT_THAT(sigma_cells(sysmon_event(11, kFile)), ElementsAre("EventID=11", "TargetFilename=C:\\x"));
  EXPECT_THAT(sigma_cells(sysmon_event(7, kFile)), ElementsAre("EventID=7", "ImageLoaded=C:\\x"));
  EXPECT_THAT(sigma_cells(sysmon_event(9, kFile)), ElementsAre("EventID=9", "Device=C:\\x"));
  EXPECT_THAT(sigma_cells(sysmon_event(17, R"("file":{"name":"\\pipe"})")),
              ElementsAre("EventID=17", "PipeName=\\pipe"));
  EXPECT_THAT(sigma_cells(ecs_event("Microsoft-Windows-PowerShell/Operational", 4104,
                                    R"("file":{"path":"C:\\x"},"powershell":{"file":{"script_block_text":"iex"}})")),
              ElementsAre("EventID=4104", "Path=C:\\x", "ScriptBlockText=iex"));
}

TEST(Json, ARegistryValueHasTheFormThatSysmonGaveIt) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"strings":["1"],"type":"SZ_DWORD"})", "Details=DWORD (0x00000001)"},
      {R"({"type":"REG_QWORD","strings":["4294967298"]})", "Details=QWORD (0x00000001-0x00000002)"},
      {R"({"strings":["C:\\a.exe"],"type":"REG_SZ"})", "Details=C:\\a.exe"},
      {R"({"strings":"Binary Data","type":"REG_BINARY"})", "Details=Binary Data"},
  };
  for (const auto& [data, details] : cases) {
    EXPECT_THAT(sigma_cells(sysmon_event(13, fmt::format(R"("registry":{{"path":"HKLM\\x","data":{}}})", data))),
                ElementsAre("EventID=13", "TargetObject=HKLM\\x", details));
  }
}

TEST(Json, SecurityEventsHaveTheirOwnNamesForTheSameThings) {
  EXPECT_THAT(sigma_cells(ecs_event("Security", 4688,
                                    R"("process":{"executable":"C:\\a.exe","pid":7,"command_line":"a",)"
                                    R"("parent":{"executable":"C:\\p.exe","pid":3}},"user":{"name":"bob"})")),
              ElementsAre("EventID=4688", "NewProcessName=C:\\a.exe", "NewProcessId=7", "CommandLine=a",
                          "ParentProcessName=C:\\p.exe", "ProcessId=3"));
  EXPECT_THAT(sigma_cells(ecs_event("Security", 4624, R"("process":{"executable":"C:\\a.exe"},"source":{"ip":"::1"})")),
              ElementsAre("EventID=4624", "ProcessName=C:\\a.exe", "IpAddress=::1"));
}

TEST(Json, TheEventsOwnFieldGoesBeforeTheElasticCommonSchemas) {
  EXPECT_THAT(sigma_cells(R"({"process":{"executable":"C:\\ecs.exe","command_line":"ecs"},"event":{"code":1},)"
                          R"("winlog":{"channel":"Microsoft-Windows-Sysmon/Operational","event_data":)"
                          R"({"Image":"C:\\own.exe"}}})"),
              ElementsAre("Image=C:\\own.exe", "CommandLine=ecs", "EventID=1"));
  // Another product's events keep to the names they have.
  EXPECT_THAT(sigma_cells(R"({"process":{"executable":"/bin/a"},"event":{"code":1}})"), IsEmpty());
}

TEST(Json, APersonsAssumptionCountsWhereNothingSaysWhatAnEventIs) {
  Options options;
  options.assumed_logsource = event::Logsource{.product = "windows", .categories = {}, .services = {"sysmon"}};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"Image":"a"})", "windows/*/sysmon"},
      {R"({"EventID":1,"Channel":"System"})", "windows/*/system"},
      {R"({"EventID":1,"Channel":"Of a Collector"})", "windows/*/sysmon"},
      {R"({"_path":"conn","ts":1})", "zeek/*/conn"},
  };
  for (const auto& [event, source] : cases) {
    EXPECT_THAT(read_json(event, {}, options).rows.at(0), HasSubstr(std::string(source))) << event;
  }
}

TEST(Json, APersonsLogsourceWins) {
  Options options;
  options.logsource = event::Logsource{.product = "mine", .categories = {}, .services = {}};
  EXPECT_THAT(read_json(R"({"EventID":1,"Channel":"System"})", {}, options).rows[0], HasSubstr("mine/*/*"));
}

TEST(Json, TimesAreReadFromTheBestField) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"EventTime":"2020-08-07 11:04:10","@timestamp":"2020-08-07T15:04:13.220Z"})", "2020-08-07T15:04:13.220Z"},
      {R"({"EventTime":"2020-08-07 11:04:10","UtcTime":"2020-08-07 15:04:10.500"})", "2020-08-07T15:04:10.500Z"},
      {R"({"EventTime":"2020-08-07 11:04:10"})", "2020-08-07T09:04:10.000Z"},
      {R"({"timestamp":"2026-01-02T03:04:05.123456+0200"})", "2026-01-02T01:04:05.123456Z"},
      {R"({"ts":1767323045.5})", "2026-01-02T03:04:05.500Z"},
      {R"({"ts":"1767323045678"})", "2026-01-02T03:04:05.678Z"},
      {R"({"time":134117966456780000})", "2026-01-02T03:04:05.678Z"},
      {R"({"TimeGenerated [UTC]":"1/2/2026, 3:04:05.678 PM"})", "2026-01-02T15:04:05.678Z"},
      {R"({"@timestamp":"soon","time":"2026-01-02T03:04:05Z"})", "2026-01-02T03:04:05.000Z"},
      {R"({"time":"noon"})", "-"},
      {R"({"uptime":12})", "-"},
  };
  Options options;
  options.zone_offset = std::chrono::hours{2};
  for (const auto& [event, time] : cases) {
    EXPECT_THAT(read_json(event, {}, options).rows[0], HasSubstr(" " + std::string(time) + " |")) << event;
  }
}

TEST(Json, WrappersGiveTheirEvents) {
  const std::string_view wrappers[] = {
      R"({"Records":[{"a":1},{"a":2}]})",
      R"({"Records":[{"a":1},{"a":2}],"more":{"x":["]}"]}})",
      R"({"@odata.context":"c","@odata.count":2,"value":[{"a":1},{"a":2}],"@odata.nextLink":"n"})",
      R"({"took":1,"_shards":{"total":1},"hits":{"total":{"value":2},"max_score":null,"hits":[{"_source":{"a":1}},{"_source":{"a":2}}]}})",
      "{\n  \"records\": [\n    {\"a\": 1},\n    {\n \"a\": 2}\n  ]\n}\n",
      "[{\"a\":1},{\"a\":2}]",
      "[\n{\"a\":1},\n{\"a\":2}\n]\n",
      "{\"a\":1}{\"a\":2}",
      "{\n\"a\":1\n}\n{\n\"a\":2\n}\n",
      "{\"a\":1}\n\n{\"a\":2}",
      "\xEF\xBB\xBF{\"a\":1},\r\n  {\"a\":2}\r\n",
      "\x1E{\"a\":1}\n\x1E{\"a\":2}\n",
      "{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"a\":2}]}\n",
  };
  for (const std::string_view text : wrappers) {
    const Reading reading = read_json(text);
    ASSERT_THAT(reading.rejects, IsEmpty()) << text;
    ASSERT_THAT(reading.rows, SizeIs(2)) << text;
    EXPECT_THAT(reading.rows[0], HasSubstr("| a=1")) << text;
    EXPECT_THAT(reading.rows[1], HasSubstr("| a=2")) << text;
  }
}

TEST(Json, EventsThatOnlyLookLikeWrappersStayWhole) {
  EXPECT_EQ(row(R"({"id":1,"events":[{"n":1},{"n":2}]})"), "? - | id=1 events.n=1 events.n=2");
  EXPECT_EQ(row(R"({"value":"x"})"), "? - | value='x'");
  EXPECT_EQ(row(R"({"Records":[]})"), "? - | Records=[]");
  EXPECT_EQ(row(R"({"value":[1,2]})"), "? - | value=1 value=2");
}

TEST(Json, LinesAreNumberedWithTheBlankOnesBetween) {
  const Reading reading = read_json("{\"a\":1}\n\n  \n{\"a\":2}\nx\n{\"a\":3}");
  EXPECT_THAT(reading.rows, ElementsAre("0 ? - | a=1", "3 ? - | a=2", "5 ? - | a=3"));
  EXPECT_THAT(reading.rejects, ElementsAre("4 JSON: not an object"));
  EXPECT_EQ(reading.records, 6);
}

TEST(Json, AByteOrderMarkMayStandWhereADocumentBegins) {
  const std::string mark = "\xEF\xBB\xBF";
  struct Case {
    std::string text;
    std::size_t rows;
    std::size_t rejects;
  };
  const Case cases[] = {
      {mark + "[{\"a\":1},\n{\"a\":2}]\n", 2, 0},
      {mark + "[{\"a\":1}]\n" + mark + "[{\"a\":2}]\n", 2, 0},
      {mark + "{\n\"a\":1\n}\n" + mark + "{\n\"a\":2\n}\n", 2, 0},
      {mark + "{\"a\":1}\n" + mark + "{\"a\":2}\n", 2, 0},
      {mark + "{\n\"a\":1,\n" + mark, 0, 1},
      {"[{\"a\":1},\n" + mark + "{\"a\":2}]\n", 2, 1},
      {"[\r\n" + mark + "]\r", 0, 2},
      {"[" + mark + "\r]\r", 0, 1},
      {"{\"a\":1},\n" + mark, 1, 0},
  };
  for (const Case& c : cases) {
    for (std::size_t step = 1; step <= c.text.size(); ++step) {
      const Reading reading = read_json(c.text, {}, {}, cuts_every(step, c.text.size()));
      EXPECT_THAT(reading.rows, SizeIs(c.rows)) << c.text << step;
      EXPECT_THAT(reading.rejects, SizeIs(c.rejects)) << c.text << step;
    }
  }
}

TEST(Json, BrokenRecordsAreNamedAndHarmNoOther) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"a":"x)", "JSON: unclosed string"},
      {R"({"a":"x\"})", "JSON: unclosed string"},
      {R"({"a)", "JSON: unclosed string"},
      {R"({"a":1)", "JSON: unclosed object or array"},
      {R"({"a":[1,2)", "JSON: unclosed object or array"},
      {R"({"a":)", "JSON: unclosed object or array"},
      {R"({)", "JSON: unclosed object or array"},
      {R"([{"a":1},2])", "JSON: not an object"},
      {R"("x")", "JSON: not an object"},
      {R"(true)", "JSON: not an object"},
      {R"({a:1})", "JSON: a key was expected"},
      {R"({"a":1,})", "JSON: a key was expected"},
      {R"({"a" 1})", "JSON: a colon was expected"},
      {R"({"a":x})", "JSON: a value was expected"},
      {R"({"a":1.})", "JSON: a value was expected"},
      {R"({"a":})", "JSON: a value was expected"},
      {R"({"a":1 "b":2})", "JSON: a comma or closing bracket was expected"},
      {R"({"a":[1 2]})", "JSON: a comma or closing bracket was expected"},
      {R"({"a":[1}})", "JSON: a comma or closing bracket was expected"},
      {R"({"a":"x"y})", "JSON: a comma or closing bracket was expected"},
  };
  for (const auto& [record, why] : cases) {
    const std::string lines = "{\"n\":1}\n" + std::string(record) + "\n{\"n\":2}\n";
    const Reading reading = read_json(lines);
    ASSERT_FALSE(reading.rejects.empty()) << record;
    EXPECT_EQ(reading.rejects[0], "1 " + std::string(why)) << record;
    EXPECT_EQ(reading.rows.front(), "0 ? - | n=1") << record;
    EXPECT_EQ(reading.rows.back(), "2 ? - | n=2") << record;
  }
}

TEST(Json, ABrokenElementHarmsNoOther) {
  const Reading reading = read_json("[{\"a\":1},\n{\"a\":\"open},\n{\"a\":x},\n{\"a\":4}]");
  EXPECT_THAT(reading.rows, testing::Contains(HasSubstr("a=1")));
  EXPECT_THAT(reading.rejects, testing::Contains(HasSubstr("JSON: unclosed string")));
  const Reading line = read_json(R"({"x":1}[{"a":1},{"a":x},{"a":3}])");
  EXPECT_THAT(line.rows, ElementsAre("0 ? - | x=1", "0 ? - | a=1", "0 ? - | a=3"));
  EXPECT_THAT(line.rejects, ElementsAre("0 JSON: a value was expected"));
}

TEST(Json, NulBytesAreRefused) {
  EXPECT_EQ(reason(std::string_view("{\"a\":\"x\0\"}", 10)), "JSON: NUL byte");
}

TEST(Json, MalformedUtf8IsRepairedAndCounted) {
  const Reading reading = read_json("{\"a\":\"x\xFFy\",\"\xC3\":1}\n{\"a\":\"\xC3\xA9\"}\n");
  EXPECT_THAT(reading.rows, ElementsAre("0 ? - | a='x\xEF\xBF\xBDy' \xEF\xBF\xBD=1", "1 ? - | a='\xC3\xA9'"));
  EXPECT_EQ(reading.repaired, 1);
}

TEST(Json, DeepNestingIsRefused) {
  std::string deep = "{\"a\":" + std::string(62, '[') + "{\"b\":1}" + std::string(62, ']') + "}";
  EXPECT_THAT(read_json(deep).rows, SizeIs(1));
  deep = "{\"a\":" + std::string(63, '[') + "{\"b\":1}" + std::string(63, ']') + "}";
  EXPECT_EQ(reason(deep), "JSON: nested deeper than 64");
  EXPECT_EQ(reason("{\"a\":" + std::string(100'000, '[')), "JSON: nested deeper than 64");
  EXPECT_THAT(read_json(std::string(100'000, '[')).rows, IsEmpty());
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(reason(objects), "JSON: nested deeper than 64");
}

TEST(Json, TooManyValuesAreRefused) {
  std::string many = "{\"a\":[1";
  for (int i = 0; i < 70'000; ++i) many += ",1";
  EXPECT_EQ(reason(many + "]}"), "JSON: more than 65,536 values in one event");
}

TEST(Json, AGiantRecordIsRefusedAndTheNextOnesAreRead) {
  const std::string giant = "{\"a\":\"" + std::string(kRecordBytesMax + 100, 'x') + "\"}";
  std::vector<std::size_t> cuts;
  for (std::size_t at = 0; at < giant.size(); at += 5'000'000) cuts.push_back(at);
  const Reading lines = read_json("{\"n\":1}\n" + giant + "\n{\"n\":2}\n", {}, {}, cuts);
  EXPECT_THAT(lines.rejects, ElementsAre("1 record longer than 16 MiB"));
  EXPECT_THAT(lines.rows, ElementsAre("0 ? - | n=1", "2 ? - | n=2"));
  const Reading array = read_json("[{\"n\":1},\n" + giant + ",\n{\"n\":2}]\n", {}, {}, cuts);
  EXPECT_THAT(array.rejects, ElementsAre("1 record longer than 16 MiB"));
  EXPECT_THAT(array.rows, ElementsAre("0 ? - | n=1", "2 ? - | n=2"));
}

TEST(Json, HostileKeysDoNotGrowMemoryWithoutEnd) {
  std::string lines;
  for (int i = 0; i < 70'000; ++i) lines += "{\"key" + std::to_string(i) + "\":1}\n";
  lines += "{\"wanted\":{\"x\":2},\"" + std::string(5000, 'k') + "\":3}\n";
  const Reading reading = read_json(lines, table_of({"wanted.x"}));
  EXPECT_THAT(reading.rows, SizeIs(70'001));
  EXPECT_THAT(reading.rows.back(), HasSubstr("| wanted.x=2 (more field names than weir keeps)=3"));
}

TEST(Json, IsDetected) {
  const auto detected = [](std::string_view sample) {
    std::string padded(sample);
    padded.append(kPadding, ' ');
    return format().detect({padded.data(), sample.size()}, "");
  };
  EXPECT_EQ(detected("{\"a\":1}\n{\"a\":2}\n{\"a\":").confidence, Confidence::certain);
  EXPECT_EQ(detected("{\"EventID\":1,\"Channel\":\"System\"}").what, "JSON lines, windows system");
  EXPECT_EQ(detected("{\"Records\":[{\"eventSource\":\"s\",\"eventName\":\"n\",\"awsRegion\":\"r\"},{\"x\"").what,
            "JSON, aws cloudtrail");
  EXPECT_EQ(detected("{\"a\":\"" + std::string(60'000, 'x')).confidence, Confidence::likely);
  EXPECT_EQ(detected("{\"a\":1}\njunk\n{\"a\":2}\n").confidence, Confidence::likely);
  for (const char* other :
       {"", "   ", "[2026-01-02 03:04:05] x", "<13>Jan  1 00:00:00 h p: {\"a\":1}\n", "a,b\n1,2\n", "{x}", "[1,2]"}) {
    EXPECT_LE(detected(other).confidence, Confidence::possible) << other;
  }
}

}  // namespace
}  // namespace weir::formats::json
