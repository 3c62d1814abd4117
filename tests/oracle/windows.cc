#include "oracle/windows.h"

#include <map>

#include "base/text.h"

namespace weir::oracle {

namespace {

std::string text_of(const Event& event, std::string_view field) {
  for (const Value& value : event.values) {
    if (value.field == field) return value.text;
  }
  return {};
}

const std::map<std::string, std::string, std::less<>>& services() {
  static const std::map<std::string, std::string, std::less<>> kTable{
      {"application", "application"},
      {"security", "security"},
      {"system", "system"},
      {"windows powershell", "powershell-classic"},
      {"msexchange management", "msexchange-management"},
      {"openssh/operational", "openssh"},
      {"microsoft-windows-sysmon/operational", "sysmon"},
      {"microsoft-windows-powershell/operational", "powershell"},
      {"powershellcore/operational", "powershell"},
      {"microsoft-windows-taskscheduler/operational", "taskscheduler"},
      {"microsoft-windows-wmi-activity/operational", "wmi"},
      {"microsoft-windows-ntlm/operational", "ntlm"},
      {"microsoft-windows-dhcp-server/operational", "dhcp"},
      {"microsoft-windows-printservice/admin", "printservice-admin"},
      {"microsoft-windows-printservice/operational", "printservice-operational"},
      {"microsoft-windows-smbclient/security", "smbclient-security"},
      {"microsoft-windows-smbclient/connectivity", "smbclient-connectivity"},
      {"microsoft-windows-smbserver/connectivity", "smbserver-connectivity"},
      {"microsoft-windows-terminalservices-localsessionmanager/operational", "terminalservices-localsessionmanager"},
      {"microsoft-windows-codeintegrity/operational", "codeintegrity-operational"},
      {"microsoft-windows-applocker/msi and script", "applocker"},
      {"microsoft-windows-applocker/exe and dll", "applocker"},
      {"microsoft-windows-applocker/packaged app-deployment", "applocker"},
      {"microsoft-windows-applocker/packaged app-execution", "applocker"},
      {"microsoft-windows-windows defender/operational", "windefend"},
      {"microsoft-windows-windows firewall with advanced security/firewall", "firewall-as"},
      {"microsoft-windows-bits-client/operational", "bits-client"},
      {"microsoft-windows-security-mitigations/kernel mode", "security-mitigations"},
      {"microsoft-windows-security-mitigations/user mode", "security-mitigations"},
      {"microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted"},
      {"microsoft-windows-shell-core/operational", "shell-core"},
      {"microsoft-windows-ldap-client/debug", "ldap"},
      {"microsoft-windows-bitlocker/bitlocker management", "bitlocker"},
      {"microsoft-windows-vhdmp/operational", "vhdmp"},
      {"microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server"},
      {"microsoft-windows-lsa/operational", "lsa-server"},
      {"microsoft-windows-appxpackaging/operational", "appxpackaging-om"},
      {"microsoft-windows-dns client events/operational", "dns-client"},
      {"microsoft-windows-appmodel-runtime/admin", "appmodel-runtime"},
      {"microsoft-windows-capi2/operational", "capi2"},
      {"microsoft-windows-certificateservicesclient-lifecycle-system/operational",
       "certificateservicesclient-lifecycle-system"},
      {"microsoft-windows-kernel-shimengine/operational", "kernel-shimengine"},
      {"microsoft-windows-kernel-shimengine/diagnostic", "kernel-shimengine"},
      {"microsoft-windows-application-experience/program-telemetry", "application-experience"},
      {"microsoft-windows-application-experience/program-compatibility-assistant", "application-experience"},
      {"microsoft-windows-ntfs/operational", "ntfs"},
      {"microsoft-windows-hyper-v-worker", "hyper-v-worker"},
      {"microsoft-windows-kernel-eventtracing", "kernel-event-tracing"},
      {"microsoft-windows-sense/operational", "sense"},
      {"microsoft-servicebus-client/admin", "servicebus-client"},
      {"microsoft-servicebus-client/operational", "servicebus-client"},
      {"microsoft-iis-configuration/operational", "iis-configuration"},
  };
  return kTable;
}

struct CategoryRow {
  std::string_view service;
  std::string_view event_id;
  std::string_view event_type;  // Empty: any.
  std::string_view category;
};

constexpr CategoryRow kCategories[] = {
    {"sysmon", "1", "", "process_creation"},
    {"security", "4688", "", "process_creation"},
    {"sysmon", "2", "", "file_change"},
    {"sysmon", "3", "", "network_connection"},
    {"sysmon", "4", "", "sysmon_status"},
    {"sysmon", "16", "", "sysmon_status"},
    {"sysmon", "5", "", "process_termination"},
    {"sysmon", "6", "", "driver_load"},
    {"sysmon", "7", "", "image_load"},
    {"sysmon", "8", "", "create_remote_thread"},
    {"sysmon", "9", "", "raw_access_thread"},
    {"sysmon", "10", "", "process_access"},
    {"sysmon", "11", "", "file_event"},
    {"sysmon", "12", "", "registry_event"},
    {"sysmon", "13", "", "registry_event"},
    {"sysmon", "14", "", "registry_event"},
    {"sysmon", "12", "CreateKey", "registry_add"},
    {"sysmon", "12", "DeleteKey", "registry_delete"},
    {"sysmon", "12", "DeleteValue", "registry_delete"},
    {"sysmon", "13", "", "registry_set"},
    {"sysmon", "14", "", "registry_rename"},
    {"sysmon", "15", "", "create_stream_hash"},
    {"sysmon", "17", "", "pipe_created"},
    {"sysmon", "18", "", "pipe_created"},
    {"sysmon", "19", "", "wmi_event"},
    {"sysmon", "20", "", "wmi_event"},
    {"sysmon", "21", "", "wmi_event"},
    {"sysmon", "22", "", "dns_query"},
    {"sysmon", "23", "", "file_delete"},
    {"sysmon", "24", "", "clipboard_change"},
    {"sysmon", "25", "", "process_tampering"},
    {"sysmon", "26", "", "file_delete_detected"},
    {"sysmon", "27", "", "file_block_executable"},
    {"sysmon", "28", "", "file_block_shredding"},
    {"sysmon", "29", "", "file_executable_detected"},
    {"sysmon", "255", "", "sysmon_error"},
    {"powershell", "4103", "", "ps_module"},
    {"powershell", "4104", "", "ps_script"},
    {"powershell-classic", "400", "", "ps_classic_start"},
    {"powershell-classic", "600", "", "ps_classic_provider_start"},
    {"powershell-classic", "800", "", "ps_classic_script"},
};

void add_alias(Event& event, const std::string& own_name, const std::string& other_name) {
  if (!text_of(event, other_name).empty()) return;
  const std::size_t count = event.values.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (event.values[i].field != own_name) continue;
    Value alias = event.values[i];
    alias.field = other_name;
    event.values.push_back(std::move(alias));
  }
}

}  // namespace

void classify_windows(Event& event) {
  event.logsource = {.product = "windows", .categories = {}, .services = {}};
  const auto service = services().find(lower(text_of(event, "Channel")));
  if (service != services().end()) event.logsource.services.push_back(service->second);
  const std::string name = service == services().end() ? std::string() : service->second;
  const std::string event_id = text_of(event, "EventID");
  const std::string event_type = text_of(event, "EventType");
  for (const CategoryRow& row : kCategories) {
    if (row.service != name || row.event_id != event_id) continue;
    if (row.event_type.empty() || equals_ignoring_case(row.event_type, event_type)) {
      event.logsource.categories.emplace_back(row.category);
    }
  }
  add_alias(event, "SourceName", "Provider_Name");
  if (name == "security" && event_id == "4688") {
    add_alias(event, "NewProcessName", "Image");
    add_alias(event, "ParentProcessName", "ParentImage");
    // Rules name both forms of the level, "High" (Sysmon) and "S-1-16-12288" (here), under Sysmon's field.
    add_alias(event, "MandatoryLabel", "IntegrityLevel");
  }
}

}  // namespace weir::oracle
