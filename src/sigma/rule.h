#pragma once

// A Sigma detection rule after parsing: every modifier applied, the condition resolved to a tree. What comes later
// (pipelines, planning, explaining) works on these trees only. Plain data; immutable once loaded, shared by all
// threads.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/logsource.h"
#include "match/cidr.h"
#include "match/pattern.h"
#include "match/regex.h"
#include "sigma/decimal.h"
#include "sigma/diagnostic.h"
#include "yaml/node.h"

namespace weir::sigma {

enum class Level : std::uint8_t { informational, low, medium, high, critical };
std::string_view to_string(Level level);
// From the lowest to the highest.
std::span<const std::string_view> level_names();
// Case-sensitive, as the specification has it; false if there is no such level.
bool parse_level(std::string_view text, Level& level);

enum class Comparison : std::uint8_t { lt, lte, gt, gte, eq };
enum class TimePart : std::uint8_t { minute, hour, day, week, month, year };

// The value, as text, fits the pattern. Numbers and booleans of a rule are patterns too ("4688", "true"): they equal an
// event's value when the texts do. Event strings, numbers and booleans have text; null has none.
struct PatternTest {
  match::Pattern pattern;
  bool cased = false;
};
struct RegexTest {
  std::shared_ptr<const match::Regex> regex;
};
struct CidrTest {
  match::Cidr network;
  std::string text;  // As written.
};
// The value read as a decimal number compares so; a value that is no number never does.
struct NumberTest {
  Comparison comparison;
  Decimal number;
};
// The field is there (whatever its value, null included) or is not.
struct ExistsTest {
  bool expected;
};
// The field is absent or null.
struct NullTest {};
// The value equals (starts with, ends with, contains) the value of another field of the same event. A missing or null
// other field: false.
struct FieldRefTest {
  std::string field;
  bool starts = false;
  bool ends = false;  // starts and ends both: contains.
  bool cased = false;
};
// A part of the date that the value holds, in the zone it is written in.
struct TimeTest {
  TimePart part;
  Comparison comparison;
  std::int64_t number;
};
// A text with %placeholders% that no pipeline has filled in yet; a rule that still holds one cannot run.
struct PlaceholderTest {
  std::string text;  // Sigma text, placeholders included; `\%` is a plain percent sign.
  bool open_front = false;
  bool open_back = false;
  bool cased = false;
  std::shared_ptr<const std::vector<std::string>> later_modifiers;  // Applied to each value after it is filled in.
};

using ValueTest = std::variant<PatternTest, RegexTest, CidrTest, NumberTest, ExistsTest, NullTest, FieldRefTest,
                               TimeTest, PlaceholderTest>;

// One leaf. A field that holds several values (a JSON array) passes if any of them does.
struct FieldTest {
  std::string field;  // Empty: a keyword, looked for in every value of the event.
  ValueTest test;
  yaml::Mark mark;      // Of the value in the rule's file.
  yaml::Mark key_mark;  // Of the field's name there; of the value, for keywords.
  // For people, and an alert's `matched`: "contains 'sekurlsa'". A leaf has one value, so it never says "is one of".
  std::string text;
};

enum class ExprKind : std::uint8_t { all_of, any_of, negation, leaf };

// all_of without children is true, any_of without children is false.
struct Expr {
  ExprKind kind = ExprKind::all_of;
  std::string label;                      // The selection's name, or the condition's text at the root; empty inside.
  std::vector<Expr> children;             // One for a negation, none for a leaf.
  std::shared_ptr<const FieldTest> leaf;  // Shared between copies of a tree: variants of a rule differ in few leaves.
  // The root of what one key of the rule became, all values of it, or one list of keywords: pySigma's "detection item",
  // which pipelines speak of.
  bool is_item = false;
};

Expr leaf_of(FieldTest test);
// One tree instead of a list of one.
Expr joined(ExprKind kind, std::vector<Expr> children);
Expr negated(Expr child);

struct RelatedRule {
  std::string id;
  std::string type;
};

// What alerts and lists show. Shared by a rule's variants.
struct RuleInfo {
  std::string id;  // The rule's `id`; where it has none, a UUID made from path and title.
  std::string title;
  std::string name;
  std::string status;
  std::string description;
  std::string author;  // Lists are joined with ", ".
  std::string date;
  std::string modified;  // Is the alert document's `version`; `date` where there is none.
  std::string license;
  std::string taxonomy;
  Level level = Level::medium;
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::vector<std::string> fields;
  std::vector<std::string> falsepositives;
  std::vector<RelatedRule> related;
  std::string path;  // The file, as given.
  yaml::Mark mark;   // Of the document.
  Place id_place;    // Of the id's value; the document's beginning where there is none.
  Place name_place;  // Likewise.
};

struct Rule {
  std::shared_ptr<const RuleInfo> info;
  event::LogsourceSelector logsource;
  Expr condition;
};

// Another document's id or name, as written.
struct Reference {
  std::string text;
  Place place;
};

enum class CorrelationType : std::uint8_t {
  event_count,
  value_count,
  temporal,
  temporal_ordered,
  value_sum,
  value_avg,
  value_percentile,
  value_median
};

// A correlation document, parsed and checked; it runs in the engine, not in a scan of single events.
struct Correlation {
  std::shared_ptr<const RuleInfo> info;
  CorrelationType type = CorrelationType::event_count;
  std::vector<Reference> rules;
  std::vector<std::string> group_by;
  struct Alias {
    std::string name;
    std::vector<std::pair<std::string, std::string>> fields;  // Rule → field.
  };
  std::vector<Alias> aliases;
  std::int64_t timespan_seconds = 0;
  struct Condition {
    std::string comparison;  // gt gte lt lte eq neq
    Decimal number;
  };
  std::vector<Condition> conditions;  // Joined with "and".
  std::vector<std::string> fields;    // The condition's `field`.
  std::string extended_condition;     // Of a temporal correlation: "rule_a and not rule_b".
  Decimal percentile;                 // value_percentile with `percentile:`.
  bool generate = false;              // The rules alert on their own, too. For the engine: in a scan they all do.
};

// A global filter. What its condition selects is suppressed in the rules that it names; a condition that begins with
// "not" names what stays. docs/decisions/0007-filters.md says why both are read.
struct Filter {
  std::shared_ptr<const RuleInfo> info;
  event::LogsourceSelector logsource;
  bool any_rule = false;  // `rules: any`, or none given.
  std::vector<Reference> rules;
  Expr condition;
  bool names_what_stays = false;
};

}  // namespace weir::sigma
