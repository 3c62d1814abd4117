#pragma once

// Attacks hidden in the traffic. All of them are worked out before the first byte is written, as a function of the
// company, the period and the seed; their records then join the timelines like any other. A scenario is one function
// in attacks_<area>.cc, listed in that file's table.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "traffic/company.h"
#include "traffic/presence.h"
#include "traffic/random.h"
#include "traffic/source.h"

namespace weir::traffic {

struct PlantedRecord {
  Source source{};
  EventTime time{};
  std::string bytes{};
  bool evidence = true;  // False: belongs to the story, but no rule is meant to fire on it.
};

// What it takes to find an attack.
enum class Needs : std::uint8_t {
  single,       // One event says it.
  correlation,  // Only several events together do.
};

struct Attack {
  std::string_view id{};  // Short and stable: "windows-lsass-dump".
  std::string_view title{};
  std::string_view technique{};  // ATT&CK.
  Needs needs = Needs::single;
  std::vector<std::string_view> rules{};  // Ids of own rules that fire; empty if none is meant to.
  Source source{};                        // Where `lines` of the truth file count.
  std::string user{};
  std::string host{};
  std::vector<PlantedRecord> records{};
};

struct Period {
  EventTime start{};
  EventTime end{};
};

// What a scenario is given: the company, the period and random numbers of its own.
class Stage {
 public:
  Stage(const Company& company, Period period, std::uint64_t seed)
      : company_(company), period_(period), random_(seed) {}

  const Company& company() const { return company_; }
  Random& random() { return random_; }

  struct Scene {
    const User* user;
    EventTime time{};
    bool at_home;
  };
  // A user of those named and a moment in the middle of their work, with `needed` left in the period; where nobody
  // works, any moment. Nothing if the period is shorter than `needed` or there is nobody.
  std::optional<Scene> scene(std::span<const std::uint32_t> users, std::chrono::microseconds needed);
  std::optional<Scene> scene(std::chrono::microseconds needed);  // Of all users.
  std::optional<EventTime> moment(std::chrono::microseconds needed);

 private:
  const Company& company_;
  Period period_;
  Random random_;
};

struct Scenario {
  std::string_view id{};
  std::optional<Attack> (*play)(Stage& stage);
};

std::span<const Scenario> web_scenarios();
std::span<const Scenario> proxy_scenarios();
std::span<const Scenario> windows_scenarios();
std::span<const Scenario> cloud_scenarios();
std::span<const Scenario> shell_scenarios();
std::span<const Scenario> business_scenarios();

// All attacks for which the period is long enough, in the order of the scenarios.
std::vector<Attack> plan_attacks(const Company& company, Period period, std::uint64_t seed);

// Where attackers sit: addresses of RFC 5737, section 3. The first lies in a network that the rule
// proxy/listed_bad_address names, the second in none.
inline constexpr std::string_view kListedAddress = "203.0.113.66";
inline constexpr std::string_view kAttackerAddress = "203.0.113.9";

}  // namespace weir::traffic
