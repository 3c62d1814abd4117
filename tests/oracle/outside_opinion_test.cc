// Holds the oracle against two outside opinions on real rules and events: SigmaHQ's regression data, and the verdicts
// of another naive evaluator on recorded attacks. Each difference from the latter stands here with the reason.

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/check.h"
#include "base/shared_data.h"
#include "oracle/corpus.h"
#include "oracle/windows.h"

namespace weir::oracle {

namespace {

const RuleCorpus& rules() {
  static const RuleCorpus kCorpus = load_rules(shared_data_folder() + "/sigma", active_rule_folders());
  return kCorpus;
}

const Rule* find_rule(std::string_view id) {
  for (const CorpusRule& one : rules().rules) {
    if (one.rule.id == id) return &one.rule;
  }
  return nullptr;
}

using Verdicts = std::map<std::pair<std::string, std::size_t>, std::set<std::string>>;  // (file, line) → rule ids.

Verdicts expected_verdicts() {
  Verdicts verdicts;
  simdjson::dom::parser parser;
  std::ifstream file(shared_data_folder() + "/windows/otrf_expected_matches.jsonl");
  for (std::string line; std::getline(file, line);) {
    const simdjson::dom::element row = parser.parse(line);
    auto& ids =
        verdicts[{std::string(std::string_view(row["file"])), static_cast<std::size_t>(std::uint64_t(row["line"]))}];
    for (const simdjson::dom::element id : simdjson::dom::array(row["matches"])) ids.emplace(std::string_view(id));
  }
  return verdicts;
}

struct OwnVerdicts {
  Verdicts fired;
  std::set<std::pair<std::string, std::size_t>> of_security_4688;  // Lines that hold such an event.
  std::size_t evaluations = 0;
};

OwnVerdicts own_verdicts() {
  OwnVerdicts verdicts;
  for (const auto& entry : std::filesystem::directory_iterator(shared_data_folder() + "/windows/otrf")) {
    if (entry.path().extension() != ".jsonl") continue;
    const auto events = read_flat_events(entry.path().string());
    CHECK(events.has_value());
    for (std::size_t i = 0; i < events->size(); ++i) {
      const std::pair<std::string, std::size_t> place{entry.path().filename().string(), i + 1};
      Event event = (*events)[i];
      classify_windows(event);
      const bool process_creation = event.logsource.categories == std::vector<std::string>{"process_creation"};
      const bool security = event.logsource.services == std::vector<std::string>{"security"};
      if (process_creation && security) verdicts.of_security_4688.insert(place);
      evaluate_all(rules().rules, event, [&](const CorpusRule& one, bool fires) {
        if (fires) verdicts.fired[place].insert(one.rule.id);
        ++verdicts.evaluations;
      });
    }
  }
  return verdicts;
}

std::set<std::string> without(const std::set<std::string>& all, const std::set<std::string>& some) {
  std::set<std::string> rest;
  for (const std::string& one : all) {
    if (!some.contains(one)) rest.insert(one);
  }
  return rest;
}

}  // namespace

TEST(OutsideOpinion, EveryActiveRuleIsReadUnlessAPlaceholderHasNoValues) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  EXPECT_EQ(rules().rules.size() + rules().rejected.size(), 3780u);
  for (const RejectedRule& one : rules().rejected) {
    EXPECT_TRUE(one.reason.starts_with("no values for the placeholder")) << one.path << ": " << one.reason;
  }
}

TEST(OutsideOpinion, RegressionEventsFireTheirRules) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  simdjson::dom::parser parser;
  std::ifstream file(shared_data_folder() + "/sigma/regression_conformance.jsonl");
  std::size_t tests = 0;
  for (std::string line; std::getline(file, line); ++tests) {
    const simdjson::dom::element row = parser.parse(line);
    const std::string id{std::string_view(row["rule_id"])};
    const Rule* rule = find_rule(id);
    ASSERT_NE(rule, nullptr) << id;
    const bool counted = row["match_count"].is_uint64() || row["match_count"].is_int64();  // Else at least one.
    const std::uint64_t wanted = counted ? std::uint64_t(row["match_count"]) : 1;
    std::uint64_t fired = 0;
    for (const simdjson::dom::element element : simdjson::dom::array(row["events"])) {
      auto event = read_flat_event(simdjson::minify(element));
      ASSERT_TRUE(event);
      event->logsource = {rule->logsource.product, {rule->logsource.category}, {rule->logsource.service}};
      if (rule->fires(ReadEvent(*event))) ++fired;
    }
    EXPECT_GE(fired, wanted) << id << " " << rule->title;
  }
  EXPECT_EQ(tests, 202u);
}

// The other evaluator applies rules on process_creation to Sysmon's event 1 alone; the taxonomy appendix ("Generic",
// process_creation) and SigmaHQ's mapping name event 4688 of the Security log too. There we fire 44 times more; nowhere
// else do we differ.
TEST(OutsideOpinion, RecordedAttacksFireTheSameRulesButOnSecurity4688) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  const Verdicts expected = expected_verdicts();
  const OwnVerdicts own = own_verdicts();
  std::set<std::pair<std::string, std::size_t>> places;
  for (const auto& [place, ids] : expected) places.insert(place);
  for (const auto& [place, ids] : own.fired) places.insert(place);
  std::size_t on_4688 = 0;
  for (const auto& place : places) {
    const std::set<std::string> theirs = expected.contains(place) ? expected.at(place) : std::set<std::string>();
    const std::set<std::string> ours = own.fired.contains(place) ? own.fired.at(place) : std::set<std::string>();
    for (const std::string& id : without(theirs, ours)) {
      ADD_FAILURE() << place.first << ":" << place.second << " only they: " << id;
    }
    for (const std::string& id : without(ours, theirs)) {
      const Rule* rule = find_rule(id);
      if (own.of_security_4688.contains(place) && rule->logsource.category == "process_creation")
        ++on_4688;
      else
        ADD_FAILURE() << place.first << ":" << place.second << " only we: " << id << " " << rule->title;
    }
  }
  EXPECT_EQ(on_4688, 44u);
  EXPECT_EQ(own.evaluations, 15'529u * rules().rules.size());
}

}  // namespace weir::oracle
