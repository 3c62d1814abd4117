#include "formats/json/logsource.h"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/windows_channel.h"

namespace weir::formats::json {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

template <std::size_t size>
std::string_view look_up(const std::array<Pair, size>& table, std::string_view key) {
  for (const auto& [from, to] : table) {
    if (from == key) return to;
  }
  return {};
}

// Fields that only one of Zeek's logs has, for events without "_path".
constexpr auto kZeekFields = std::to_array<Pair>({
    {"conn_state", "conn"},
    {"qtype_name", "dns"},
    {"rcode_name", "dns"},
    {"query", "dns"},
    {"uri", "http"},
    {"status_msg", "http"},
    {"resp_mime_types", "http"},
    {"named_pipe", "dce_rpc"},
    {"endpoint", "dce_rpc"},
    {"request_type", "kerberos"},
    {"security_protocol", "rdp"},
    {"share_type", "smb_mapping"},
    {"times.modified", "smb_files"},
    {"tx_hosts", "files"},
    {"certificate.serial", "x509"},
    {"server_name", "ssl"},
    {"ja3", "ssl"},
    {"kex_alg", "ssh"},
    {"auth_success", "ssh"},
    {"helo", "smtp"},
    {"mailfrom", "smtp"},
    {"reply_code", "ftp"},
    {"note", "notice"},
    {"server_nb_computer_name", "ntlm"},
    {"failure_reason", "dpd"},
    {"community", "snmp"},
    {"assigned_addr", "dhcp"},
    {"tunnel_type", "tunnel"},
});

// Azure's log categories and table names (Azure Monitor, "resource log categories") as Sigma's services.
constexpr auto kAzureCategories = std::to_array<Pair>({
    {"AuditLogs", "auditlogs"},
    {"SignInLogs", "signinlogs"},
    {"SigninLogs", "signinlogs"},
    {"NonInteractiveUserSignInLogs", "signinlogs"},
    {"ServicePrincipalSignInLogs", "signinlogs"},
    {"ManagedIdentitySignInLogs", "signinlogs"},
    {"AADNonInteractiveUserSignInLogs", "signinlogs"},
    {"AADServicePrincipalSignInLogs", "signinlogs"},
    {"AADManagedIdentitySignInLogs", "signinlogs"},
    {"ADFSSignInLogs", "signinlogs"},
    {"RiskyUsers", "riskdetection"},
    {"UserRiskEvents", "riskdetection"},
    {"RiskyServicePrincipals", "riskdetection"},
    {"ServicePrincipalRiskEvents", "riskdetection"},
    {"AADUserRiskEvents", "riskdetection"},
    {"AADRiskyUsers", "riskdetection"},
    {"AzureActivity", "activitylogs"},
    {"Administrative", "activitylogs"},
    {"Policy", "activitylogs"},
    {"Security", "activitylogs"},
    {"ServiceHealth", "activitylogs"},
    {"ResourceHealth", "activitylogs"},
    {"Alert", "activitylogs"},
    {"Autoscale", "activitylogs"},
    {"Recommendation", "activitylogs"},
});

}  // namespace

const event::Logsource* LogsourceTable::named(std::string_view product, std::string_view service,
                                              std::string_view second_service, std::string_view category) {
  key_.clear();
  for (const std::string_view part : {product, service, second_service, category}) {
    key_ += part;
    key_ += '/';
  }
  if (const auto it = named_.find(key_); it != named_.end()) return &it->second;
  if (named_.size() >= kNamedMax) return nullptr;
  event::Logsource source{.product = std::string(product), .categories = {}, .services = {}};
  if (!service.empty()) source.services.emplace_back(service);
  if (!second_service.empty()) source.services.emplace_back(second_service);
  if (!category.empty()) source.categories.emplace_back(category);
  return &named_.emplace(key_, std::move(source)).first->second;
}

const event::Logsource* LogsourceTable::windows(const MarkedEvent& event) {
  for (const Mark mark : {Mark::channel, Mark::log_name, Mark::event_log}) {
    const std::string_view channel = event.text(mark);
    if (channel.empty()) continue;
    if (last_windows_ == nullptr || channel != last_channel_) {
      last_windows_ = windows_logsource(channel);
      last_channel_ = channel.substr(0, 256);
    }
    return last_windows_;
  }
  for (const Mark mark : {Mark::provider_name, Mark::source_name, Mark::provider_name_flat, Mark::event_source_name}) {
    if (const std::string_view provider = event.text(mark); !provider.empty()) {
      return windows_logsource_of_provider(provider);
    }
  }
  return windows_logsource("");
}

