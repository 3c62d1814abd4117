// Real rules: all that SigmaHQ has in use must be read without an error, and every sample of the specification too.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/shared_data.h"
#include "sigma/rule_set.h"

namespace weir::sigma {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<ParsedFile> parse_folder(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".yml") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  std::vector<ParsedFile> files;
  for (const std::filesystem::path& path : paths) files.push_back(parse_file(path.string(), read_file(path)));
  return files;
}

std::string errors_of(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Severity::error) out += render(diagnostic, read_file(diagnostic.path));
  }
  return out;
}

TEST(Corpus, EveryActiveRuleIsReadWithoutErrors) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  std::vector<ParsedFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(shared_data_folder() + "/sigma")) {
    if (!entry.path().filename().string().starts_with("rules")) continue;
    std::ranges::move(parse_folder(entry.path().string()), std::back_inserter(files));
  }
  const std::size_t count = files.size();
  const RuleSet set = link(std::move(files));
  EXPECT_GE(count, 3780u);
  EXPECT_EQ(set.rules.size(), count);
  EXPECT_EQ(set.rules_failed, 0u);
  EXPECT_EQ(errors_of(set.diagnostics), "");
}

TEST(Corpus, EveryCorrelationAndFilterSampleIsReadWithoutErrors) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  std::size_t correlations = 0;
  std::size_t filters = 0;
  for (const ParsedFile& file : parse_folder(shared_data_folder() + "/sigma/correlation-samples")) {
    EXPECT_EQ(errors_of(file.diagnostics), "");
    correlations += file.correlations.size();
    filters += file.filters.size();
  }
  EXPECT_GE(correlations, 15u);
  EXPECT_EQ(filters, 2u);
}

// Retired rules may be wrong; those that are must say so, and none may stop the reader.
TEST(Corpus, RetiredRulesAreReadOrRefusedWithAReason) {
  WEIR_SKIP_WITHOUT_SHARED_DATA();
  for (const char* folder : {"/sigma/deprecated", "/sigma/unsupported"}) {
    for (const ParsedFile& file : parse_folder(shared_data_folder() + folder)) {
      const std::size_t read = file.rules.size() + file.correlations.size() + file.filters.size();
      EXPECT_TRUE(read > 0 || file.failed > 0);
      EXPECT_EQ(file.failed > 0, !errors_of(file.diagnostics).empty());
    }
  }
}

}  // namespace
}  // namespace weir::sigma
