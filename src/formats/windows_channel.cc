#include "formats/windows_channel.h"

#include <array>
#include <span>
#include <string>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"

namespace weir::formats {
namespace {

struct Entry {
  std::string_view name;
  std::string_view service;
  std::string_view product = "windows";
  std::string_view category = "";
};

constexpr auto kChannels = std::to_array<Entry>({
    {"Application", "application"},
    {"Security", "security"},
    {"System", "system"},
    {"DNS Server", "dns-server"},
    {"MSExchange Management", "msexchange-management"},
    {"OpenSSH/Operational", "openssh"},
    {"OpenSSH/Admin", "openssh"},
    {"PowerShellCore/Operational", "powershell"},
    {"Windows PowerShell", "powershell-classic"},
    {"Microsoft-IIS-Configuration/Operational", "iis-configuration"},
    {"Microsoft-ServiceBus-Client/Admin", "servicebus-client"},
    {"Microsoft-ServiceBus-Client/Operational", "servicebus-client"},
    {"Microsoft-ServiceBus-Client", "servicebus-client"},
    {"Microsoft-Windows-AppLocker/EXE and DLL", "applocker"},
    {"Microsoft-Windows-AppLocker/MSI and Script", "applocker"},
    {"Microsoft-Windows-AppLocker/Packaged app-Deployment", "applocker"},
    {"Microsoft-Windows-AppLocker/Packaged app-Execution", "applocker"},
    {"Microsoft-Windows-AppModel-Runtime/Admin", "appmodel-runtime"},
    {"Microsoft-Windows-AppXDeploymentServer/Operational", "appxdeployment-server"},
    {"Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant", "application-experience"},
    {"Microsoft-Windows-Application-Experience/Program-Telemetry", "application-experience"},
    {"Microsoft-Windows-AppxPackaging/Operational", "appxpackaging-om"},
    {"Microsoft-Windows-BitLocker/BitLocker Management", "bitlocker"},
    {"Microsoft-Windows-Bits-Client/Operational", "bits-client"},
    {"Microsoft-Windows-CAPI2/Operational", "capi2"},
    {"Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
     "certificateservicesclient-lifecycle-system"},
    {"Microsoft-Windows-CodeIntegrity/Operational", "codeintegrity-operational"},
    {"Microsoft-Windows-DHCP-Server/Operational", "dhcp"},
    {"Microsoft-Windows-DNS Client Events/Operational", "dns-client"},
    {"Microsoft-Windows-DNS-Client/Operational", "dns-client"},
    {"Microsoft-Windows-DNS-Server/Analytical", "dns-server-analytic"},
    {"Microsoft-Windows-DNS-Server/Audit", "dns-server-audit"},
    {"Microsoft-Windows-DNSServer/Analytical", "dns-server-analytic"},
    {"Microsoft-Windows-DNSServer/Audit", "dns-server-audit"},
    {"Microsoft-Windows-Diagnosis-Scripted/Operational", "diagnosis-scripted"},
    {"Microsoft-Windows-DriverFrameworks-UserMode/Operational", "driver-framework"},
    {"Microsoft-Windows-Hyper-V-Worker", "hyper-v-worker"},
    {"Microsoft-Windows-Hyper-V-Worker-Admin", "hyper-v-worker"},
    {"Microsoft-Windows-Hyper-V-Worker-Operational", "hyper-v-worker"},
    {"Microsoft-Windows-Kernel-EventTracing", "kernel-event-tracing"},
    {"Microsoft-Windows-Kernel-EventTracing/Admin", "kernel-event-tracing"},
    {"Microsoft-Windows-Kernel-ShimEngine/Diagnostic", "kernel-shimengine"},
    {"Microsoft-Windows-Kernel-ShimEngine/Operational", "kernel-shimengine"},
    {"Microsoft-Windows-LDAP-Client/Debug", "ldap"},
    {"Microsoft-Windows-LSA/Operational", "lsa-server"},
    {"Microsoft-Windows-NTLM/Operational", "ntlm"},
    {"Microsoft-Windows-Ntfs/Operational", "ntfs"},
    {"Microsoft-Windows-PowerShell/Operational", "powershell"},
    {"Microsoft-Windows-PrintService/Admin", "printservice-admin"},
    {"Microsoft-Windows-PrintService/Operational", "printservice-operational"},
    {"Microsoft-Windows-SENSE/Operational", "sense"},
    {"Microsoft-Windows-SMBServer/Connectivity", "smbserver-connectivity"},
    {"Microsoft-Windows-Security-Mitigations/Kernel Mode", "security-mitigations"},
    {"Microsoft-Windows-Security-Mitigations/KernelMode", "security-mitigations"},
    {"Microsoft-Windows-Security-Mitigations/User Mode", "security-mitigations"},
    {"Microsoft-Windows-Security-Mitigations/UserMode", "security-mitigations"},
    {"Microsoft-Windows-Shell-Core/Operational", "shell-core"},
    {"Microsoft-Windows-SmbClient/Connectivity", "smbclient-connectivity"},
    {"Microsoft-Windows-SmbClient/Security", "smbclient-security"},
    {"Microsoft-Windows-Sysmon/Operational", "sysmon"},
    {"Microsoft-Windows-TaskScheduler/Operational", "taskscheduler"},
    {"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational", "terminalservices-localsessionmanager"},
    {"Microsoft-Windows-VHDMP/Operational", "vhdmp"},
    {"Microsoft-Windows-VHDMP-Operational", "vhdmp"},
    {"Microsoft-Windows-WMI-Activity/Operational", "wmi"},
    {"Microsoft-Windows-Windows Defender/Operational", "windefend"},
    {"Microsoft-Windows-Windows Firewall With Advanced Security/Firewall", "firewall-as"},
    // Not Windows' own, but written and exported in the same form.
    {"Linux-Sysmon/Operational", "sysmon", "linux"},
    {"RPCFW", "", "rpc_firewall", "application"},
});

// Only providers that write to one channel alone.
constexpr auto kProviders = std::to_array<Entry>({
    {"Microsoft-Windows-Security-Auditing", "security"},
    {"Microsoft-Windows-Sysmon", "sysmon"},
    {"Microsoft-Windows-PowerShell", "powershell"},
    {"PowerShellCore", "powershell"},
    {"PowerShell", "powershell-classic"},
    {"Service Control Manager", "system"},
    {"Microsoft-Windows-WMI-Activity", "wmi"},
    {"Microsoft-Windows-TaskScheduler", "taskscheduler"},
    {"Microsoft-Windows-Windows Defender", "windefend"},
    {"Microsoft-Windows-Windows Firewall With Advanced Security", "firewall-as"},
    {"Microsoft-Windows-AppLocker", "applocker"},
    {"Microsoft-Windows-Bits-Client", "bits-client"},
    {"Microsoft-Windows-CodeIntegrity", "codeintegrity-operational"},
    {"Microsoft-Windows-NTLM", "ntlm"},
    {"Microsoft-Windows-DNS-Client", "dns-client"},
    {"Microsoft-Windows-LDAP-Client", "ldap"},
    {"Microsoft-Windows-CAPI2", "capi2"},
    {"Microsoft-Windows-TerminalServices-LocalSessionManager", "terminalservices-localsessionmanager"},
    {"Microsoft-Windows-AppXDeployment-Server", "appxdeployment-server"},
    {"MSExchange CmdletLogs", "msexchange-management"},
    {"OpenSSH", "openssh"},
    {"Linux-Sysmon", "sysmon", "linux"},
});

// Rules name this service in two ways.
constexpr std::string_view kServiceBus = "servicebus-client";

event::Logsource logsource_of(const Entry& entry) {
  event::Logsource source{.product = std::string(entry.product), .categories = {}, .services = {}};
  if (!entry.category.empty()) source.categories.emplace_back(entry.category);
  if (!entry.service.empty()) source.services.emplace_back(entry.service);
  if (entry.service == kServiceBus) source.services.emplace_back("microsoft-servicebus-client");
  return source;
}

class Table {
 public:
  explicit Table(std::span<const Entry> entries) {
    for (const Entry& entry : entries) by_name_.emplace(lower(entry.name), logsource_of(entry));
  }

  const event::Logsource* find(std::string_view name) const {
    std::array<char, 128> lowered;
    if (name.size() > lowered.size()) return &windows_;
    for (std::size_t i = 0; i < name.size(); ++i) lowered[i] = to_lower(name[i]);
    const auto it = by_name_.find(std::string_view(lowered.data(), name.size()));
    return it == by_name_.end() ? &windows_ : &it->second;
  }

 private:
  std::unordered_map<std::string, event::Logsource, SeededHash, std::equal_to<>> by_name_;
  event::Logsource windows_{.product = "windows", .categories = {}, .services = {}};
};

}  // namespace

const event::Logsource* windows_logsource(std::string_view channel) {
  static const Table* const kTable = new Table(kChannels);  // Never destroyed: other threads may still ask at exit.
  return kTable->find(channel);
}

const event::Logsource* windows_logsource_of_provider(std::string_view provider) {
  static const Table* const kTable = new Table(kProviders);
  return kTable->find(provider);
}

}  // namespace weir::formats
