#include "traffic/windows_programs.h"

#include <array>

namespace weir::traffic {
namespace {

constexpr std::string_view kExplorer = R"(C:\Windows\explorer.exe)";
constexpr std::string_view kServices = R"(C:\Windows\System32\services.exe)";
constexpr std::string_view kSvchost = R"(C:\Windows\System32\svchost.exe)";
constexpr std::string_view kCode = R"(C:\Users\%u\AppData\Local\Programs\Microsoft VS Code\Code.exe)";
constexpr std::string_view kPowershell = R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)";
constexpr std::string_view kCmd = R"(C:\Windows\System32\cmd.exe)";

constexpr std::array<Program, 12> kOffice = {{
    {R"(C:\Program Files\Google\Chrome\Application\chrome.exe)",
     R"("C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --lang=en-US --renderer-client-id=%n)",
     R"(C:\Program Files\Google\Chrome\Application\chrome.exe)", "Google Chrome", "Google LLC"},
    {R"(C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe)",
     R"("C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe" --single-argument https://intranet.harborlane.example/p/%n)",
     kExplorer, "Microsoft Edge"},
    {R"(C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE)",
     R"("C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE")", kExplorer, "Microsoft Outlook"},
    {R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)",
     R"("C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE" /n "C:\Users\%u\Documents\%d" /o "")", kExplorer,
     "Microsoft Word"},
    {R"(C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE)",
     R"("C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE" "C:\Users\%u\Documents\%d")", kExplorer,
     "Microsoft Excel"},
    {R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)",
     R"("C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE" /Embedding)",
     R"(C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE)", "Microsoft Word"},
    {R"(C:\Windows\splwow64.exe)", R"(C:\Windows\splwow64.exe 12288)",
     R"(C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE)", "Print driver host for applications"},
    {R"(C:\Windows\System32\notepad.exe)", R"("C:\Windows\system32\NOTEPAD.EXE" C:\Users\%u\Desktop\notes-%n.txt)",
     kExplorer, "Notepad"},
    {R"(C:\Program Files\Adobe\Acrobat DC\Acrobat\Acrobat.exe)",
     R"("C:\Program Files\Adobe\Acrobat DC\Acrobat\Acrobat.exe" "C:\Users\%u\Downloads\%d")", kExplorer,
     "Adobe Acrobat", "Adobe Inc."},
    {R"(C:\Users\%u\AppData\Local\Microsoft\Teams\current\Teams.exe)",
     R"("C:\Users\%u\AppData\Local\Microsoft\Teams\current\Teams.exe" --type=utility --field-trial-handle=%n)",
     R"(C:\Users\%u\AppData\Local\Microsoft\Teams\current\Teams.exe)", "Microsoft Teams"},
    {R"(C:\Windows\System32\rundll32.exe)",
     R"("C:\Windows\System32\rundll32.exe" C:\Windows\System32\shell32.dll,Control_RunDLL input.dll)", kExplorer,
     "Windows host process (Rundll32)"},
    {R"(C:\Program Files\7-Zip\7zFM.exe)",
     R"("C:\Program Files\7-Zip\7zFM.exe" "C:\Users\%u\Downloads\archive-%n.zip")", kExplorer, "7-Zip File Manager",
     "Igor Pavlov"},
}};

constexpr std::array<Program, 10> kEngineering = {{
    {kCode, R"("C:\Users\%u\AppData\Local\Programs\Microsoft VS Code\Code.exe" --type=extensionHost --port=%n)", kCode,
     "Visual Studio Code"},
    {R"(C:\Program Files\Git\cmd\git.exe)", R"(git.exe fetch --prune origin)", kCode, "Git for Windows",
     "The Git Development Community"},
    {R"(C:\Program Files\Git\cmd\git.exe)", R"(git.exe status -z -uall)", kCode, "Git for Windows",
     "The Git Development Community"},
    {kCmd, R"(C:\Windows\system32\cmd.exe /d /s /c "npm run build -- --job %n")", R"(C:\Program Files\nodejs\node.exe)",
     "Windows Command Processor"},
    {R"(C:\Program Files\nodejs\node.exe)", R"("C:\Program Files\nodejs\node.exe" server.js --port %n)", kCmd,
     "Node.js JavaScript Runtime", "Node.js"},
    {R"(C:\Program Files\Python313\python.exe)", R"(python.exe -m pytest -q tests\unit)", kPowershell, "Python",
     "Python Software Foundation"},
    {kPowershell, R"(powershell.exe -NoProfile -Command "Get-ChildItem -Recurse src | Measure-Object")",
     R"(C:\Program Files\WindowsApps\Terminal\WindowsTerminal.exe)", "Windows PowerShell"},
    {R"(C:\Program Files\Docker\Docker\resources\bin\docker.exe)", R"(docker.exe compose up -d --build)", kPowershell,
     "Docker CLI", "Docker Inc."},
    {R"(C:\Windows\System32\OpenSSH\ssh.exe)", R"(ssh.exe app-03)", kPowershell, "OpenSSH for Windows"},
    {R"(C:\Windows\System32\curl.exe)", R"(curl.exe -sS https://ci.harborlane.example/api/builds/%n)", kCmd,
     "The curl executable", "curl, https://curl.se/"},
}};

