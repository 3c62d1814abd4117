#include "traffic/company.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "base/check.h"
#include "base/text.h"
#include "traffic/random.h"
#include "traffic/vocabulary.h"

namespace weir::traffic {
namespace {

using std::chrono::minutes;

constexpr std::array<City, 12> kCities = {{
    {"Frankfurt", "DE", "50.11", "8.68", 0},
    {"Chicago", "US", "41.88", "-87.63", 1},
    {"Singapore", "SG", "1.35", "103.82", 2},
    {"Porto", "PT", "41.15", "-8.61", 3},
    {"Pune", "IN", "18.52", "73.86", 4},
    {"London", "GB", "51.51", "-0.13", 5},
    {"Stockholm", "SE", "59.33", "18.07", 6},
    {"Sydney", "AU", "-33.87", "151.21", 7},
    {"Recife", "BR", "-8.05", "-34.88", 8},
    {"Tallinn", "EE", "59.44", "24.75", 9},
    {"Manila", "PH", "14.60", "120.98", 10},
    {"Dakar", "SN", "14.69", "-17.45", 11},
}};

struct OfficePlan {
  std::string_view city;
  std::string_view code;
  Zone zone;
  std::uint32_t weight;
};

const std::array<OfficePlan, 5> kOffices = {{
    {"Frankfurt", "fra", {minutes(60), Daylight::european}, 40},
    {"Chicago", "chi", {minutes(-360), Daylight::american}, 25},
    {"Singapore", "sin", {minutes(480), Daylight::none}, 15},
    {"Porto", "opo", {minutes(0), Daylight::european}, 12},
    {"Pune", "pnq", {minutes(330), Daylight::none}, 8},
}};

constexpr std::array<std::uint32_t, kDepartmentCount> kDepartmentWeights = {28, 9, 20, 14, 7, 16, 6};

std::size_t office_count(std::uint32_t users) {
  return users < 20 ? 1 : users < 100 ? 3 : kOffices.size();
}

std::vector<Office> make_offices(std::uint32_t users) {
  std::vector<Office> offices;
  for (std::size_t i = 0; i < office_count(users); ++i) {
    const City& city = city_named(kOffices[i].city);
    offices.push_back({&city, kOffices[i].code, kOffices[i].zone, static_cast<std::uint8_t>(10 + 10 * i),
                       fmt::format("198.18.{}.250", city.block * 16 + 15)});
  }
  return offices;
}

// "m.keller", and for the next of the same name "m.keller2".
std::string make_login(const User& user, std::unordered_map<std::string, int>& taken) {
  const std::string plain = fmt::format("{}.{}", to_lower(user.first.front()), user.last);
  const int number = ++taken[plain];
  return number == 1 ? plain : fmt::format("{}{}", plain, number);
}

void choose_place(User& user, const Company& company, Random& random) {
  std::uint32_t draw = random.below(100);
  std::size_t chosen = 0;
  while (chosen + 1 < company.offices.size() && draw >= kOffices[chosen].weight) draw -= kOffices[chosen++].weight;
  if (chosen + 1 == company.offices.size() && draw >= kOffices[chosen].weight) chosen = 0;
  user.office = &company.offices[chosen];

  const std::uint32_t n = user.number;
  std::string code(user.office->code);
  for (char& c : code) c = static_cast<char>(c - 32);
  user.host = fmt::format("{}-L-{:05}", code, n + 1);
  // 250 hosts to a subnet; 64 subnets of laptops per office would be enough for 16,000, so networks are shared on.
  user.address = fmt::format("10.{}.{}.{}", user.office->network + n / 60000, 10 + n / 250 % 240, 2 + n % 250);
  user.vpn_address = fmt::format("10.{}.{}.{}", 100 + n / 60000, n / 250 % 240, 2 + n % 250);
  user.home_address = household_address(*user.office->city, n);
  user.sid = fmt::format("S-1-5-21-1004336348-1177238915-682003330-{}", 1105 + n);
}

void choose_hours(User& user, Random& random) {
  user.start_minute = 8 * 60 + static_cast<int>(random.between(-60, 90));
  user.work_minutes = 8 * 60 + 30 + static_cast<int>(random.between(-45, 60));
  user.lunch_minute = 12 * 60 + static_cast<int>(random.between(-30, 60));
  user.work_days = 0b0011111;
  if (random.chance(120)) user.work_days &= static_cast<std::uint8_t>(~(1u << random.below(5)));  // Part time.
  const bool shifts = user.department == Department::operations || user.department == Department::support;
  if (shifts && random.chance(250)) user.work_days = 0b1110110;   // Weekend duty, Monday and Thursday free.
  if (shifts && random.chance(150)) user.start_minute = 13 * 60;  // Late shift.
  for (std::uint32_t day = 0; day < 5; ++day) {
    if (random.chance(300)) user.home_days |= static_cast<std::uint8_t>(1u << day);
  }
  user.evening = random.chance(180);
  user.diligence = static_cast<std::uint8_t>(random.between(40, 180));
}

// A user's sites: the common ones in an own order, those of the department, and some of the long tail.
void choose_sites(User& user, Random& random) {
  for (std::size_t i = 0; i < kSitesOfAll; ++i) user.sites.push_back(static_cast<std::uint16_t>(i));
  const std::size_t department = kSitesOfAll + kSitesOfDepartment * static_cast<std::size_t>(user.department);
  for (std::size_t i = 0; i < kSitesOfDepartment; ++i) user.sites.push_back(static_cast<std::uint16_t>(department + i));
  const std::size_t tail = kSitesOfAll + kSitesOfDepartment * kDepartmentCount;
  for (int i = 0; i < 20; ++i) user.sites.push_back(static_cast<std::uint16_t>(tail + random.below(kSitesOfTail)));
  // Neighbouring ranks change places: everyone has an own order, yet mail stays near the top.
  for (std::size_t i = 0; i + 1 < user.sites.size(); ++i) {
    const std::size_t other = std::min(user.sites.size() - 1, i + random.below(8));
    std::swap(user.sites[i], user.sites[other]);
  }
}

void choose_work(User& user, const Company& company, std::uint32_t users, Random& random) {
  const bool technical = user.department == Department::engineering || user.department == Department::operations;
  if (technical) {
    const std::size_t count = 2 + random.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      user.servers.push_back(
          static_cast<std::uint16_t>(random.below(static_cast<std::uint32_t>(company.linux_servers.size()))));
    }
  }
  user.uses_cloud = technical && random.chance(600);
  user.sharing_percent = static_cast<std::uint16_t>(random.heavy_tailed(25, 4));
  const std::size_t colleagues = 3 + random.below(9);
  for (std::size_t i = 0; i < colleagues; ++i) user.colleagues.push_back(random.below(users));
}

User make_user(const Company& company, std::uint32_t number, std::uint32_t users,
               std::unordered_map<std::string, int>& taken) {
  Random random(mix(mix(company.seed, "user"), number));
  User user;
  user.number = number;
  user.first = random.pick(first_names());
  user.last = random.pick(last_names());
  user.login = make_login(user, taken);
  AliasTable departments;
  departments.build(kDepartmentWeights);
  user.department = static_cast<Department>(departments.pick(random));
  if (number == 0) user.department = Department::operations;   // Every company has someone who resets passwords
  if (number == 1) user.department = Department::engineering;  // and someone who writes its programs.
  user.agent = random.pick(browser_agents());
  choose_place(user, company, random);
  choose_hours(user, random);
  choose_sites(user, random);
  choose_work(user, company, users, random);
  if (number < 2) user.uses_cloud = true;
  return user;
}

void make_servers(Company& company, std::uint32_t users) {
  const auto add = [](std::vector<Server>& servers, std::string name, bool windows) {
    const std::size_t n = servers.size();
    servers.push_back({std::move(name), fmt::format("10.{}.{}.{}", windows ? 2 : 1, n / 200, 10 + n % 200), windows});
  };
  add(company.linux_servers, "bastion-01", false);
  add(company.linux_servers, "ci-01", false);
  constexpr std::array<std::string_view, 5> kRoles = {"app", "db", "web", "cache", "batch"};
  const std::uint32_t count = std::clamp<std::uint32_t>(users / 10, 4, 400);
  for (std::uint32_t i = 0; i < count; ++i) {
    add(company.linux_servers, fmt::format("{}-{:02}", kRoles[i % kRoles.size()], 1 + i / kRoles.size()), false);
  }
  add(company.windows_servers, "DC-01", true);
  add(company.windows_servers, "FILES-01", true);
  for (std::uint32_t i = 0; i < std::clamp<std::uint32_t>(users / 50, 1, 200); ++i) {
    add(company.windows_servers, fmt::format("SRV-{:02}", i + 1), true);
  }
}

}  // namespace

