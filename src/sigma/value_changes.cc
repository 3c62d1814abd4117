// Changes of values: replacing parts, mapping whole values, setting them, taking hashes apart.

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "match/regex.h"
#include "sigma/change.h"
#include "sigma/scalar.h"

namespace weir::sigma {

namespace {

using match::Pattern;

using TextChange = std::function<std::string(const std::string&)>;

// Applies `change` to every literal part of a pattern; wildcards stay.
Change change_of_literals(TextChange change) {
  return change_of_values([change = std::move(change)](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
    const auto* test = std::get_if<PatternTest>(&leaf.test);
    if (test == nullptr) return std::nullopt;
    Pattern pattern = test->pattern;
    for (Pattern::Part& part : pattern.parts()) {
      if (part.kind == Pattern::PartKind::literal) part.text = change(part.text);
    }
    if (pattern == test->pattern) return std::nullopt;
    return leaf_like(leaf, PatternTest{std::move(pattern), test->cased});
  });
}

// Applies `change` to the text that the rule's author would write, wildcards included.
Change change_of_sigma_text(TextChange change) {
  return change_of_values([change = std::move(change)](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
    const auto* test = std::get_if<PatternTest>(&leaf.test);
    if (test == nullptr) return std::nullopt;
    Pattern pattern = Pattern::parse(change(test->pattern.to_sigma()));
    if (pattern == test->pattern) return std::nullopt;
    return leaf_like(leaf, PatternTest{std::move(pattern), test->cased});
  });
}

// A replacement may refer to groups, and to no others: "\1".
void check_replacement(const Parameters& parameters, std::string_view regex) {
  const yaml::Node* node = parameters.find("replacement");
  if (node == nullptr) return;
  const std::string_view text = node->text();
  const auto groups = std::ranges::count(regex, '(');
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') continue;
    ++i;
    if (i < text.size() && (text[i] == '\\' || (is_digit(text[i]) && text[i] - '0' <= groups))) continue;
    parameters.error(*node, "a backslash in 'replacement' stands before the number of a group or another backslash",
                     "write '\\1' for the first group");
    return;
  }
}

Change read_replace_string(const Parameters& parameters) {
  const std::string pattern = parameters.required_text("regex");
  const std::string replacement = parameters.required_text("replacement");
  const bool literals_only = parameters.is_true("skip_special");
  const bool interpret = parameters.is_true("interpret_special");
  Result<match::Regex> compiled = match::Regex::compile(pattern, {});
  if (!compiled) {
    if (!pattern.empty()) parameters.error(*parameters.find("regex"), compiled.error().message);
    return {};
  }
  check_replacement(parameters, pattern);
  const TextChange change = [regex = std::make_shared<const match::Regex>(std::move(*compiled)),
                             replacement](const std::string& text) { return regex->replaced(text, replacement); };
  if (!literals_only) return change_of_sigma_text(change);
  if (!interpret) return change_of_literals(change);
  return change_of_values([change](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
    const auto* test = std::get_if<PatternTest>(&leaf.test);
    if (test == nullptr) return std::nullopt;
    std::string text;
    for (const Pattern::Part& part : test->pattern.parts()) {
      text += part.kind == Pattern::PartKind::literal   ? change(part.text)
              : part.kind == Pattern::PartKind::any_run ? "*"
                                                        : "?";
    }
    return leaf_like(leaf, PatternTest{Pattern::parse(text), test->cased});
  });
}

// "processCreation" → "process_creation".
std::string to_snake_case(const std::string& text) {
  std::string snake;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_upper = text[i] >= 'A' && text[i] <= 'Z';
    const bool after_lower = i > 0 && (is_digit(text[i - 1]) || (text[i - 1] >= 'a' && text[i - 1] <= 'z'));
    if (is_upper && after_lower) snake += '_';
    snake += to_lower(text[i]);
  }
  return snake;
}

Change read_case(const Parameters& parameters) {
  static constexpr std::array<std::string_view, 3> kMethods = {"lower", "upper", "snake_case"};
  const std::string method = parameters.choice("method", kMethods);
  return change_of_literals([method](const std::string& text) {
    return method == "upper" ? upper(text) : method == "snake_case" ? to_snake_case(text) : lower(text);
  });
}

