// Holds the product, from the bytes of a log to the rules that fire, against the oracle on all shared rules and logs.
// A sanitizer's build, which is many times slower, takes every sixteenth log and all rules.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "app/rule_sources.h"
#include "app/single_events.h"
#include "base/shared_data.h"
#include "io/files.h"
#include "oracle/corpus.h"
#include "oracle/windows.h"
#include "sigma/matcher.h"

namespace weir::oracle {

namespace {

#ifdef WEIR_SANITIZED
constexpr std::size_t kOneLogOf = 16;
#else
constexpr std::size_t kOneLogOf = 1;
#endif
constexpr std::size_t kEventsMin = kOneLogOf == 1 ? 50'000 : 500;

const RuleCorpus& oracle_rules() {
  static const RuleCorpus kCorpus = load_rules(shared_data_folder() + "/sigma", active_rule_folders());
  return kCorpus;
}

app::LoadedRules load_product_rules() {
  std::vector<std::string> paths;
  for (const std::string& folder : active_rule_folders()) paths.push_back(shared_data_folder() + "/sigma/" + folder);
  auto texts = app::read_rule_texts(paths);
  EXPECT_TRUE(texts);
  auto loaded = app::load_rules(std::move(*texts), {});
  EXPECT_TRUE(loaded);
  return std::move(*loaded);
}

// The rules as their authors wrote them, without the variants that pipelines make.
std::shared_ptr<const sigma::Plan> plan_without_pipelines(const app::LoadedRules& loaded) {
  std::set<std::string_view> usable;
  for (const CorpusRule& one : oracle_rules().rules) usable.insert(one.rule.id);
  std::vector<sigma::Variant> variants;
  for (std::uint32_t rule = 0; rule < loaded.scan.rules.size(); ++rule) {
    const sigma::Rule& one = loaded.scan.rules[rule];
    if (usable.contains(one.info->id)) variants.push_back({rule, one.logsource, one.condition});
  }
  EXPECT_EQ(variants.size(), usable.size());
  return std::make_shared<const sigma::Plan>(variants);
}

std::vector<std::string> log_files() {
  std::vector<std::string> paths;
  for (const char* folder : {"cloud", "linux", "proxy", "web", "windows/otrf", "zeek"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(shared_data_folder() + "/" + folder)) {
      if (entry.is_regular_file() && entry.file_size() < 16 * 1024 * 1024) paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  std::vector<std::string> chosen;
  for (std::size_t i = 0; i < paths.size(); i += kOneLogOf) chosen.push_back(std::move(paths[i]));
  return chosen;
}

std::set<std::string> fired_by_oracle(const Event& event, bool any_logsource) {
  std::set<std::string> fired;
  const ReadEvent read(event);
  for (const CorpusRule& one : oracle_rules().rules) {
    if (any_logsource ? holds(*one.rule.condition, read) : one.rule.fires(read)) fired.insert(one.rule.id);
  }
  return fired;
}

std::set<std::string> fired_by_product(const app::LoadedRules& loaded, sigma::Matcher& matcher, event::Batch& batch,
                                       const event::Row& row) {
  std::set<std::string> fired;
  for (const std::uint32_t rule : matcher.match(batch, row)) fired.insert(loaded.scan.rules[rule].info->id);
  return fired;
}

struct Totals {
  std::size_t files = 0;
  std::size_t events = 0;
  std::size_t fired = 0;
};

Totals compare_files(const std::vector<std::string>& paths, bool any_logsource) {
  const app::LoadedRules loaded = load_product_rules();
  const auto plan = plan_without_pipelines(loaded);
  sigma::Matcher matcher(plan, {.remember = true, .any_logsource = any_logsource});
  Totals totals;
  for (const std::string& path : paths) {
    auto text = io::read_file(path, 16 * 1024 * 1024);
    EXPECT_TRUE(text) << path;
    const auto parsed = app::parse_events(std::move(*text), nullptr, {}, plan->field_table());
    if (!parsed) continue;  // No log: a licence, a compressed file.
    matcher.parser_changed();
    ++totals.files;
    event::Batch& batch = (*parsed)->batch;
    for (const event::Row& row : batch.rows()) {
      const Event event = event_of(batch, row);
      const std::set<std::string> expected = fired_by_oracle(event, any_logsource);
      EXPECT_EQ(fired_by_product(loaded, matcher, batch, row), expected)
          << path << ": " << row.number << " " << row.raw;
      ++totals.events;
      totals.fired += expected.size();
      if (testing::Test::HasFailure()) return totals;
    }
  }
  fmt::print("{} events of {} files, {} rules each, {} matches\n", totals.events, totals.files,
             oracle_rules().rules.size(), totals.fired);
  return totals;
}

}  // namespace

TEST(ProductCorpus, AgreesOnEveryEventOfARulesLogsource) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  const Totals totals = compare_files(log_files(), false);
  EXPECT_GT(totals.events, kEventsMin);
  if (kOneLogOf == 1) {
    EXPECT_GT(totals.fired, 150u);
  }
}

TEST(ProductCorpus, AgreesOnAllPairsWhateverTheLogsource) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  if (std::getenv("WEIR_TEST_FULL") == nullptr) GTEST_SKIP() << "part of the long form: ./dev test full";
  EXPECT_GT(compare_files(log_files(), true).events, kEventsMin);
}

// With pipelines: the product turns rules towards the events, the oracle the events towards the rules.
TEST(ProductCorpus, RecordedAttacksFireWhatTheTaxonomySays) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  const app::LoadedRules loaded = load_product_rules();
  sigma::Matcher matcher(loaded.scan.plan, {});
  for (const std::string& path : log_files()) {
    if (!path.ends_with(".jsonl") || path.find("/windows/otrf/") == std::string::npos) continue;
    auto events = read_flat_events(path);
    ASSERT_TRUE(events);
    auto text = io::read_file(path, 16 * 1024 * 1024);
    ASSERT_TRUE(text);
    const auto parsed = app::parse_events(std::move(*text), nullptr, {}, loaded.scan.plan->field_table());
    ASSERT_TRUE(parsed);
    matcher.parser_changed();
    event::Batch& batch = (*parsed)->batch;
    ASSERT_EQ(batch.rows().size(), events->size()) << path;
    for (std::size_t i = 0; i < events->size(); ++i) {
      Event event = (*events)[i];
      classify_windows(event);
      EXPECT_EQ(fired_by_product(loaded, matcher, batch, batch.rows()[i]), fired_by_oracle(event, false))
          << path << ":" << i + 1;
    }
  }
}

}  // namespace weir::oracle
