#pragma once

// What a person says to `weir scan`, and its meaning.

#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "app/scan/scan.h"
#include "base/result.h"
#include "sigma/rule.h"

namespace weir::app {

struct ScanArguments {
  std::vector<std::string> files;
  std::vector<std::string> rule_paths;
  std::vector<std::string> rules;
  std::vector<std::string> pipelines;
  std::string level = "informational";
  std::string format;
  std::string input_format;
  std::string logsource;
  std::string field_names;
  std::string zone;
  int year = 0;
  std::string since;
  std::string until;
  std::string fail_on;
  std::string output;
  std::string rejects;
  std::size_t threads = 0;
  bool raw = false;
  bool verbose = false;
  bool quiet = false;
  bool no_remember = false;
};

// Declares the options; `arguments` must outlive the command.
void add_scan_options(CLI::App& command, ScanArguments& arguments);

Result<ScanOptions> scan_options(const ScanArguments& arguments);
Result<sigma::Level> level_option(std::string_view option, const std::string& text);
// Null if `name` is empty; an unknown one is an error that names the nearest.
Result<const formats::Format*> format_option(const std::string& name);

}  // namespace weir::app