Change read_map_string(const Parameters& parameters) {
  std::map<std::string, std::vector<std::string>> instead;
  if (const yaml::Node* mapping = parameters.required_map("mapping")) {
    for (const yaml::Node::Entry& entry : mapping->entries()) instead[entry.key] = texts_of(entry.value);
  }
  return change_of_values([instead](PipelineRun&, const FieldTest& leaf) -> std::optional<Expr> {
    const auto* test = std::get_if<PatternTest>(&leaf.test);
    if (test == nullptr) return std::nullopt;
    const auto it = instead.find(test->pattern.is_literal() ? test->pattern.plain() : test->pattern.to_sigma());
    if (it == instead.end()) return std::nullopt;
    std::vector<Expr> alternatives;
    for (const std::string& text : it->second) {
      alternatives.push_back(leaf_like(leaf, PatternTest{Pattern::parse(text), test->cased}));
    }
    return joined(ExprKind::any_of, std::move(alternatives));
  });
}

Change read_set_value(const Parameters& parameters) {
  static constexpr std::array<std::string_view, 3> kTypes = {"", "str", "num"};
  parameters.choice("force_type", kTypes);  // Texts decide here, so that both come to the same.
  const yaml::Node* value = parameters.required("value");
  if (value == nullptr) return {};
  if (value->is_null()) {
    return change_of_values(
        [](PipelineRun&, const FieldTest& leaf) { return std::optional(leaf_like(leaf, NullTest{})); });
  }
  return change_of_values([text = parameters.required_text("value")](PipelineRun&, const FieldTest& leaf) {
    return std::optional(leaf_like(leaf, PatternTest{Pattern::parse(text), false}));
  });
}

// --- Hashes ----------------------------------------------------------------------------------------------------------

struct HashFields {
  std::vector<std::string> algorithms;
  std::vector<std::string> from;
  std::string prefix;
  bool drops_algorithm = false;
};

// "SHA256=…", "MD5|…"; a bare hash tells its algorithm by its length.
std::pair<std::string, std::string> split_hash(const std::string& text) {
  const std::size_t at = std::min(text.find('|'), text.find('='));
  if (at != std::string::npos) return {upper(text.substr(0, at)), text.substr(at + 1)};
  switch (text.size()) {
    case 32: return {"MD5", text};
    case 40: return {"SHA1", text};
    case 64: return {"SHA256", text};
    case 128: return {"SHA512", text};
    default: return {"", text};
  }
}

std::optional<Expr> change_hash(const HashFields& fields, PipelineRun& run, const FieldTest& leaf) {
  const auto* test = std::get_if<PatternTest>(&leaf.test);
  if (test == nullptr || std::ranges::find(fields.from, leaf.field) == fields.from.end()) return std::nullopt;
  Pattern pattern = test->pattern;
  std::erase_if(pattern.parts(), [](const Pattern::Part& part) { return part.kind != Pattern::PartKind::literal; });
  const auto [algorithm, hash] = split_hash(pattern.plain());
  if (std::ranges::find(fields.algorithms, algorithm) == fields.algorithms.end()) {
    run.refusal = fmt::format("'{}' in field {} is a hash of none of these algorithms: {}", shortened(pattern.plain()),
                              leaf.field, fmt::join(fields.algorithms, ", "));
    return std::nullopt;
  }
  FieldTest like = leaf;
  like.field = fields.drops_algorithm ? fields.prefix : fields.prefix + algorithm;
  return leaf_like(like, PatternTest{Pattern::literal(hash), false});
}

Change read_hashes_fields(const Parameters& parameters) {
  HashFields fields;
  if (parameters.required("valid_hash_algos") != nullptr) fields.algorithms = parameters.texts("valid_hash_algos");
  fields.from = parameters.texts("field_to_parse");
  if (fields.from.empty()) fields.from = {"Hashes", "Hash"};
  fields.prefix = parameters.text("field_prefix");
  fields.drops_algorithm = parameters.is_true("drop_algo_prefix");
  return change_of_values([fields](PipelineRun& run, const FieldTest& leaf) { return change_hash(fields, run, leaf); });
}

// What only changes how a query writes a value that means the same.
Change read_nothing(const Parameters&) {
  return {.rule = [](Rule&, PipelineRun&) {}, .item = nullptr, .drops_items = false, .changes_rules = false};
}

}  // namespace

std::span<const ChangeType> value_changes() {
  static constexpr std::array<ChangeType, 7> kTypes = {{
      {"replace_string", {"regex", "replacement", "skip_special", "interpret_special"}, read_replace_string},
      {"map_string", {"mapping"}, read_map_string},
      {"set_value", {"value", "force_type"}, read_set_value},
      {"case", {"method"}, read_case},
      {"hashes_fields", {"valid_hash_algos", "field_prefix", "drop_algo_prefix", "field_to_parse"}, read_hashes_fields},
      {"convert_type", {"target_type"}, read_nothing},
      {"regex", {"method"}, read_nothing},
  }};
  return kTypes;
}

}  // namespace weir::sigma
