#pragma once

// Reads the conformance cases (README.md says what they look like) into plain structs, for any engine to be held
// against. Pure but for reading the files; errors name file and line.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oracle/event.h"

namespace weir::conformance {

struct ExpectedEvent {
  oracle::Event event;
  bool fires = false;
  std::string text;  // As a JSON object, for messages.
};

struct Case {
  std::string file;
  std::uint32_t line = 0;
  std::string name;
  std::string spec;       // Which section says so.
  std::string rule_text;  // YAML: one detection rule, perhaps with filters.
  bool invalid = false;   // The rule must be rejected; there are no events then.
  std::map<std::string, std::vector<std::string>, std::less<>> placeholders;
  std::vector<ExpectedEvent> events;
};

// The cases of one file's text; `file` is for messages only.
Result<std::vector<Case>> read_cases(std::string_view file, std::string_view text);

// All *.yml files of a folder, in the order of their names.
Result<std::vector<Case>> load_cases(const std::string& folder);

// The folder with the cases in this checkout.
std::string cases_folder();

}  // namespace weir::conformance
