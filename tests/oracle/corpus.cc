#include "oracle/corpus.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <simdjson.h>

namespace weir::oracle {

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> rule_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Value value_of(std::string_view field, simdjson::dom::element element) {
  Value value{.field = std::string(field), .kind = ValueKind::json, .text = simdjson::minify(element)};
  switch (element.type()) {
    case simdjson::dom::element_type::STRING:
      value.kind = ValueKind::string;
      value.text = std::string_view(element);
      break;
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE: value.kind = ValueKind::number; break;
    case simdjson::dom::element_type::BOOL: value.kind = ValueKind::boolean; break;
    case simdjson::dom::element_type::NULL_VALUE: value.kind = ValueKind::null; break;
    case simdjson::dom::element_type::ARRAY:
    case simdjson::dom::element_type::OBJECT: break;
  }
  return value;
}

ValueKind kind_of(event::ValueKind kind) {
  switch (kind) {
    case event::ValueKind::null: return ValueKind::null;
    case event::ValueKind::string: return ValueKind::string;
    case event::ValueKind::number: return ValueKind::number;
    case event::ValueKind::boolean: return ValueKind::boolean;
    case event::ValueKind::json: return ValueKind::json;
  }
  return ValueKind::null;
}

}  // namespace

const std::vector<std::string>& active_rule_folders() {
  static const std::vector<std::string> kFolders{"rules", "rules-compliance", "rules-emerging-threats",
                                                 "rules-placeholder", "rules-threat-hunting"};
  return kFolders;
}

RuleCorpus load_rules(const std::string& root, const std::vector<std::string>& folders) {
  RuleCorpus corpus;
  for (const std::string& folder : folders) {
    for (const std::filesystem::path& path : rule_files(std::filesystem::path(root) / folder)) {
      const std::string below = std::filesystem::relative(path, root).string();
      auto rule = read_rule(read_file(path));
      if (rule)
        corpus.rules.push_back({below, std::move(*rule)});
      else
        corpus.rejected.push_back({below, rule.error().message});
    }
  }
  return corpus;
}

Result<Event> read_flat_event(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto error = parser.parse(json.data(), json.size()).get(object)) {
    return fail(ErrorKind::user, "{}", simdjson::error_message(error));
  }
  Event event;
  for (const auto& [field, element] : object) {
    simdjson::dom::array array;
    if (element.get(array) != simdjson::SUCCESS) {
      event.values.push_back(value_of(field, element));
      continue;
    }
    for (const simdjson::dom::element item : array) event.values.push_back(value_of(field, item));
  }
  return event;
}

Result<std::vector<Event>> read_flat_events(const std::string& path) {
  std::vector<Event> events;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) {
    TRY(Event event, read_flat_event(line));
    events.push_back(std::move(event));
  }
  return events;
}

Event event_of(event::Batch& batch, const event::Row& row) {
  Event event;
  for (event::Cell& cell : batch.cells(row)) {
    event.values.push_back({cell.field->name, kind_of(cell.kind), std::string(batch.text(cell))});
  }
  if (row.logsource != nullptr) {
    event.logsource = {row.logsource->product, row.logsource->categories, row.logsource->services};
  }
  return event;
}

void evaluate_all(const std::vector<CorpusRule>& rules, const Event& event,
                  const std::function<void(const CorpusRule&, bool)>& handle) {
  const ReadEvent read(event);
  for (const CorpusRule& one : rules) handle(one, one.rule.fires(read));
}

}  // namespace weir::oracle
