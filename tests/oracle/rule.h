#pragma once

// A slow, obvious Sigma evaluator: the proof that the product's quick one is held against. It reads the YAML tree
// itself and shares no code with src/sigma or src/match; what the specification leaves open is decided in
// docs/semantics-sigma.md. A Rule is constant once made; because of its regular expressions, one thread uses it at a
// time.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oracle/event.h"
#include "oracle/reading.h"
#include "oracle/regex.h"

namespace weir::oracle {

enum class Comparison { lt, lte, gt, gte, eq };
enum class TimePart { minute, hour, day, week, month, year };

// What one value of a field must be like.
struct Test {
  enum class Kind { pattern, regex, cidr, number, time, exists, null, field_ref };
  Kind kind = Kind::pattern;
  std::u32string pattern;
  bool cased = false;  // Of a pattern or a field reference.
  Regex regex;
  Network network;
  Comparison comparison = Comparison::eq;
  Number number;
  TimePart part = TimePart::minute;
  bool expected = true;     // Of `exists`.
  std::string other_field;  // Of a field reference,
  bool starts = false;      // with startswith,
  bool ends = false;        // with endswith; both: contains.
};

struct Node {
  enum class Kind { all_of, any_of, negation, leaf };
  Kind kind = Kind::all_of;
  std::vector<std::shared_ptr<const Node>> children;
  std::string field;  // Of a leaf; empty: a keyword.
  Test test;
};

bool holds(const Node& node, const ReadEvent& event);

struct LogsourceParts {
  std::string product;
  std::string category;
  std::string service;

  bool selects(const Logsource& source) const;
};

struct Rule {
  std::string id;
  std::string name;
  std::string title;
  LogsourceParts logsource;
  std::shared_ptr<const Node> condition;

  bool fires(const ReadEvent& event) const { return logsource.selects(event.logsource()) && holds(*condition, event); }
};

// Placeholder name → its values, for `expand`.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

// All detection rules in `yaml_text`, with the filters that stand in the same text applied. Any invalid document makes
// the whole an error.
Result<std::vector<Rule>> read_rules(std::string_view yaml_text, const Placeholders& placeholders = {});

// The same for a text that holds exactly one detection rule.
Result<Rule> read_rule(std::string_view yaml_text, const Placeholders& placeholders = {});

}  // namespace weir::oracle
