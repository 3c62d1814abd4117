#pragma once

// Random rules with events that nearly fit them, from a seed: the same seed gives the same pair on every machine. Small
// alphabets and events made after the rule's own values let about half of the events fire. A pair that two engines
// disagree about is shrunk, piece by piece, as long as they still disagree.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "oracle/event.h"
#include "oracle/rule.h"

namespace weir::oracle {

// A rule as its parts, so that parts can be dropped.
struct RuleValue {
  std::string text;
  bool quoted = true;  // Else written bare: a number, a boolean, null.
};

struct RuleItem {
  std::string field;  // Empty: keywords under modifiers.
  std::vector<std::string> modifiers;
  std::vector<RuleValue> values;
  bool as_list = false;  // Also where there is one value only.
};

// One or several maps, or a list of keywords.
struct RuleSelection {
  std::string name;
  std::vector<std::vector<RuleItem>> maps;
  std::vector<RuleValue> keywords;
};

struct RuleCondition {
  enum class Kind { name, quantifier, negation, all_of, any_of };
  Kind kind = Kind::name;
  std::string text;  // Of a name or a quantifier ("1 of sel*").
  std::vector<RuleCondition> parts;
};

struct RuleParts {
  std::string category;  // Of the log source; may be empty.
  std::vector<RuleSelection> selections;
  std::vector<RuleCondition> conditions;
  std::optional<RuleSelection> filter;  // Of a filter document that names this rule.
};

struct Pair {
  std::uint64_t seed = 0;
  RuleParts parts;
  Placeholders placeholders;
  std::vector<Event> events;

  std::string rule_text() const;  // YAML: the rule, and its filter if there is one.
};

Pair make_pair(std::uint64_t seed);

// What an engine says of each event of a pair, or why it rejects the rule.
using Verdicts = Result<std::vector<bool>>;
using Engine = std::function<Verdicts(const Pair&)>;

// The oracle as an engine.
Verdicts evaluate(const Pair& pair);

struct Disagreement {
  Pair pair;         // Shrunk: one event, if the engines disagree about a verdict.
  std::string text;  // For people: seed, rule, event, and what each engine says.
};

// The first pair of [first_seed, first_seed + count) on which the engines disagree.
std::optional<Disagreement> compare(std::uint64_t first_seed, std::uint64_t count, const Engine& a, const Engine& b);

// The smallest pair found by dropping parts of `pair` while the engines disagree in the same way.
Pair shrink(Pair pair, const Engine& a, const Engine& b);

// The event as JSON, for messages.
std::string to_text(const Event& event);

}  // namespace weir::oracle
