// `weir rules test`: each rule may stand beside `<rule>.test.yml` with events that must fire it and events that must
// not. docs/rules-test.md describes the file.

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "app/rule_sources.h"
#include "app/rules_command.h"
#include "app/single_events.h"
#include "app/terminal.h"
#include "base/json_text.h"
#include "base/text.h"
#include "formats/registry.h"
#include "io/files.h"
#include "sigma/reporter.h"
#include "yaml/node.h"

namespace weir::app {
namespace {

constexpr std::size_t kTestFileBytesMax = 4 * 1024 * 1024;

struct TestArguments {
  std::vector<std::string> paths;
  std::vector<std::string> pipelines;
  std::string junit;
  bool quiet = false;
};

struct TestOutcome {
  std::string file;
  std::string name;
  std::string problem;  // Empty: passed.
  double seconds = 0;
};

// One rule, ready to be matched.
struct TestedRule {
  LoadedRules loaded;
  std::unique_ptr<sigma::Matcher> matcher;
};

void write_node_as_json(JsonWriter& json, const yaml::Node& node) {
  switch (node.kind()) {
    case yaml::NodeKind::null: json.null(); return;
    case yaml::NodeKind::map:
      json.begin_object();
      for (const auto& entry : node.entries()) {
        json.key(entry.key);
        write_node_as_json(json, entry.value);
      }
      json.end_object();
      return;
    case yaml::NodeKind::sequence:
      json.begin_array();
      for (const yaml::Node& item : node.items()) write_node_as_json(json, item);
      json.end_array();
      return;
    case yaml::NodeKind::scalar: break;
  }
  const bool is_number = !node.quoted() && parse_double(node.text()) && !node.text().starts_with('0');
  if (!node.quoted() && (node.text() == "true" || node.text() == "false")) {
    json.raw(node.text());
  } else if (is_number && (is_digit(node.text().front()) || node.text().front() == '-') &&
             is_digit(node.text().back())) {
    json.raw(node.text());
  } else {
    json.string(node.text());
  }
}

std::string text_at(const yaml::Node& node, std::string_view key) {
  const yaml::Node* value = node.find(key);
  return value == nullptr ? std::string() : value->text();
}

// A key that is none of these is a mistake: a test whose event is called 'events' would otherwise say too little.
std::string unknown_key(const yaml::Node& map, const std::vector<std::string_view>& known) {
  for (const yaml::Node::Entry& entry : map.entries()) {
    if (std::ranges::find(known, entry.key) != known.end()) continue;
    const std::string hint = sigma::did_you_mean(entry.key, known);
    return fmt::format("unknown key '{}'{}", sigma::shortened(entry.key), hint.empty() ? "" : "; " + hint);
  }
  return {};
}

// `logsource:` of a test, else what the rule itself asks for.
event::Logsource logsource_of(const yaml::Node& test, const sigma::Rule& rule) {
  event::Logsource source;
  const yaml::Node* given = test.find("logsource");
  source.product = given ? text_at(*given, "product") : rule.logsource.product;
  const std::string category = given ? text_at(*given, "category") : rule.logsource.category;
  const std::string service = given ? text_at(*given, "service") : rule.logsource.service;
  if (!category.empty()) source.categories.push_back(category);
  if (!service.empty()) source.services.push_back(service);
  return source;
}

// Null for the empty name: the content decides.
Result<const formats::Format*> format_named(const std::string& name) {
  if (name.empty()) return nullptr;
  if (const formats::Format* format = formats::find_format(name)) return format;
  const std::string hint = sigma::did_you_mean(name, formats::format_names());
  return fail(ErrorKind::user, "format '{}' is not known{}", name, hint.empty() ? "" : "; " + hint);
}

Result<bool> fires(TestedRule& rule, const yaml::Node& test) {
  const yaml::Node* event = test.find("event");
  const yaml::Node* raw = test.find("raw");
  formats::Options options;
  std::string text;
  const formats::Format* format = nullptr;
  if (event != nullptr) {
    if (!event->is_map()) return fail(ErrorKind::user, "'event' must be a map of fields and values");
    JsonWriter json(text);
    write_node_as_json(json, *event);
    format = formats::find_format("json");
    options.logsource = logsource_of(test, rule.loaded.scan.rules.front());
  } else if (raw != nullptr) {
    text = raw->text();
    TRY(format, format_named(text_at(test, "format")));
    if (test.find("logsource") != nullptr) options.logsource = logsource_of(test, rule.loaded.scan.rules.front());
  } else {
    return fail(ErrorKind::user, "the test needs 'event' or 'raw'");
  }
  if (!text.ends_with('\n')) text += '\n';
  TRY(const auto parsed, parse_events(std::move(text), format, options, rule.loaded.scan.plan->field_table()));
  if (parsed->batch.rows().empty()) {
    const auto rejects = parsed->batch.rejects();
    return fail(ErrorKind::user, "the event cannot be read{}{}", rejects.empty() ? "" : ": ",
                rejects.empty() ? std::string_view() : rejects.front().reason);
  }
  rule.matcher->parser_changed();
  bool fired = false;
  for (const event::Row& row : parsed->batch.rows()) fired |= !rule.matcher->match(parsed->batch, row).empty();
  return fired;
}

// Empty: the test passes.
std::string problem_of(TestedRule& rule, const yaml::Node& test) {
  std::string key = unknown_key(test, {"name", "fires", "event", "raw", "format", "logsource"});
  if (!key.empty()) return key;
  const std::string expected = lower(text_at(test, "fires"));
  if (expected != "true" && expected != "false") return "'fires' must be true or false";
  const Result<bool> fired = fires(rule, test);
  if (!fired) return fired.error().message;
  if (*fired == (expected == "true")) return {};
  return *fired ? "the rule fires but must not" : "the rule does not fire but must";
}

TestOutcome run_test(TestedRule& rule, const std::string& file, const yaml::Node& test, std::size_t number) {
  TestOutcome outcome{file, text_at(test, "name"), "", 0};
  if (outcome.name.empty()) outcome.name = fmt::format("test {}", number);
  const auto start = std::chrono::steady_clock::now();
  const std::string problem = problem_of(rule, test);
  if (!problem.empty()) {
    outcome.problem = fmt::format("{}:{}:{}: {}", file, test.mark().line, test.mark().column, problem);
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return outcome;
}

Result<TestedRule> load_tested(const std::string& path, const TestArguments& arguments) {
  TRY(std::string text, io::read_file(path, kTestFileBytesMax));
  std::vector<SourceText> texts;
  texts.push_back({path, std::move(text)});
  RuleChoice choice;
  choice.pipelines = arguments.pipelines;
  TestedRule rule;
  TRY(rule.loaded, load_rules(std::move(texts), choice));
  if (rule.loaded.scan.rules.empty())
    return fail(ErrorKind::user, "{} holds no usable rule (weir rules check says why)", path);
  rule.matcher = std::make_unique<sigma::Matcher>(rule.loaded.scan.plan, sigma::Matcher::Options{});
  return rule;
}

// Where the rule of a test file is: `rule:` in it, else the file of the same name.
std::string rule_path(const std::string& test_file, const yaml::Node& root) {
  const std::filesystem::path path(test_file);
  if (const yaml::Node* rule = root.find("rule")) return (path.parent_path() / rule->text()).string();
  const std::string name = path.filename().string();
  return (path.parent_path() / (name.substr(0, name.find(".test.")) + path.extension().string())).string();
}

std::vector<TestOutcome> run_file(const std::string& file, const TestArguments& arguments) {
  const auto failed = [&](std::string problem) {
    return std::vector{TestOutcome{file, "(file)", std::move(problem), 0}};
  };
  const auto text = io::read_file(file, kTestFileBytesMax);
  if (!text) return failed(text.error().message);
  const yaml::Documents documents = yaml::parse(*text);
  if (!documents.errors.empty()) {
    const yaml::ParseError& error = documents.errors.front();
    return failed(fmt::format("{}:{}:{}: {}", file, error.mark.line, error.mark.column, error.message));
  }
  if (documents.roots.empty()) return failed("the file is empty");
  const yaml::Node& root = documents.roots.front();
  if (const std::string problem = unknown_key(root, {"rule", "tests"}); !problem.empty()) {
    return failed(fmt::format("{}:{}:{}: {}", file, root.mark().line, root.mark().column, problem));
  }
  const yaml::Node* tests = root.find("tests");
  if (tests == nullptr || tests->items().empty()) return failed("the file has no 'tests'");
  auto rule = load_tested(rule_path(file, root), arguments);
  if (!rule) return failed(rule.error().message);
  std::vector<TestOutcome> outcomes;
  for (const yaml::Node& test : tests->items()) {
    outcomes.push_back(run_test(*rule, file, test, outcomes.size() + 1));
  }
  return outcomes;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

// JUnit's XML, as CI systems read it: a suite per file.
std::string to_junit(const std::vector<TestOutcome>& outcomes) {
  std::size_t failures = 0;
  std::string cases;
  for (const TestOutcome& outcome : outcomes) {
    cases += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"", xml_escaped(outcome.file),
                         xml_escaped(outcome.name), outcome.seconds);
    if (outcome.problem.empty()) {
      cases += "/>\n";
      continue;
    }
    ++failures;
    cases += fmt::format("><failure message=\"{}\"/></testcase>\n", xml_escaped(outcome.problem));
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"weir rules test\" tests=\"{}\" "
      "failures=\"{}\">\n{}</testsuite>\n",
      outcomes.size(), failures, cases);
}

bool is_test_file(std::string_view path) {
  return path.ends_with(".test.yml") || path.ends_with(".test.yaml");
}

// The test files below the given paths; a rule that is named stands for its test file.
Result<std::vector<std::string>> find_test_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    TRY(const auto found, io::find_files(path));
    for (const io::FileInfo& file : found) {
      if (is_test_file(file.path)) {
        files.push_back(file.path);
      } else if (file.path == path) {
        const std::filesystem::path rule(path);
        files.push_back((rule.parent_path() / (rule.stem().string() + ".test" + rule.extension().string())).string());
      }
    }
  }
  return files;
}

Result<int> test_rules(const TestArguments& arguments) {
  TRY(const auto files, find_test_files(arguments.paths));
  if (files.empty()) return fail(ErrorKind::user, "no file `<rule>.test.yml` was found there");
  std::vector<TestOutcome> outcomes;
  for (const std::string& file : files) {
    for (TestOutcome& outcome : run_file(file, arguments)) outcomes.push_back(std::move(outcome));
  }
  const Terminal terminal(stdout);
  std::size_t failed = 0;
  for (const TestOutcome& outcome : outcomes) {
    if (outcome.problem.empty()) continue;
    ++failed;
    fmt::print("{} {}: {}\n", terminal.paint(Colour::red, "FAIL"), visible(outcome.name), visible(outcome.problem));
  }
  if (!arguments.junit.empty()) TRY(io::write_file(arguments.junit, to_junit(outcomes)));
  if (!arguments.quiet) {
    fmt::print("{}: {} passed, {} failed\n", counted(files.size(), "test file"), outcomes.size() - failed, failed);
  }
  return failed > 0 ? kExitFindings : kExitFine;
}

}  // namespace

void add_rules_test_command(CLI::App& rules, Action& action) {
  auto arguments = std::make_shared<TestArguments>();
  CLI::App* command = rules.add_subcommand("test", "Run the tests that stand beside rules");
  command->add_option("PATH", arguments->paths, "Folders, rules or test files")->required();
  command->add_option("--pipeline", arguments->pipelines, "Processing pipeline to apply first")
      ->allow_extra_args(false);
  command->add_option("--junit", arguments->junit, "Write the results as JUnit XML to this file");
  command->add_flag("--quiet,-q", arguments->quiet, "Failures only");
  command->footer("Example:\n  weir rules test rules/ --junit results.xml");
  command->callback([arguments, &action] {
    action = [arguments] {
      const auto code = test_rules(*arguments);
      return code ? *code : report_error(code.error());
    };
  });
}

}  // namespace weir::app