constexpr std::array<Program, 9> kOperations = {{
    {R"(C:\Windows\System32\mmc.exe)", R"("C:\Windows\system32\mmc.exe" "C:\Windows\system32\dsa.msc")", kExplorer,
     "Microsoft Management Console"},
    {R"(C:\Windows\System32\mstsc.exe)", R"("C:\Windows\system32\mstsc.exe" /v:SRV-01)", kExplorer,
     "Remote Desktop Connection"},
    {kPowershell,
     R"(powershell.exe -NoLogo -ExecutionPolicy RemoteSigned -File C:\Scripts\disk-report.ps1 -Server SRV-01)",
     kExplorer, "Windows PowerShell"},
    {R"(C:\Windows\System32\nslookup.exe)", R"(nslookup.exe mail.harborlane.example)", kCmd, "nslookup"},
    {R"(C:\Windows\System32\PING.EXE)", R"(ping.exe -n 4 10.1.0.12)", kCmd, "TCP/IP Ping Command"},
    {R"(C:\Windows\System32\ipconfig.exe)", R"(ipconfig.exe /all)", kCmd, "IP Configuration Utility"},
    {R"(C:\Windows\System32\schtasks.exe)", R"(schtasks.exe /query /fo csv /v)", kPowershell,
     "Task Scheduler Configuration Tool"},
    {R"(C:\Windows\System32\wevtutil.exe)", R"(wevtutil.exe qe System /c:20 /rd:true /f:text)", kPowershell,
     "Eventing Command Line Utility"},
    {R"(C:\Windows\System32\gpupdate.exe)", R"(gpupdate.exe /target:computer)", kCmd,
     "Microsoft Group Policy Update Utility"},
}};

constexpr std::array<Program, 4> kBusiness = {{
    {R"(C:\Program Files\Microsoft Office\root\Office16\POWERPNT.EXE)",
     R"("C:\Program Files\Microsoft Office\root\Office16\POWERPNT.EXE" "C:\Users\%u\Documents\%d")", kExplorer,
     "Microsoft PowerPoint"},
    {R"(C:\Program Files\Ledgerline\ledger.exe)", R"("C:\Program Files\Ledgerline\ledger.exe" --profile %u)", kExplorer,
     "Ledgerline Client", "Ledgerline GmbH"},
    {R"(C:\Program Files\Sellwell\crm.exe)", R"("C:\Program Files\Sellwell\crm.exe" /record:%n)", kExplorer,
     "Sellwell CRM", "Sellwell Ltd."},
    {R"(C:\Windows\System32\calc.exe)", R"("C:\Windows\System32\calc.exe")", kExplorer, "Windows Calculator"},
}};

