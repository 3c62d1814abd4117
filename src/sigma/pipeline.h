#pragma once

// Processing pipelines in pySigma's YAML form, applied to rules when they are loaded; events keep the names that their
// source gave them. Built-in pipelines turn one rule into several variants (docs/decisions/0005): a rule on Windows
// process creation becomes one on Sysmon's EventID 1 and one on Security's EventID 4688 with mapped fields. Pure.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/diagnostic.h"
#include "sigma/plan.h"
#include "sigma/rule.h"

namespace weir::sigma {

class Pipeline {
 public:
  struct Parsed;

  // Reads one YAML document; null, and diagnostics, if it cannot be used.
  static std::shared_ptr<const Pipeline> parse(std::string_view path, std::string_view text,
                                               std::vector<Diagnostic>& diagnostics);

  ~Pipeline();
  const std::string& name() const;
  int priority() const;

  // Whether any transformation would touch a rule of this logsource.
  bool speaks_of(const Rule& rule) const;

  // Applies all transformations in their order; false if the pipeline refuses the rule (`rule_failure`), with the
  // reason in `refusal`.
  bool apply(Rule& rule, std::string& refusal) const;

 private:
  explicit Pipeline(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

// The pipelines inside the binary, each of which makes variants.
const std::vector<std::shared_ptr<const Pipeline>>& builtin_pipelines();

struct VariantSet {
  std::vector<Variant> variants;        // Sorted by rule.
  std::vector<Diagnostic> diagnostics;  // Refused rules, placeholders without a list.
  std::vector<std::uint32_t> unusable;  // Rules that yielded no variant because of that.
};

// Applies the user's pipelines to every rule, by priority, then makes variants: the rule itself and one per built-in
// pipeline that speaks of it.
VariantSet make_variants(const std::vector<Rule>& rules, const std::vector<std::shared_ptr<const Pipeline>>& user);

}  // namespace weir::sigma
