#pragma once

// What is wrong with a rule, where, and what was probably meant. Diagnostics are collected, never thrown: one bad rule
// does not stop the others, and all errors of a file are shown at once.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "yaml/node.h"

namespace weir::sigma {

enum class Severity : std::uint8_t { error, warning, note };

struct Place {
  yaml::Mark mark;
  std::uint32_t length = 1;  // Code points.
};

struct Diagnostic {
  Severity severity = Severity::error;
  std::string code;  // Stable, kebab-case: "unknown-modifier". The table stands in docs/rules-check.md.
  std::string path;  // Of the file, as given.
  yaml::Mark mark;
  std::uint32_t length = 1;  // Code points to underline from the mark on.
  std::string message;       // A sentence without final stop: "unknown modifier 'startwith'".
  std::string hint;          // What was probably meant or what to do; may be empty: "did you mean 'startswith'?"
};

// As a person reads it, with the line and a caret under it (`source` is the file's text, empty: no excerpt):
//   rules/lsass.yml:14:9: error: unknown modifier 'startwith'
//      CommandLine|startwith: 'procdump'
//                  ^~~~~~~~~ did you mean 'startswith'?
std::string render(const Diagnostic& diagnostic, std::string_view source);

// SARIF 2.1.0, one run.
std::string to_sarif(const std::vector<Diagnostic>& diagnostics, std::string_view tool_version);

}  // namespace weir::sigma
