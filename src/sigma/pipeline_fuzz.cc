// Any bytes as a pipeline: it is read or reported, and applied to rules it neither crashes nor takes unbounded memory.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "sigma/pipeline.h"
#include "sigma/rule_set.h"

namespace {

constexpr std::string_view kRules = R"(
title: A
logsource: {product: windows, category: process_creation}
detection:
  s: {Image|endswith: [\a.exe, \b.exe], User|expand: '%admins%-%x%', B|fieldref: A, C: null, Hashes|contains: MD5=0a}
  f: {CommandLine|contains|all: [a, b], N|neq: 5}
  keywords: [x, y]
  condition: s and not f or keywords
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::sigma;
  static const RuleSet* const kRuleSet = [] {
    std::vector<ParsedFile> files;
    files.push_back(parse_file("fuzz.yml", kRules));
    return new RuleSet(link(std::move(files)));
  }();
  CHECK_EQ(kRuleSet->rules.size(), 1u);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Diagnostic> diagnostics;
  const auto pipeline = Pipeline::parse("fuzz.yml", text, diagnostics);
  // Added conditions are read as a rule's are, and may be warned of.
  const bool has_error = std::ranges::any_of(
      diagnostics, [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::error; });
  CHECK_EQ(pipeline == nullptr, has_error);
  for (const Diagnostic& diagnostic : diagnostics) CHECK(!render(diagnostic, text).empty());
  if (pipeline == nullptr) return 0;
  Rule rule = kRuleSet->rules.front();
  std::string refusal;
  CHECK_EQ(pipeline->apply(rule, refusal), refusal.empty());
  return 0;
}
