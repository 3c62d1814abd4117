#include "conformance/loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "base/json_text.h"
#include "yaml/node.h"

namespace weir::conformance {

namespace {

constexpr std::string_view kProduct = "test";  // Of rules and events that name no logsource.

// Whether a plain scalar reads as a boolean or a number (YAML 1.2.2, section 10.3.2); such a one must stay without
// quotes.
bool is_bare(const yaml::Node& node) {
  if (node.quoted()) return false;
  static const std::regex kBare(
      "[Tt]rue|TRUE|[Ff]alse|FALSE|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?");
  return std::regex_match(node.text(), kBare);
}

// The node as flow YAML, which for these kinds is JSON with some bare words.
void write(std::string& out, const yaml::Node& node) {
  if (node.is_null()) {
    out += "null";
  } else if (node.is_scalar()) {
    if (is_bare(node))
      out += node.text();
    else
      append_json_string(out, node.text());
  } else {
    out += node.is_map() ? '{' : '[';
    for (const yaml::Node::Entry& entry : node.entries()) {
      if (out.back() != '{') out += ", ";
      append_json_string(out, entry.key);
      out += ": ";
      write(out, entry.value);
    }
    for (const yaml::Node& item : node.items()) {
      if (out.back() != '[') out += ", ";
      write(out, item);
    }
    out += node.is_map() ? '}' : ']';
  }
}

std::string text_of(const yaml::Node& map, std::string_view key) {
  const yaml::Node* value = map.find(key);
  return value == nullptr ? std::string() : value->text();
}

oracle::Value value_of(const std::string& field, const yaml::Node& node) {
  if (node.is_null()) return {field, oracle::ValueKind::null, ""};
  if (node.is_map()) return {field, oracle::ValueKind::json, text_of(node, "json")};
  const std::string& text = node.text();
  if (!is_bare(node)) return {field, oracle::ValueKind::string, text};
  const bool boolean = text.find_first_of("tTfF") == 0;
  return {field, boolean ? oracle::ValueKind::boolean : oracle::ValueKind::number, text};
}

std::vector<std::string> texts_of(const yaml::Node* node) {
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  if (node->is_scalar()) texts.push_back(node->text());
  for (const yaml::Node& item : node->items()) texts.push_back(item.text());
  return texts;
}

oracle::Logsource logsource_of(const yaml::Node* node) {
  oracle::Logsource logsource;
  if (node == nullptr) {
    logsource.product = kProduct;
    return logsource;
  }
  logsource.product = text_of(*node, "product");
  logsource.categories = texts_of(node->find("category"));
  logsource.services = texts_of(node->find("service"));
  return logsource;
}

ExpectedEvent read_event(const yaml::Node& fields, const yaml::Node* logsource, bool fires) {
  ExpectedEvent expected;
  expected.fires = fires;
  write(expected.text, fields);
  for (const yaml::Node::Entry& entry : fields.entries()) {
    if (!entry.value.is_sequence()) expected.event.values.push_back(value_of(entry.key, entry.value));
    for (const yaml::Node& item : entry.value.items()) expected.event.values.push_back(value_of(entry.key, item));
  }
  expected.event.logsource = logsource_of(logsource);
  return expected;
}

// The rule as YAML text: written out whole in the case, or put together from its parts.
std::string rule_text(const yaml::Node& node) {
  if (const yaml::Node* rule = node.find("rule")) return rule->text();
  std::string text = "title: ";
  append_json_string(text, text_of(node, "name"));
  text += "\nlogsource: ";
  if (const yaml::Node* logsource = node.find("logsource"))
    write(text, *logsource);
  else
    text += "{product: " + std::string(kProduct) + "}";
  text += "\ndetection: ";
  if (const yaml::Node* detection = node.find("detection")) {
    write(text, *detection);
  } else {
    text += "{selection: ";
    write(text, *node.find("selection"));
    text += ", condition: selection}";
  }
  return text + "\n";
}

Status check_shape(const yaml::Node& node) {
  static constexpr std::string_view kKeys[] = {"name",      "spec",      "rule",    "detection",
                                               "selection", "logsource", "invalid", "placeholders",
                                               "fires",     "silent",    "events"};
  for (const yaml::Node::Entry& entry : node.entries()) {
    if (std::find(std::begin(kKeys), std::end(kKeys), entry.key) == std::end(kKeys)) {
      return fail(ErrorKind::user, "unknown key '{}'", entry.key);
    }
  }
  const int rules =
      (node.find("rule") != nullptr) + (node.find("detection") != nullptr) + (node.find("selection") != nullptr);
  if (rules != 1) return fail(ErrorKind::user, "one of rule, detection, selection is needed");
  if (text_of(node, "name").empty() || text_of(node, "spec").empty())
    return fail(ErrorKind::user, "name and spec are needed");
  return {};
}

Result<Case> read_case(const yaml::Node& node) {
  TRY(check_shape(node));
  Case one;
  one.line = node.mark().line;
  one.name = text_of(node, "name");
  one.spec = text_of(node, "spec");
  one.rule_text = rule_text(node);
  one.invalid = text_of(node, "invalid") == "true";
  if (const yaml::Node* placeholders = node.find("placeholders")) {
    for (const yaml::Node::Entry& entry : placeholders->entries()) one.placeholders[entry.key] = texts_of(&entry.value);
  }
  for (const std::string_view verdict : {"fires", "silent"}) {
    const yaml::Node* list = node.find(verdict);
    if (list == nullptr) continue;
    for (const yaml::Node& fields : list->items()) {
      if (!fields.is_map()) return fail(ErrorKind::user, "{}: an event must be a map", verdict);
      one.events.push_back(read_event(fields, nullptr, verdict == "fires"));
    }
  }
  if (const yaml::Node* events = node.find("events")) {
    for (const yaml::Node& event : events->items()) {
      const yaml::Node* fields = event.find("fields");
      if (fields == nullptr) return fail(ErrorKind::user, "events: 'fields' is missing");
      one.events.push_back(read_event(*fields, event.find("logsource"), text_of(event, "fires") == "true"));
    }
  }
  if (one.invalid != one.events.empty())
    return fail(ErrorKind::user, "a valid rule needs events, an invalid one has none");
  return one;
}

}  // namespace

Result<std::vector<Case>> read_cases(std::string_view file, std::string_view text) {
  const yaml::Documents documents = yaml::parse(text);
  if (!documents.errors.empty()) {
    return fail(ErrorKind::user, "{}:{}: {}", file, documents.errors.front().mark.line,
                documents.errors.front().message);
  }
  std::vector<Case> cases;
  for (const yaml::Node& root : documents.roots) {
    const yaml::Node* list = root.find("cases");
    if (list == nullptr || !list->is_sequence()) return fail(ErrorKind::user, "{}: no list of cases", file);
    for (const yaml::Node& node : list->items()) {
      auto one = read_case(node);
      if (!one) return fail(ErrorKind::user, "{}:{}: {}", file, node.mark().line, one.error().message);
      one->file = file;
      cases.push_back(std::move(*one));
    }
  }
  return cases;
}

Result<std::vector<Case>> load_cases(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yml") paths.push_back(entry.path());
  }
  if (error) return fail(ErrorKind::user, "{}: {}", folder, error.message());
  std::sort(paths.begin(), paths.end());
  std::vector<Case> all;
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    TRY(std::vector<Case> cases, read_cases(path.filename().string(), text));
    all.insert(all.end(), std::make_move_iterator(cases.begin()), std::make_move_iterator(cases.end()));
  }
  return all;
}

std::string cases_folder() {
  return std::filesystem::path(__FILE__).parent_path().string();
}

}  // namespace weir::conformance
