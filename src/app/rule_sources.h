#pragma once

// Where rules come from: files, folders, zips, or the pack inside the binary; and the way from their text to what
// matches events: parsing, linking, pipelines, choice, plan.

#include <string>
#include <unordered_map>
#include <vector>

#include "app/scan/scan.h"
#include "base/result.h"
#include "sigma/diagnostic.h"
#include "sigma/rule_set.h"

namespace weir::app {

struct SourceText {
  std::string path;
  std::string text;
};

// The texts of all rule files (.yml, .yaml; `*.test.yml` left out) at these paths, in their order; none given: the pack
// inside the binary, whose paths begin with "builtin:".
Result<std::vector<SourceText>> read_rule_texts(const std::vector<std::string>& paths);

struct RuleChoice {
  sigma::Level level_min = sigma::Level::informational;  // --level
  std::vector<std::string> rules;                        // --rule: id, or glob over title or file name; empty: all.
  std::vector<std::string> pipelines;                    // Files of processing pipelines, applied before the built-in.
};

struct LoadedRules {
  ScanRules scan;
  sigma::RuleSet set;  // `set.rules` is moved to `scan.rules`.
  std::vector<SourceText> texts;
  std::size_t documents_failed = 0;
  std::size_t not_chosen = 0;
  std::vector<std::string> not_found;   // Of RuleChoice::rules, one that no rule fits, as a message.
  std::vector<std::string> need_lists;  // Titles of rules left out because a placeholder has no list.
};

// Parses and plans; single rules that are wrong are in the diagnostics and left out.
Result<LoadedRules> load_rules(std::vector<SourceText> texts, const RuleChoice& choice);

// Whether `wanted`, as --rule takes it, is a correlation among them.
bool names_correlation(const LoadedRules& loaded, const std::string& wanted);

}  // namespace weir::app