constexpr std::array<Program, 14> kMachine = {{
    {kSvchost, R"(C:\Windows\system32\svchost.exe -k netsvcs -p -s wlidsvc)", kServices,
     "Host Process for Windows Services"},
    {kSvchost, R"(C:\Windows\System32\svchost.exe -k LocalServiceNetworkRestricted -p -s WinHttpAutoProxySvc)",
     kServices, "Host Process for Windows Services"},
    {R"(C:\Windows\System32\taskhostw.exe)", R"(taskhostw.exe)", kSvchost, "Host Process for Windows Tasks"},
    {R"(C:\Windows\System32\backgroundTaskHost.exe)",
     R"("C:\Windows\system32\backgroundTaskHost.exe" -ServerName:CortanaUI.AppX%n.mca)", kSvchost,
     "Background Task Host"},
    {R"(C:\Windows\System32\RuntimeBroker.exe)", R"(C:\Windows\System32\RuntimeBroker.exe -Embedding)", kSvchost,
     "Runtime Broker"},
    {R"(C:\Windows\System32\dllhost.exe)",
     R"(C:\Windows\system32\DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5})", kSvchost, "COM Surrogate"},
    {R"(C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.25060.7-0\MpCmdRun.exe)",
     R"("C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.25060.7-0\MpCmdRun.exe" SignatureUpdate -ScheduleJob)",
     kSvchost, "Microsoft Malware Protection Command Line Utility"},
    {R"(C:\Program Files (x86)\Google\GoogleUpdater\138.0.7194.0\updater.exe)",
     R"("C:\Program Files (x86)\Google\GoogleUpdater\138.0.7194.0\updater.exe" --wake --system)", kSvchost,
     "Google Updater", "Google LLC"},
    {R"(C:\Windows\System32\SearchProtocolHost.exe)",
     R"("C:\Windows\system32\SearchProtocolHost.exe" Global\UsGthrFltPipeMssGthrPipe%n_ 1 -2147483646)",
     R"(C:\Windows\System32\SearchIndexer.exe)", "Microsoft Windows Search Protocol Host"},
    {R"(C:\Windows\System32\rundll32.exe)", R"(C:\Windows\system32\rundll32.exe Startupscan.dll,SusRunTask)", kSvchost,
     "Windows host process (Rundll32)"},
    {R"(C:\Windows\System32\certutil.exe)", R"(C:\Windows\system32\certutil.exe -pulse)",
     R"(C:\Windows\System32\taskhostw.exe)", "CertUtil.exe"},
    {R"(C:\Windows\System32\wbem\WmiPrvSE.exe)", R"(C:\Windows\system32\wbem\wmiprvse.exe -secured -Embedding)",
     kSvchost, "WMI Provider Host"},
    {kPowershell,
     R"(powershell.exe -NoLogo -NonInteractive -NoProfile -ExecutionPolicy AllSigned -File "C:\Program Files\Inventory\collect.ps1" -Run %n)",
     R"(C:\Program Files\Inventory\agent.exe)", "Windows PowerShell"},
    {R"(C:\Windows\System32\conhost.exe)", R"(\??\C:\Windows\system32\conhost.exe 0xffffffff -ForceV1)", kPowershell,
     "Console Window Host"},
}};

constexpr std::array<Program, 5> kServer = {{
    {R"(C:\Program Files\Backup\agent\bkagent.exe)",
     R"("C:\Program Files\Backup\agent\bkagent.exe" --job nightly --id %n)", kServices, "Backup Agent",
     "Serverdoctor AG"},
    {kCmd, R"(C:\Windows\system32\cmd.exe /c C:\Scripts\rotate-logs.cmd)", kSvchost, "Windows Command Processor"},
    {R"(C:\Windows\System32\robocopy.exe)",
     R"(robocopy.exe D:\Shares\Finance E:\Mirror\Finance /MIR /R:1 /W:5 /LOG:C:\Logs\mirror-%n.log)", kCmd,
     "Microsoft Robocopy"},
    {R"(C:\Windows\System32\wbem\WmiPrvSE.exe)", R"(C:\Windows\system32\wbem\wmiprvse.exe -Embedding)", kSvchost,
     "WMI Provider Host"},
    {R"(C:\Windows\System32\vssadmin.exe)", R"(vssadmin.exe list shadows)",
     R"(C:\Program Files\Backup\agent\bkagent.exe)", "Command Line Interface for Volume Shadow Copy Service"},
}};

constexpr std::array<Program, 5> kLogon = {{
    {R"(C:\Windows\System32\userinit.exe)", R"(C:\Windows\system32\userinit.exe)",
     R"(C:\Windows\System32\winlogon.exe)", "Userinit Logon Application"},
    {kExplorer, R"(C:\Windows\Explorer.EXE)", R"(C:\Windows\System32\userinit.exe)", "Windows Explorer"},
    {R"(C:\Windows\System32\SecurityHealthSystray.exe)", R"("C:\Windows\System32\SecurityHealthSystray.exe")",
     kExplorer, "Windows Security notification icon"},
    {R"(C:\Program Files\Microsoft OneDrive\OneDrive.exe)",
     R"("C:\Program Files\Microsoft OneDrive\OneDrive.exe" /background)", kExplorer, "Microsoft OneDrive"},
    {R"(C:\Users\%u\AppData\Local\Microsoft\Teams\current\Teams.exe)",
     R"("C:\Users\%u\AppData\Local\Microsoft\Teams\current\Teams.exe" --processStart)", kExplorer, "Microsoft Teams"},
}};

}  // namespace

std::span<const Program> office_programs() {
  return kOffice;
}
std::span<const Program> machine_programs() {
  return kMachine;
}
std::span<const Program> server_programs() {
  return kServer;
}
std::span<const Program> logon_programs() {
  return kLogon;
}

std::span<const Program> programs_of(Department department) {
  switch (department) {
    case Department::engineering: return kEngineering;
    case Department::operations: return kOperations;
    default: return kBusiness;
  }
}

}  // namespace weir::traffic
