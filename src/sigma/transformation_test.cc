#include "sigma/transformation.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/pipeline.h"
#include "sigma/rule_set.h"
#include "sigma/tree_text.h"

namespace weir::sigma {
namespace {

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += fmt::format("{}{}\n", indent, text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

Rule rule_with(std::string_view selection, std::string_view more = "") {
  const std::string text = fmt::format(
      "title: T\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlevel: high\nstatus: test\ndate: 2024-05-01\n"
      "tags: [attack.t1003, attack.execution]\nlogsource: {{product: windows, category: process_creation}}\n"
      "detection:\n  s:\n{}  condition: s\n{}",
      indented(selection, "    "), more);
  std::vector<ParsedFile> files;
  files.push_back(parse_file("r.yml", text));
  RuleSet set = link(std::move(files));
  EXPECT_EQ(set.rules.size(), 1u) << text << (set.diagnostics.empty() ? "" : render(set.diagnostics[0], text));
  return set.rules.empty() ? Rule{} : std::move(set.rules.front());
}

// The rule's tree after a pipeline of these steps (each a flow map), or the diagnostics, or the refusal.
std::string transformed(const std::vector<std::string>& steps, std::string_view selection, std::string_view vars = "") {
  std::string text(vars);
  text += "transformations:\n";
  for (const std::string& step : steps) text += fmt::format("  - {{{}}}\n", step);
  std::vector<Diagnostic> diagnostics;
  const auto pipeline = Pipeline::parse("p.yml", text, diagnostics);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic, text);
  if (pipeline == nullptr) return out;
  Rule rule = rule_with(selection);
  std::string refusal;
  if (!pipeline->apply(rule, refusal)) return "refused: " + refusal;
  return out + tree_text(rule.condition);
}

struct Case {
  std::string name;
  std::vector<std::string> steps;
  std::string selection;
  std::string expected;
};

void check(const std::vector<Case>& cases) {
  for (const Case& each : cases) EXPECT_EQ(transformed(each.steps, each.selection), each.expected) << each.name;
}

TEST(Transformation, FieldsAreMapped) {
  const std::string map_a = "type: field_name_mapping, mapping: {A: X}";
  const std::string map_two = "type: field_name_mapping, mapping: {A: [X, Y]}";
  check({
      {"one name", {map_a}, "A: 1\nB: 2", "s: all(X is '1', B is '2')"},
      {"other fields and case stay", {map_a}, "a: 1", "s: a is '1'"},
      {"modifiers stay", {map_a}, "A|contains: x", "s: X contains 'x'"},
      {"keywords have no field", {map_a}, "- A", "s: * contains 'A'"},
      {"several names are alternatives", {map_two}, "A: 1", "s: any(X is '1', Y is '1')"},
      {"all values in one of the fields",
       {map_two},
       "A|contains|all: [p, q]",
       "s: any(all(X contains 'p', X contains 'q'), all(Y contains 'p', Y contains 'q'))"},
      {"a negated item is not in any of them", {map_two}, "A|neq: 1", "s: not(any(X is '1', Y is '1'))"},
      {"null in all of them", {map_two}, "A: null", "s: all(X is null, Y is null)"},
      {"references are renamed", {map_a}, "B|fieldref: A", "s: B equals field 'X'"},
      {"a chain of mappings", {map_a, "type: field_name_mapping, mapping: {X: Z}"}, "A: 1", "s: Z is '1'"},
      {"prefix", {"type: field_name_prefix, prefix: win."}, "A: 1\nB: 2", "s: all(win.A is '1', win.B is '2')"},
      {"suffix", {"type: field_name_suffix, suffix: .keyword"}, "A: 1", "s: A.keyword is '1'"},
      {"the longest prefix",
       {"type: field_name_prefix_mapping, mapping: {win: w, win.proc: p}"},
       "win.proc.id: 1\nwin.x: 2\ny: 3",
       "s: all(p.id is '1', w.x is '2', y is '3')"},
  });
}

TEST(Transformation, DroppedItemsDemandNothing) {
  const std::string drop = "type: drop_detection_item, field_name_conditions: [{type: include_fields, fields: [A]}]";
  check({
      {"one of two", {drop}, "A: 1\nB: 2", "s: all(B is '2')"},
      {"with all its values", {drop}, "A: [1, 2]\nB: 2", "s: all(B is '2')"},
      {"with its negation", {drop}, "A|neq: 1\nB: 2", "s: all(B is '2')"},
      {"one of several maps", {drop}, "- A: 1\n- B: 2", "s: any(B is '2')"},
      {"not the only one",
       {drop},
       "A: 1",
       "refused: nothing is left of the rule: each of its detection items was dropped"},
  });
}

TEST(Transformation, ConditionsAreAdded) {
  check({
      {"values are alternatives",
       {"type: add_condition, conditions: {E: [1, 2], F: x}"},
       "A: 1",
       "all(added by pipeline: all(any(E is '1', E is '2'), F is 'x'), s: A is '1')"},
      {"modifiers",
       {"type: add_condition, conditions: {E|contains: x}"},
       "A: 1",
       "all(added by pipeline: E contains 'x', s: A is '1')"},
      {"negated",
       {"type: add_condition, negated: true, conditions: {E: 1}"},
       "A: 1",
       "all(added by pipeline: not(E is '1'), s: A is '1')"},
      {"template",
       {"type: add_condition, template: true, conditions: {index: '${product}-$category-*'}"},
       "A: 1",
       "all(added by pipeline: index starts with 'windows-process_creation-', s: A is '1')"},
      {"no template unless asked",
       {"type: add_condition, conditions: {index: $product}"},
       "A: 1",
       "all(added by pipeline: index is '$product', s: A is '1')"},
      {"before a mapping that speaks of it",
       {"type: add_condition, conditions: {E: 1}", "type: field_name_mapping, mapping: {E: G}"},
       "A: 1",
       "all(added by pipeline: G is '1', s: A is '1')"},
  });
}

TEST(Transformation, ValuesAreChanged) {
  check({
      {"replaced", {R"(type: replace_string, regex: '^C:', replacement: 'D:')"}, R"(A: 'C:\x')", R"(s: A is 'D:\x')"},
      {"with groups", {R"(type: replace_string, regex: '(a+)(b)', replacement: '\2\1')"}, "A: xaab", "s: A is 'xbaa'"},
      {"wildcards are seen",
       {R"(type: replace_string, regex: '^x', replacement: y)"},
       "A|contains: x",
       "s: A contains 'x'"},
      {"or skipped",
       {R"(type: replace_string, regex: '^x', replacement: y, skip_special: true)"},
       "A|contains: x",
       "s: A contains 'y'"},
      {"skipped ones cannot be made",
       {R"(type: replace_string, regex: x, replacement: '*', skip_special: true)"},
       "A: axb",
       "s: A is 'a*b'"},
      {"unless interpreted",
       {R"(type: replace_string, regex: x, replacement: '*', skip_special: true, interpret_special: true)"},
       "A: axb",
       "s: A fits 'a*b'"},
      {"not in regular expressions",
       {"type: replace_string, regex: x, replacement: y"},
       "A|re: x",
       "s: A matches regex 'x'"},
      {"numbers too", {"type: replace_string, regex: '^46', replacement: '47'"}, "A: 4688", "s: A is '4788'"},
      {"map_string to one",
       {"type: map_string, mapping: {High: S-1-16-12288}"},
       "A: [High, Low]",
       "s: any(A is 'S-1-16-12288', A is 'Low')"},
      {"map_string to several", {"type: map_string, mapping: {a: [b, c]}"}, "A: a", "s: any(A is 'b', A is 'c')"},
      {"map_string wants the whole value", {"type: map_string, mapping: {a: b}"}, "A: ab", "s: A is 'ab'"},
      {"set_value", {"type: set_value, value: 5"}, "A|contains: [x, y]", "s: any(A is '5', A is '5')"},
      {"set_value null", {"type: set_value, value: null"}, "A: x", "s: A is null"},
      {"case lower", {"type: case"}, "A|cased: AbC*", "s: A starts with 'abc', letter case included"},
      {"case upper", {"type: case, method: upper"}, "A|cased: AbC", "s: A is 'ABC', letter case included"},
      {"case snake",
       {"type: case, method: snake_case"},
       "A|cased: processCreation",
       "s: A is 'process_creation', letter case included"},
      {"hashes",
       {"type: hashes_fields, valid_hash_algos: [MD5, SHA256], field_prefix: File"},
       "Hashes|contains: ['MD5=0a', 'sha256=0b']",
       "s: any(FileMD5 is '0a', FileSHA256 is '0b')"},
      {"hashes by length",
       {"type: hashes_fields, valid_hash_algos: [MD5]"},
       "Hashes: d41d8cd98f00b204e9800998ecf8427e",
       "s: MD5 is 'd41d8cd98f00b204e9800998ecf8427e'"},
      {"hashes of other algorithms",
       {"type: hashes_fields, valid_hash_algos: [MD5]"},
       "Hashes: SHA1=0a",
       "refused: 'SHA1=0a' in field Hashes is a hash of none of these algorithms: MD5"},
  });
}

TEST(Transformation, PlaceholdersBecomeEachValueOfTheirList) {
  const std::string vars = "vars:\n  admins: [root, 'adm_*']\n  one: x\n  percent: 'a%b%'\n  nets: [10.0.0.0/8]\n";
  const std::string fill = "type: value_placeholders";
  const std::vector<Case> cases = {
      {"values", {fill}, "U|expand: '%admins%'", "s: any(U is 'root', U starts with 'adm_')"},
      {"inside a text", {fill}, "U|expand: 'a-%one%-b'", "s: U is 'a-x-b'"},
      {"two of them", {fill}, "U|expand: '%admins%%one%'", "s: any(U is 'rootx', U fits 'adm_*x')"},
      {"percent signs of a value stay", {fill}, "U|expand: '%percent%'", "s: U is 'a%b%'"},
      {"with contains", {fill}, "U|contains|expand: '%one%'", "s: U contains 'x'"},
      {"networks", {fill}, "U|expand|cidr: '%nets%'", "s: U is in 10.0.0.0/8"},
      {"only some",
       {fill + ", include: [admins]"},
       "U|expand: ['%one%', '%admins%']",
       "s: any(U is one of the values of '%one%', any(U is 'root', U starts with 'adm_'))"},
      {"all but some",
       {fill + ", exclude: [admins]"},
       "U|expand: ['%one%', '%admins%']",
       "s: any(U is 'x', U is one of the values of '%admins%')"},
      {"none known", {fill}, "U|expand: '%other%'", "s: U is one of the values of '%other%'"},
      {"anything", {"type: wildcard_placeholders"}, "U|expand: 'a%other%'", "s: U starts with 'a'"},
      {"lists first, then anything",
       {fill, "type: wildcard_placeholders"},
       "U|expand: '%one%-%other%'",
       "s: U starts with 'x-'"},
  };
  for (const Case& each : cases) EXPECT_EQ(transformed(each.steps, each.selection, vars), each.expected) << each.name;
}

TEST(Transformation, PlaceholdersDoNotFillMemory) {
  std::string vars = "vars:\n  many: [";
  for (int i = 0; i < 100; ++i) vars += fmt::format("v{},", i);
  vars += "]\n";
  EXPECT_EQ(transformed({"type: value_placeholders"}, "U|expand: '%many%%many%%many%'", vars),
            "refused: filling the placeholders of '%many%%many%%many%' makes more than 100000 values");
}

// Steps that mark what they change with X, under a condition.
std::string marks(std::string_view conditions, std::string_view selection,
                  const std::vector<std::string>& before = {}) {
  std::vector<std::string> steps = before;
  steps.push_back(fmt::format("id: last, type: field_name_suffix, suffix: _X, {}", conditions));
  return transformed(steps, selection);
}

TEST(Transformation, RuleConditionsAreOfTheRule) {
  const auto holds = [](std::string_view condition) {
    return marks(fmt::format("rule_conditions: [{{{}}}]", condition), "A: [1, 'x*']") !=
           "s: any(A is '1', A starts with 'x')";
  };
  for (const std::string_view condition :
       {"type: logsource, product: windows", "type: logsource, product: windows, category: process_creation",
        "type: contains_field, field: A", "type: contains_detection_item, field: A, value: 1",
        "type: contains_detection_item, field: A, value: 'X*'", "type: is_sigma_rule", "type: tag, tag: attack.t1003",
        "type: rule_attribute, attribute: level, value: high",
        "type: rule_attribute, attribute: level, op: gte, value: medium",
        "type: rule_attribute, attribute: level, op: ne, value: low",
        "type: rule_attribute, attribute: status, op: gt, value: experimental",
        "type: rule_attribute, attribute: date, op: lt, value: 2024-06-01",
        "type: rule_attribute, attribute: tags, op: in, value: attack.t1003",
        "type: rule_attribute, attribute: tags, op: not_in, value: attack.t1004",
        "type: rule_attribute, attribute: title, value: T"}) {
    EXPECT_TRUE(holds(condition)) << condition;
  }
  for (const std::string_view condition :
       {"type: logsource, product: linux", "type: logsource, product: windows, service: sysmon",
        "type: contains_field, field: B", "type: contains_field, field: a",
        "type: contains_detection_item, field: A, value: x", "type: is_sigma_correlation_rule",
        "type: tag, tag: attack.t1004", "type: rule_attribute, attribute: level, op: gt, value: high",
        "type: rule_attribute, attribute: date, op: gte, value: 2024-06-01",
        "type: rule_attribute, attribute: tags, value: attack.t1003",
        "type: rule_attribute, attribute: nothing, value: x", "type: processing_item_applied, processing_item_id: a",
        "type: processing_state, key: a, val: b"}) {
    EXPECT_FALSE(holds(condition)) << condition;
  }
}

TEST(Transformation, ItemConditionsSpeakOfAllValuesOfAnItem) {
  const auto holds = [](std::string_view condition, std::string_view selection) {
    return marks(fmt::format("detection_item_conditions: [{{{}}}]", condition), selection).find("_X") !=
           std::string::npos;
  };
  struct Expected {
    std::string_view condition, selection;
    bool holds;
  };
  for (const Expected& each :
       std::vector<Expected>{{"type: match_string, pattern: ab", "A: abc", true},
                             {"type: match_string, pattern: b", "A: abc", false},  // From the beginning.
                             {"type: match_string, pattern: ab", "A: [x, abc]", true},
                             {"type: match_string, cond: all, pattern: ab", "A: [x, abc]", false},
                             {"type: match_string, cond: all, pattern: ab", "A: [abd, abc]", true},
                             {"type: match_string, pattern: ab, negate: true", "A: abc", false},
                             {"type: match_string, pattern: ab, negate: true", "A: x", true},
                             {"type: match_string, pattern: ab", "A|re: ab", false},
                             {"type: match_value, value: ABC", "A: abc", true},
                             {"type: match_value, value: 12", "A: 12", true},
                             {"type: match_value, value: 12", "A: 123", false},
                             {"type: contains_wildcard", "A|contains: x", true},
                             {"type: contains_wildcard", R"(A: 'x\*')", false},
                             {"type: contains_wildcard, cond: all", "A: [x, y*]", false},
                             {"type: is_null", "A: null", true},
                             {"type: is_null", "A: ''", false}}) {
    EXPECT_EQ(holds(each.condition, each.selection), each.holds) << each.condition << " on " << each.selection;
  }
  // Both values are changed if one of them fits.
  EXPECT_EQ(marks("detection_item_conditions: [{type: match_string, pattern: ab}]", "A: [x, abc]"),
            "s: any(A_X is 'x', A_X is 'abc')");
}

TEST(Transformation, FieldConditionsAreOfNames) {
  EXPECT_EQ(marks("field_name_conditions: [{type: include_fields, fields: [A]}]", "A: 1\nB: 2"),
            "s: all(A_X is '1', B is '2')");
  EXPECT_EQ(marks("field_name_conditions: [{type: exclude_fields, fields: [A]}]", "A: 1\nB: 2"),
            "s: all(A is '1', B_X is '2')");
  EXPECT_EQ(marks("field_name_conditions: [{type: include_fields, mode: re, fields: ['A.*c']}]", "Abc: 1\nxAbc: 2"),
            "s: all(Abc_X is '1', xAbc is '2')");
  EXPECT_EQ(marks("field_name_conditions: [{type: include_fields, fields: [A]}]", "B|fieldref: A"),
            "s: B equals field 'A_X'");
  EXPECT_EQ(marks("field_name_conditions: [{type: exclude_fields, fields: [A]}]", "B|fieldref: A"),
            "s: B_X equals field 'A'");
}

TEST(Transformation, ConditionsAreJoinedAndNegated) {
  const std::string list = "rule_conditions: [{type: contains_field, field: A}, {type: contains_field, field: B}]";
  EXPECT_EQ(marks(list, "A: 1"), "s: A is '1'");
  EXPECT_EQ(marks(list, "A: 1\nB: 2"), "s: all(A_X is '1', B_X is '2')");
  EXPECT_EQ(marks(list + ", rule_cond_op: or", "A: 1"), "s: A_X is '1'");
  EXPECT_EQ(marks(list + ", rule_cond_not: true", "A: 1"), "s: A_X is '1'");
  EXPECT_EQ(marks(list + ", rule_cond_op: or, rule_cond_not: true", "A: 1"), "s: A is '1'");
  const std::string map =
      "rule_conditions: {a: {type: contains_field, field: A}, b: {type: contains_field, field: B}, c: {type: "
      "contains_field, field: C}}";
  EXPECT_EQ(marks(map + ", rule_cond_expr: a and not (b or c)", "A: 1"), "s: A_X is '1'");
  EXPECT_EQ(marks(map + ", rule_cond_expr: a and not (b or c)", "A: 1\nC: 2"), "s: all(A is '1', C is '2')");
  EXPECT_EQ(
      marks("field_name_conditions: [{type: include_fields, fields: [A]}], field_name_cond_not: true", "A: 1\nB: 2"),
      "s: all(A is '1', B_X is '2')");
}

TEST(Transformation, StepsSeeWhatEarlierOnesDid) {
  const std::string map_a = "id: map, type: field_name_mapping, mapping: {A: Y}";
  const auto seen = [&](std::string_view conditions, std::string_view selection) {
    return marks(conditions, selection, {map_a, "type: set_state, key: index, val: 7"});
  };
  const std::string applied = "type: processing_item_applied, processing_item_id: map";
  EXPECT_EQ(seen("rule_conditions: [{" + applied + "}]", "A: 1\nB: 2"), "s: all(Y_X is '1', B_X is '2')");
  EXPECT_EQ(seen("rule_conditions: [{" + applied + "}]", "B: 2"), "s: B is '2'");
  EXPECT_EQ(seen("detection_item_conditions: [{" + applied + "}]", "A: 1\nB: 2"), "s: all(Y_X is '1', B is '2')");
  EXPECT_EQ(seen("field_name_conditions: [{" + applied + "}]", "A: 1\nB: 2"), "s: all(Y_X is '1', B is '2')");
  EXPECT_EQ(seen("rule_conditions: [{type: processing_state, key: index, val: 7}]", "B: 2"), "s: B_X is '2'");
  EXPECT_EQ(seen("rule_conditions: [{type: processing_state, key: index, op: gt, val: 10}]", "B: 2"), "s: B is '2'");
  EXPECT_EQ(seen("field_name_conditions: [{type: processing_state, key: index, op: ne, val: 8}]", "B: 2"),
            "s: B_X is '2'");
  EXPECT_EQ(marks("rule_conditions: [{type: rule_attribute, attribute: team, value: red}]", "B: 2",
                  {"type: set_custom_attribute, attribute: team, value: red"}),
            "s: B_X is '2'");
}

TEST(Transformation, NestedStepsWorkTogetherOrNotAtAll) {
  const std::string items =
      "type: nest, items: [{type: field_name_suffix, suffix: 1}, {type: field_name_suffix, suffix: 2, rule_conditions: "
      "[{type: tag, tag: attack.t1003}]}], ";
  EXPECT_EQ(transformed({items + "rule_conditions: [{type: logsource, product: windows}]"}, "A: x"), "s: A12 is 'x'");
  EXPECT_EQ(transformed({items + "rule_conditions: [{type: logsource, product: linux}]"}, "A: x"), "s: A is 'x'");
}

TEST(Transformation, RefusalsSayWhy) {
  EXPECT_EQ(transformed({"type: rule_failure, message: no such events"}, "A: 1"), "refused: no such events");
  EXPECT_EQ(transformed({"type: detection_item_failure, message: no such field, field_name_conditions: [{type: "
                         "include_fields, fields: [B]}]"},
                        "A: 1\nB: 2"),
            "refused: no such field (field B)");
}

TEST(Transformation, MistakesAreReportedAtTheirPlace) {
  check({
      {"unknown type",
       {"type: field_name_maping, mapping: {A: B}"},
       "A: 1",
       "p.yml:2:12: error: transformation 'field_name_maping' is not known\n"
       "   - {type: field_name_maping, mapping: {A: B}}\n"
       "            ^~~~~~~~~~~~~~~~~ did you mean 'field_name_mapping'?\n"},
      {"type of queries",
       {"type: file_placeholders"},
       "A: 1",
       "p.yml:2:12: error: transformation 'file_placeholders' is not supported\n"
       "   - {type: file_placeholders}\n"
       "            ^~~~~~~~~~~~~~~~~ put the values under 'vars' and use 'value_placeholders'\n"},
      {"no type",
       {"id: a"},
       "A: 1",
       "p.yml:2:5: error: the transformation needs 'type'\n"
       "   - {id: a}\n"
       "     ^\n"},
      {"unknown parameter",
       {"type: field_name_prefix, prefx: a, prefix: b"},
       "A: 1",
       "p.yml:2:31: error: the transformation 'field_name_prefix' has no parameter 'prefx'\n"
       "   - {type: field_name_prefix, prefx: a, prefix: b}\n"
       "                               ^~~~~ did you mean 'prefix'?\n"},
      {"unknown condition",
       {"type: field_name_prefix, prefix: b, rule_conditions: [{type: logsorce}]"},
       "A: 1",
       "p.yml:2:67: error: 'logsorce' is not a rule condition\n"
       "   ype: field_name_prefix, prefix: b, rule_conditions: [{type: logsorce}]}\n"
       "                                                               ^~~~~~~~ did you mean 'logsource'?\n"},
      {"unknown name in an expression",
       {"type: field_name_prefix, prefix: b, rule_conditions: {win: {type: is_sigma_rule}}, rule_cond_expr: not wim"},
       "A: 1",
       "p.yml:2:109: error: there is no selection 'wim'\n"
       "   nditions: {win: {type: is_sigma_rule}}, rule_cond_expr: not wim}\n"
       "                                                               ^~~ did you mean "
       "'win'?\n"},
      {"bad regular expression",
       {"type: replace_string, regex: '(', replacement: x"},
       "A: 1",
       "p.yml:2:36: error: the regular expression '(' has a '(' that is not closed; a literal one is written '\\('\n"
       "   - {type: replace_string, regex: '(', replacement: x}\n"
       "                                    ^\n"},
      {"group that is not there",
       {R"(type: replace_string, regex: 'a', replacement: '\1')"},
       "A: 1",
       "p.yml:2:54: error: a backslash in 'replacement' stands before the number of a group or another backslash\n"
       "   - {type: replace_string, regex: 'a', replacement: '\\1'}\n"
       "                                                      ^~ write '\\1' for the first group\n"},
      {"all at once",
       {"type: case, method: big", "type: add_condition"},
       "A: 1",
       "p.yml:2:26: error: 'big' is not a value of 'method'\n"
       "   - {type: case, method: big}\n"
       "                          ^~~ known: lower, upper, snake_case\n"
       "p.yml:3:5: error: the transformation 'add_condition' needs 'conditions'\n"
       "   - {type: add_condition}\n"
       "     ^\n"},
  });
}

}  // namespace
}  // namespace weir::sigma
