#pragma once

// Collects the diagnostics of one file while it is read, and finds the places they speak of: a whole value, a key, a
// part of either. Borrows the file's text. One thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sigma/diagnostic.h"
#include "sigma/source_text.h"
#include "yaml/node.h"

namespace weir::sigma {

class Reporter {
 public:
  Reporter(std::string_view path, std::string_view source, std::vector<Diagnostic>& diagnostics)
      : path_(path), source_(source), diagnostics_(diagnostics) {}

  Place value(const yaml::Node& node);
  // `size` bytes of the scalar's text from `offset` on.
  Place part(const yaml::Node& node, std::size_t offset, std::size_t size);
  Place key(const yaml::Node::Entry& entry);
  Place key_part(const yaml::Node::Entry& entry, std::size_t offset, std::size_t size);

  void error(std::string_view code, const Place& place, std::string message, std::string hint = {});
  void warning(std::string_view code, const Place& place, std::string message, std::string hint = {});

  // Errors so far: a document whose reading raised it cannot be used.
  std::size_t errors() const { return errors_; }

 private:
  const SourceText& lines();
  Place inside(yaml::Mark begin, std::string_view decoded, std::size_t offset, std::size_t size);
  void add(Severity severity, std::string_view code, const Place& place, std::string message, std::string hint);

  std::string_view path_;
  std::string_view source_;
  std::optional<SourceText> lines_;  // Made for the first diagnostic: most files have none.
  std::vector<Diagnostic>& diagnostics_;
  std::size_t errors_ = 0;
};

// "did you mean 'x'?", or nothing if no candidate is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

// A text from a rule as a message may show it: long ones are cut.
std::string shortened(std::string_view text);

}  // namespace weir::sigma
