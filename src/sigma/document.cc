#include "sigma/document.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/correlation.h"
#include "sigma/detection.h"
#include "sigma/filter.h"
#include "sigma/metadata.h"
#include "sigma/reporter.h"
#include "sigma/source_text.h"
#include "yaml/node.h"

namespace weir::sigma {

namespace {

constexpr std::array<std::string_view, 2> kRuleKeys = {"logsource", "detection"};
// All documents' entries together after the global part of a collection was put into each.
constexpr std::size_t kMergedNodesMax = 1'000'000;

std::size_t count_nodes(const yaml::Node& node) {
  std::size_t count = 1;
  for (const yaml::Node& item : node.items()) count += count_nodes(item);
  for (const yaml::Node::Entry& entry : node.entries()) count += count_nodes(entry.value);
  return count;
}

// Whether it has a key that only rules have, if misspelled. Folders of rules may hold YAML of other kinds, of which
// there is one thing to say, not one for each key that a rule needs.
bool resembles_rule(const yaml::Node& document) {
  constexpr std::array<std::string_view, 5> kTelling = {"title", "logsource", "detection", "correlation", "filter"};
  return std::ranges::any_of(
      document.entries(), [&](const yaml::Node::Entry& entry) { return !nearest(lower(entry.key), kTelling).empty(); });
}

class FileReader {
 public:
  FileReader(std::string_view path, std::string_view text, ParsedFile& file)
      : path_(path), text_(text), file_(file), reporter_(path, text, file.diagnostics) {}

  void read() {
    yaml::Documents documents = yaml::parse(text_);
    for (const yaml::ParseError& error : documents.errors) {
      reporter_.error("yaml", {error.mark, 1}, error.message, hint_for_yaml(error));
    }
    if (!documents.errors.empty()) ++file_.failed;
    if (documents.roots.empty() && documents.errors.empty()) {
      reporter_.warning("empty-file", {}, "the file holds no document");
    }
    keeps_previous_ = documents.roots.size() > 1;
    for (const yaml::Node& root : documents.roots) read_root(root);
    std::ranges::stable_sort(file_.diagnostics, {}, [](const Diagnostic& diagnostic) {
      return std::pair(diagnostic.mark.line, diagnostic.mark.column);
    });
  }

 private:
  // What the parser's words mostly come from, in the words of somebody who writes rules.
  std::string hint_for_yaml(const yaml::ParseError& error) const {
    const SourceText lines(text_);
    const std::string_view line = lines.line(error.mark.line);
    const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
    const std::string_view message = error.message;
    if (indentation.contains('\t')) return "indent with blanks: YAML does not allow tabs there";
    if (message.contains("scanning an alias")) return "put a value that begins with '*' in quotes";
    if (message.contains("scanning an anchor")) return "put a value that begins with '&' in quotes";
    if (message.contains("mapping values are not allowed")) return "put a text that holds ': ' in quotes";
    if (message.contains("cannot start any token")) return "put a value that begins with '%', '@' or '`' in quotes";
    if (message.contains("expected key")) return "check the indentation, and quotes inside quotes: 'it''s'";
    if (message.contains("UTF-8")) return "save the file as UTF-8";
    if (message.contains("control characters")) return "remove it; is this a text file?";
    if (message.contains("unknown escape character"))
      return "in double quotes write '\\\\' for a backslash, or use single quotes";
    return {};
  }

  // Collections of old (sigmac): `action: global` is put into each following document until `reset`; `repeat` is the
  // document before with changes.
  void read_root(const yaml::Node& root) {
    if (root.is_null()) return;  // "---" at the end of a file.
    if (!root.is_map()) {
      reporter_.error("no-rule", {root.mark(), 1}, "a document must be a map with title, logsource and detection");
      ++file_.failed;
      return;
    }
    const yaml::Node* action = root.find("action");
    const std::string_view name = action != nullptr && action->is_scalar() ? action->text() : std::string_view();
    if (name == "global") {
      global_ = root;
      return;
    }
    if (name == "reset") {
      global_ = yaml::Node();
      return;
    }
    if (name == "repeat") {
      if (previous_.is_null()) {
        reporter_.error("bad-action", reporter_.value(*action), "'repeat' has no document before it",
                        "put the first rule before it");
        ++file_.failed;
        return;
      }
      if (spend(previous_, root)) read_merged(yaml::merged(std::move(previous_), root));
      return;
    }
    if (action != nullptr && root.find("detection") == nullptr) {
      reporter_.warning("bad-action", reporter_.value(*action), "unknown action", "global, reset or repeat");
    }
    if (global_.is_null()) {
      read_document(root);
      if (keeps_previous_) previous_ = root;
      return;
    }
    if (spend(global_, root)) read_merged(yaml::merged(global_, root));
  }

  bool spend(const yaml::Node& base, const yaml::Node& over) {
    merged_nodes_ += count_nodes(base) + count_nodes(over);
    if (merged_nodes_ <= kMergedNodesMax) return true;
    reporter_.error("too-large", {over.mark(), 1}, "the collection's global part makes its documents too large",
                    "write the rules to files of their own");
    ++file_.failed;
    return false;
  }

  void read_merged(yaml::Node document) {
    read_document(document);
    previous_ = std::move(document);
  }

  void read_document(const yaml::Node& document) {
    const std::size_t errors = reporter_.errors();
    if (!resembles_rule(document)) {
      reporter_.error("no-rule", {document.mark(), 1}, "this is no rule: it has no title, logsource or detection",
                      "name only folders and files of rules, or move it");
    } else if (document.find("correlation") != nullptr) {
      Correlation correlation = read_correlation(document, path_, reporter_);
      if (errors == reporter_.errors()) file_.correlations.push_back(std::move(correlation));
    } else if (document.find("filter") != nullptr && document.find("detection") == nullptr) {
      Filter filter = read_filter(document, path_, reporter_);
      if (errors == reporter_.errors()) file_.filters.push_back(std::move(filter));
    } else {
      Rule rule = read_rule(document);
      if (errors == reporter_.errors()) file_.rules.push_back(std::move(rule));
    }
    if (errors != reporter_.errors()) ++file_.failed;
  }

  Rule read_rule(const yaml::Node& document) {
    Rule rule;
    rule.info = read_info(document, path_, kRuleKeys, reporter_);
    rule.logsource = read_logsource(document, reporter_);
    if (const yaml::Node* detection = document.find("detection")) {
      rule.condition = read_detection(*detection, "detection", {}, reporter_);
    } else {
      report_missing_key(document, "detection", "the document", reporter_);
    }
    return rule;
  }

  std::string_view path_;
  std::string_view text_;
  ParsedFile& file_;
  Reporter reporter_;
  yaml::Node global_;
  yaml::Node previous_;
  bool keeps_previous_ = false;
  std::size_t merged_nodes_ = 0;
};

}  // namespace

ParsedFile parse_file(std::string_view path, std::string_view text) {
  ParsedFile file;
  FileReader(path, text, file).read();
  return file;
}

}  // namespace weir::sigma
