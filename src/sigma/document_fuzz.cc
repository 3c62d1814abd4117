// Any bytes as a rule file: every document ends in a tree or in an error, and everything can be shown and linked.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "sigma/lint.h"
#include "sigma/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir::sigma;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ParsedFile file = parse_file("fuzz.yml", text);
  bool has_error = false;
  for (const Diagnostic& diagnostic : file.diagnostics) {
    CHECK_GE(diagnostic.mark.line, 1u);
    CHECK_GE(diagnostic.mark.column, 1u);
    CHECK(!render(diagnostic, text).empty());
    has_error = has_error || diagnostic.severity == Severity::error;
  }
  CHECK_EQ(file.failed > 0, has_error);
  CHECK(!to_sarif(file.diagnostics, "1").empty());
  std::vector<ParsedFile> files;
  files.push_back(std::move(file));
  files.push_back(parse_file("again.yml", text));  // Every id twice.
  const RuleSet set = link(std::move(files));
  for (const Rule& rule : set.rules) CHECK(rule.info != nullptr);
  for (const Diagnostic& diagnostic : lint(set.rules)) CHECK(!render(diagnostic, text).empty());
  return 0;
}
