// What hurts a business without touching a host: files given away, money drawn.

#include <fmt/format.h>

#include "traffic/attack.h"
#include "traffic/proxy.h"
#include "traffic/sharing.h"
#include "traffic/transfers.h"
#include "traffic/vocabulary.h"

namespace weir::traffic {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::optional<Attack> mass_sharing(Stage& stage) {
  const auto scene = stage.scene(minutes(40));
  if (!scene) return std::nullopt;
  const User& user = *scene->user;
  Attack attack{.title = "More than a hundred files shared with an outsider within the hour",
                .technique = "T1567",
                .needs = Needs::correlation,
                .source = Source::sharing,
                .user = user.login,
                .host = user.host};
  const std::string folder = fmt::format("/{}/{}", name_of(user.department), path_word(user.number));
  EventTime at = scene->time;
  for (std::uint32_t i = 0; i < 130; ++i) {
    const std::string file = document_name(mix(user.number, 1000 + i));
    PlantedRecord record{Source::sharing, at, {}};
    append_sharing_line(record.bytes, {.time = at,
                                       .user = user.login,
                                       .department = name_of(user.department),
                                       .action = "shared",
                                       .file = file,
                                       .folder = folder,
                                       .size = stage.random().heavy_tailed(20'000, 8),
                                       .target = "r.k.1987@freepost.example",
                                       .target_type = "external",
                                       .address = proxy_client(user, scene->at_home),
                                       .client = "web"});
    attack.records.push_back(std::move(record));
    at += seconds(stage.random().between(5, 18));
  }
  return attack;
}

// Each withdrawal is larger than the one before.
std::optional<Attack> rising_withdrawals(Stage& stage) {
  const std::optional<EventTime> time = stage.moment(minutes(50));
  if (!time) return std::nullopt;
  const Company& company = stage.company();
  const std::string account = account_of(company.seed, stage.random().below(company.customers));
  Attack attack{.title = "Continuously increasing withdrawals from one account",
                .technique = "T1657",
                .needs = Needs::correlation,
                .source = Source::transfers,
                .user = account,
                .host = {}};
  EventTime at = *time;
  std::uint64_t cents = 10'000;
  for (int i = 0; i < 9; ++i) {
    PlantedRecord record{Source::transfers, at, {}};
    const std::string machine = fmt::format("ATM-{:04}", 300 + stage.random().below(40));
    append_booking(record.bytes, {.time = at,
                                  .account = account,
                                  .type = "withdrawal",
                                  .cents = cents,
                                  .beneficiary = machine,
                                  .channel = "atm"});
    attack.records.push_back(std::move(record));
    cents += 1000 * static_cast<std::uint64_t>(stage.random().between(5, 40));
    at += seconds(stage.random().between(120, 320));
  }
  return attack;
}

constexpr std::array<Scenario, 2> kScenarios = {{
    {"sharing-many-files", mass_sharing},
    {"bank-rising-withdrawals", rising_withdrawals},
}};

}  // namespace

std::span<const Scenario> business_scenarios() {
  return kScenarios;
}

}  // namespace weir::traffic
