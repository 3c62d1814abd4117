#include "formats/windows_channel.h"

#include <gtest/gtest.h>

namespace weir::formats {
namespace {

std::string by_channel(std::string_view channel) {
  return event::to_string(*windows_logsource(channel));
}
std::string by_provider(std::string_view provider) {
  return event::to_string(*windows_logsource_of_provider(provider));
}

TEST(WindowsChannel, NamesTheServiceWhateverTheCase) {
  EXPECT_EQ(by_channel("Security"), "windows/*/security");
  EXPECT_EQ(by_channel("security"), "windows/*/security");
  EXPECT_EQ(by_channel("Microsoft-Windows-AppLocker/EXE and DLL"), "windows/*/applocker");
  EXPECT_EQ(by_channel("Microsoft-ServiceBus-Client/Admin"), "windows/*/servicebus-client+microsoft-servicebus-client");
}

TEST(WindowsChannel, OfUnknownNameIsWindowsWithoutService) {
  EXPECT_EQ(by_channel("Contoso/Audit"), "windows/*/*");
  EXPECT_EQ(by_channel(""), "windows/*/*");
  EXPECT_EQ(by_channel(std::string(100'000, 'x')), "windows/*/*");
}

TEST(WindowsChannel, OfOtherSystemsKeepsTheirProduct) {
  EXPECT_EQ(by_channel("Linux-Sysmon/Operational"), "linux/*/sysmon");
  EXPECT_EQ(by_channel("RPCFW"), "rpc_firewall/application/*");
}

TEST(WindowsChannel, IsReplacedByTheProviderWhereAbsent) {
  EXPECT_EQ(by_provider("Microsoft-Windows-Sysmon"), "windows/*/sysmon");
  EXPECT_EQ(by_provider("Microsoft-Windows-Security-Auditing"), "windows/*/security");
  EXPECT_EQ(by_provider("Contoso"), "windows/*/*");
}

}  // namespace
}  // namespace weir::formats