std::string_view name_of(Department department) {
  constexpr std::array<std::string_view, kDepartmentCount> kNames = {
      "engineering", "operations", "sales", "finance", "people", "support", "management"};
  return kNames[static_cast<std::size_t>(department)];
}

Company make_company(std::uint64_t seed, std::uint32_t users) {
  CHECK(users >= 2 && users <= kUsersMax);
  Company company;
  company.seed = seed;
  company.offices = make_offices(users);
  make_servers(company, users);
  company.customers = std::max<std::uint32_t>(500, users * 20);
  std::unordered_map<std::string, int> taken;
  company.users.reserve(users);
  for (std::uint32_t number = 0; number < users; ++number) {
    User user = make_user(company, number, users, taken);
    if (user.uses_cloud) company.cloud_users.push_back(number);
    if (!user.servers.empty()) company.shell_users.push_back(number);
    if (user.department == Department::operations || (user.department == Department::support && number % 3 == 0)) {
      company.helpdesk.push_back(number);
    }
    company.users.push_back(std::move(user));
  }
  return company;
}

std::string account_of(std::uint64_t seed, std::uint32_t customer) {
  const std::uint64_t hash = mix(mix(seed, "account"), customer);
  return fmt::format("XX{:02}HLBK{:06}{:06}", 10 + hash % 89, customer, (hash >> 8) % 1'000'000);
}

std::string household_address(const City& city, std::uint32_t number) {
  const std::uint32_t host = static_cast<std::uint32_t>(mix(31, number) % (15 * 250));
  return fmt::format("198.18.{}.{}", city.block * 16 + host / 250, 1 + host % 250);
}

std::span<const City> all_cities() {
  return kCities;
}

const City& city_named(std::string_view name) {
  const auto found = std::ranges::find(kCities, name, &City::name);
  CHECK(found != kCities.end());
  return *found;
}

std::string networks_csv(const Company& company) {
  std::string csv = "network,city,country,latitude,longitude\n";
  for (const City& city : kCities) {
    for (const std::string_view range : {"198.18", "198.19"}) {
      const int first = range == "198.18" ? city.block * 16 : city.block * 8;
      fmt::format_to(std::back_inserter(csv), "{}.{}.0/{},{},{},{},{}\n", range, first, range == "198.18" ? 20 : 21,
                     city.name, city.country, city.latitude, city.longitude);
    }
  }
  for (const Office& office : company.offices) {
    fmt::format_to(std::back_inserter(csv), "10.{}.0.0/16,{},{},{},{}\n", office.network, office.city->name,
                   office.city->country, office.city->latitude, office.city->longitude);
  }
  return csv;
}

}  // namespace weir::traffic
