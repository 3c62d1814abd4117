#pragma once

// Who works where, with what, and when: a company as a pure function of (seed, number of users). Everything here is
// constant after `make_company`; any thread may read it.
//
// Names end in .example and addresses come from ranges that are set aside (RFC 2544, RFC 5737), so that no real
// company or person is meant; 198.18.0.0/15 plays the internet, with a block for each city.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/calendar.h"
#include "traffic/source.h"

namespace weir::traffic {

enum class Department : std::uint8_t { engineering, operations, sales, finance, people, support, management };

inline constexpr std::size_t kDepartmentCount = 7;
std::string_view name_of(Department department);

struct City {
  std::string_view name;
  std::string_view country;  // ISO 3166.
  std::string_view latitude;
  std::string_view longitude;
  std::uint8_t block;  // Its households: 198.18.<16 × block>.0/20.
};

struct Office {
  const City* city = nullptr;
  std::string_view code;  // "fra"; begins the names of its hosts.
  Zone zone;
  std::uint8_t network = 0;    // 10.<network>.0.0/16.
  std::string public_address;  // What the internet sees.
};

struct User {
  std::uint32_t number = 0;
  std::string first;
  std::string last;
  std::string login;  // "m.keller", also at the AWS account and on Linux.
  Department department{};
  const Office* office = nullptr;

  std::string host;          // "FRA-L-00017".
  std::string address;       // In the office.
  std::string vpn_address;   // The same host from home.
  std::string home_address;  // What the internet sees of the home.
  std::string sid;
  std::string agent;  // The browser's user agent.

  int start_minute = 0;  // Usual beginning of work, local.
  int work_minutes = 0;
  int lunch_minute = 0;
  std::uint8_t work_days = 0;  // Bit 0 = Monday.
  std::uint8_t home_days = 0;
  bool evening = false;        // Looks at mail again at night.
  std::uint8_t diligence = 0;  // Percent of the usual volume, 40–180.

  std::vector<std::uint16_t> sites;    // By preference; drawn with Zipf's law.
  std::vector<std::uint16_t> servers;  // Linux servers used; empty for most departments.
  bool uses_cloud = false;
  std::uint16_t sharing_percent = 0;  // Of the usual sharing volume: a habit, 20–400.
  std::vector<std::uint32_t> colleagues;
};

struct Server {
  std::string name;  // "app-03".
  std::string address;
  bool windows = false;
};

// Users point at their offices, so a company is moved and never copied.
struct Company {
  Company() = default;
  Company(Company&&) = default;
  Company& operator=(Company&&) = default;

  std::uint64_t seed = 0;
  std::vector<Office> offices;
  std::vector<User> users;
  std::vector<Server> linux_servers;
  std::vector<Server> windows_servers;     // The first is the domain controller, the second the file server.
  std::vector<std::uint32_t> cloud_users;  // Numbers of users.
  std::vector<std::uint32_t> shell_users;
  std::vector<std::uint32_t> helpdesk;
  std::uint32_t customers = 0;
};

inline constexpr std::uint32_t kUsersMax = 100'000;
inline constexpr std::string_view kDomain = "harborlane.example";
inline constexpr std::string_view kWindowsDomain = "HARBORLANE";
inline constexpr std::string_view kCloudAccount = "400012345678";

Company make_company(std::uint64_t seed, std::uint32_t users);

// The account number of a customer of the bank.
std::string account_of(std::uint64_t seed, std::uint32_t customer);
// An address in a city's block of households.
std::string household_address(const City& city, std::uint32_t number);

std::span<const City> all_cities();
const City& city_named(std::string_view name);

// CSV `network,city,country,latitude,longitude` of every public network that occurs in the traffic: a table for
// enrichment, such as for impossible travel.
std::string networks_csv(const Company& company);

}  // namespace weir::traffic
