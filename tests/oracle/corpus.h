#pragma once

// Real rules and real events for the oracle: rule folders, events as flat JSON lines, and what the product's own
// parsers made of any input. A (rule, event) pair whose verdict is known is handed to the caller one by one.

#include <functional>
#include <string>
#include <vector>

#include "event/batch.h"
#include "oracle/event.h"
#include "oracle/rule.h"

namespace weir::oracle {

struct CorpusRule {
  std::string path;  // Below the folder.
  Rule rule;
};

struct RejectedRule {
  std::string path;
  std::string reason;
};

struct RuleCorpus {
  std::vector<CorpusRule> rules;
  std::vector<RejectedRule> rejected;  // With an `expand` that has no values, correlations, …
};

// All *.yml files under the folders, in the order of their paths.
RuleCorpus load_rules(const std::string& root, const std::vector<std::string>& folders);

// The folders of SigmaHQ's active rules.
const std::vector<std::string>& active_rule_folders();

// One event from a flat JSON object: strings, numbers, booleans, nulls; an array of such is several values, anything
// nested is JSON text.
Result<Event> read_flat_event(std::string_view json);

// One JSON object a line; a line that is none is an error.
Result<std::vector<Event>> read_flat_events(const std::string& path);

// A row of the product's parsers. Malformed cells are as the product made them.
Event event_of(event::Batch& batch, const event::Row& row);

// Calls `handle(rule, fires)` for each rule.
void evaluate_all(const std::vector<CorpusRule>& rules, const Event& event,
                  const std::function<void(const CorpusRule&, bool)>& handle);

}  // namespace weir::oracle