const event::Logsource* LogsourceTable::google_cloud(std::string_view service) {
  if (service == "admin.googleapis.com") return named("gcp", "gcp.audit", "google_workspace.admin");
  if (service == "login.googleapis.com") return named("gcp", "gcp.audit", "google_workspace.login");
  return named("gcp", "gcp.audit");
}

const event::Logsource* LogsourceTable::microsoft_365(std::string_view workload) {
  if (workload == "Exchange") return named("m365", "audit", "exchange");
  if (workload == "SecurityComplianceCenter") return named("m365", "audit", "threat_management");
  return named("m365", "audit");
}

const event::Logsource* LogsourceTable::azure_operation(const MarkedEvent& event) {
  for (const Mark mark : {Mark::category, Mark::category_capital, Mark::table_type}) {
    const std::string_view service = look_up(kAzureCategories, event.text(mark));
    if (!service.empty()) return named("azure", service);
  }
  const bool is_audit = event.has(Mark::logged_by_service) || event.has(Mark::activity_display_name);
  return named("azure", is_audit ? "auditlogs" : "");
}

const event::Logsource* LogsourceTable::journal(std::string_view identifier) {
  if (identifier == "sshd" || identifier == "sshd-session") return named("linux", "sshd", "auth");
  if (identifier == "sudo" || identifier == "su") return named("linux", identifier, "auth");
  if (identifier == "cron" || identifier == "CRON" || identifier == "crond") return named("linux", "cron");
  return named("linux", "syslog");
}

LogsourceTable::Found LogsourceTable::find(const MarkedEvent& event) {
  const auto has = [&event](auto... marks) { return (event.has(marks) && ...); };
  const auto any = [&event](auto... marks) { return (event.has(marks) || ...); };
  using enum Mark;

  if (has(event_code, channel)) return {windows(event), true};
  if (has(event_id) && any(channel, provider_name, source_name, event_source_name, event_log)) {
    return {windows(event), true};
  }
  if (has(id, log_name, provider_name_flat)) return {windows(event), true};
  if (has(event_source, event_name) && any(aws_region, event_version, user_identity)) {
    return {named("aws", "cloudtrail")};
  }
  if (has(zeek_path)) return {named("zeek", event.text(zeek_path))};
  if (has(zeek_stream, ts)) return {named("zeek", event.text(zeek_stream))};
  if (has(event_type) && any(flow_id, src_ip)) return {named("suricata", event.text(event_type))};
  if (has(ts, zeek_field) && any(uid, orig_h)) {
    return {named("zeek", look_up(kZeekFields, event.cell(zeek_field)->field->name))};
  }
  if (has(proto_payload)) return {google_cloud(event.text(gcp_service))};
  if (has(operation) && any(workload, record_type)) return {microsoft_365(event.text(workload))};
  if (has(event_source, event_name, status)) {
    // Alerts of Microsoft's cloud app security, as Sigma's rules for m365 read them.
    const std::string_view name = event.text(event_source);
    if (name == "SecurityComplianceCenter") return {named("m365", "threat_management", "threat_detection")};
    if (name == "Exchange") return {named("m365", "exchange")};
  }
  if (has(event_type, actor) && any(published, display_message)) return {named("okta", "okta")};
  if (has(verb) && any(audit_id, object_ref)) return {named("kubernetes", "audit", "", "application")};
  if (any(risk_event_type)) return {named("azure", "riskdetection", "pim")};
  if (has(operation_name) && any(resource_id, subscription_id, correlation_id)) return {azure_operation(event)};
  if (has(activity_display_name, logged_by_service)) return {named("azure", "auditlogs")};
  if (has(conditional_access, user_principal_name)) return {named("azure", "signinlogs")};
  if (const std::string_view service = look_up(kAzureCategories, event.text(table_type)); !service.empty()) {
    return {named("azure", service)};
  }
  if (any(audit_type_action, audit_type_category)) return {named("bitbucket", "audit")};
  if (has(event_type_id, account_id)) return {named("onelogin", "onelogin.events")};
  if (has(action) && any(github_document, github_org) && any(actor, github_document)) {
    return {named("github", "audit")};
  }
  if (has(event_type, duo_factor)) return {named("cisco", "duo")};
  if (has(opencanary_logtype, opencanary_node)) return {named("opencanary", "", "", "application")};
  if (has(journal_cursor)) return {journal(event.text(journal_identifier))};
  return {};
}

}  // namespace weir::formats::json
