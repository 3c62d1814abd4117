// `weir rules check` and `weir rules list`; `test` and `explain` have files of their own.

#include "app/rules_command.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "app/command.h"
#include "app/rule_sources.h"
#include "app/scan/alert_writer.h"
#include "app/scan/arguments.h"
#include "app/terminal.h"
#include "base/json_text.h"
#include "base/sorted.h"
#include "base/text.h"
#include "sigma/lint.h"
#include "sigma/pipeline.h"

namespace weir::app {
namespace {

struct CheckArguments {
  std::vector<std::string> paths;
  std::vector<std::string> pipelines;
  std::string format = "text";
  bool no_warnings = false;
};

void sort_by_place(std::vector<sigma::Diagnostic>& diagnostics) {
  std::ranges::stable_sort(diagnostics, [](const sigma::Diagnostic& a, const sigma::Diagnostic& b) {
    return std::tie(a.path, a.mark.line, a.mark.column) < std::tie(b.path, b.mark.line, b.mark.column);
  });
}

void write_json(const std::vector<sigma::Diagnostic>& diagnostics) {
  static constexpr std::string_view kSeverities[] = {"error", "warning", "note"};
  for (const sigma::Diagnostic& diagnostic : diagnostics) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("severity").string(kSeverities[static_cast<std::size_t>(diagnostic.severity)]);
    json.key("code").string(diagnostic.code).key("path").string(diagnostic.path);
    json.key("line").number(std::int64_t{diagnostic.mark.line});
    json.key("column").number(std::int64_t{diagnostic.mark.column});
    json.key("message").string(diagnostic.message).key("hint").string(diagnostic.hint).end_object();
    fmt::print("{}\n", line);
  }
}

void write_text(const std::vector<sigma::Diagnostic>& diagnostics, const std::vector<SourceText>& texts) {
  std::map<std::string_view, std::string_view> by_path;
  for (const SourceText& text : texts) by_path[text.path] = text.text;
  for (const sigma::Diagnostic& diagnostic : diagnostics) {
    fmt::print("{}", sigma::render(diagnostic, by_path[diagnostic.path]));
  }
}

void write_diagnostics(const std::vector<sigma::Diagnostic>& diagnostics, const CheckArguments& arguments,
                       const std::vector<SourceText>& texts) {
  if (arguments.format == "sarif") {
    fmt::print("{}", sigma::to_sarif(diagnostics, WEIR_VERSION));
  } else if (arguments.format == "json") {
    write_json(diagnostics);
  } else {
    write_text(diagnostics, texts);
  }
}

void write_check_summary(const LoadedRules& loaded, std::size_t errors, std::size_t warnings) {
  fmt::print(stderr, "{}, {} and {} checked in {}: {}, {}\n",
             counted(loaded.scan.rules.size() + loaded.documents_failed, "rule"),
             counted(loaded.set.correlations.size(), "correlation"), counted(loaded.set.filters.size(), "filter"),
             counted(loaded.texts.size(), "file"), counted(errors, "error"), counted(warnings, "warning"));
  if (!loaded.set.correlations.empty()) {
    fmt::print(stderr,
               "correlation rules are checked here; `weir scan` does not run them yet, and the rules that they name "
               "alert on their own\n");
  }
}

Result<int> check_rules(const CheckArguments& arguments) {
  if (arguments.format != "text" && arguments.format != "json" && arguments.format != "sarif") {
    return fail(ErrorKind::user, "--format {}: unknown (known: text, json, sarif)", arguments.format);
  }
  TRY(auto texts, read_rule_texts(arguments.paths));
  RuleChoice choice;
  choice.pipelines = arguments.pipelines;
  TRY(LoadedRules loaded, load_rules(std::move(texts), choice));
  std::vector<sigma::Diagnostic> diagnostics = std::move(loaded.set.diagnostics);
  if (arguments.no_warnings) {
    std::erase_if(diagnostics, [](const auto& each) { return each.severity != sigma::Severity::error; });
  } else {
    std::ranges::move(sigma::lint(loaded.scan.rules), std::back_inserter(diagnostics));
  }
  sort_by_place(diagnostics);
  write_diagnostics(diagnostics, arguments, loaded.texts);
  const auto count = [&](sigma::Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(diagnostics, severity, &sigma::Diagnostic::severity));
  };
  const std::size_t errors = count(sigma::Severity::error);
  write_check_summary(loaded, errors, count(sigma::Severity::warning));
  const bool nothing = loaded.scan.rules.empty() && loaded.set.correlations.empty() && loaded.set.filters.empty();
  return errors > 0 || nothing ? kExitRules : kExitFine;
}

struct ListArguments {
  std::vector<std::string> paths;
  std::string level = "informational";
  std::string format;
};

// What `list` shows of a rule, or of a correlation, which has no logsource of its own.
struct Listed {
  const sigma::RuleInfo* info;
  event::LogsourceSelector logsource;
  bool is_correlation = false;

  std::string source_text() const {
    return is_correlation ? "correlation (checked, not run yet)" : event::to_string(logsource);
  }
};

std::vector<Listed> listed(const LoadedRules& loaded, const RuleChoice& choice) {
  std::vector<Listed> all;
  for (const sigma::Rule& rule : loaded.scan.rules) all.push_back({rule.info.get(), rule.logsource});
  for (const sigma::Correlation& correlation : loaded.set.correlations) {
    if (correlation.info->level >= choice.level_min) all.push_back({correlation.info.get(), {}, true});
  }
  return all;
}

void list_as_json(const std::vector<Listed>& rules) {
  for (const Listed& rule : rules) {
    std::string line;
    JsonWriter json(line);
    const sigma::RuleInfo& info = *rule.info;
    json.begin_object()
        .key("kind")
        .string(rule.is_correlation ? "correlation" : "rule")
        .key("id")
        .string(info.id)
        .key("title")
        .string(info.title);
    json.key("level").string(sigma::to_string(info.level)).key("status").string(info.status);
    json.key("author").string(info.author).key("product").string(rule.logsource.product);
    json.key("category").string(rule.logsource.category).key("service").string(rule.logsource.service);
    json.key("path").string(info.path).key("tags").begin_array();
    for (const std::string& tag : info.tags) json.string(tag);
    json.end_array().end_object();
    fmt::print("{}\n", line);
  }
}

void list_as_table(const std::vector<Listed>& rules, const Terminal& terminal) {
  std::map<std::string, std::size_t> by_level;
  std::map<std::string, std::size_t> by_logsource;
  const std::size_t title_width = std::clamp<std::size_t>(terminal.width() - 60, 30, 80);
  fmt::print("{}\n", terminal.paint(Colour::bold, fmt::format("{}  {}  {}  {}", fitted("LEVEL", 13), fitted("ID", 36),
                                                              fitted("TITLE", title_width), "LOGSOURCE")));
  for (const Listed& rule : rules) {
    const std::string level(sigma::to_string(rule.info->level));
    const std::string logsource = rule.source_text();
    ++by_level[level];
    ++by_logsource[logsource];
    fmt::print("{}  {}  {}  {}\n", terminal.paint(colour_of_level(level), fitted(level, 13)),
               fitted(visible(rule.info->id), 36), fitted(visible(rule.info->title), title_width), visible(logsource));
  }
  fmt::print("\n");
  for (const auto& [level, count] : by_level) fmt::print("{:>7}  {}\n", human_count(count), level);
  fmt::print("\n");
  for (const auto& [logsource, count] : by_count(by_logsource))
    fmt::print("{:>7}  {}\n", human_count(count), visible(logsource));
  fmt::print("\n{}\n", counted(rules.size(), "rule"));
}

Result<int> list_rules(const ListArguments& arguments) {
  RuleChoice choice;
  TRY(choice.level_min, level_option("--level", arguments.level));
  TRY(auto texts, read_rule_texts(arguments.paths));
  TRY(const LoadedRules loaded, load_rules(std::move(texts), choice));
  const std::vector<Listed> rules = listed(loaded, choice);
  const Terminal terminal(stdout);
  const std::string format = !arguments.format.empty() ? arguments.format : terminal.is_terminal() ? "table" : "json";
  TRY(const OutputFormat output, parse_output_format(format));
  switch (output) {
    case OutputFormat::json: list_as_json(rules); break;
    case OutputFormat::table: list_as_table(rules, terminal); break;
    case OutputFormat::csv:
      fmt::print("id,level,title,logsource,path\r\n");
      for (const Listed& rule : rules) {
        std::string line;
        for (const std::string& cell : {rule.info->id, std::string(sigma::to_string(rule.info->level)),
                                        rule.info->title, rule.source_text(), rule.info->path}) {
          if (!line.empty()) line += ',';
          append_csv_cell(line, cell);
        }
        fmt::print("{}\r\n", line);
      }
  }
  return rules.empty() ? kExitRules : kExitFine;
}

int finish(const Result<int>& code) {
  return code ? *code : report_error(code.error());
}

}  // namespace

void add_rules_command(CLI::App& root, Action& action) {
  CLI::App* rules = root.add_subcommand("rules", "Check, test, explain and list rules");
  rules->require_subcommand(1);

  auto check = std::make_shared<CheckArguments>();
  CLI::App* check_command = rules->add_subcommand("check", "Say what is wrong with rules, all at once");
  check_command->add_option("PATH", check->paths, "Rule files, folders, zips (default: built-in rules)");
  check_command->add_option("--pipeline", check->pipelines, "Processing pipeline to apply first")
      ->allow_extra_args(false);
  check_command->add_option("--format", check->format, "text, json or sarif");
  check_command->add_flag("--no-warnings", check->no_warnings, "Errors only");
  check_command->footer("Example:\n  weir rules check rules/ --format sarif > rules.sarif");
  check_command->callback([check, &action] { action = [check] { return finish(check_rules(*check)); }; });

  auto list = std::make_shared<ListArguments>();
  CLI::App* list_command = rules->add_subcommand("list", "List rules, with counts");
  list_command->add_option("PATH", list->paths, "Rule files, folders, zips (default: built-in rules)");
  list_command->add_option("--level", list->level, "Only rules of this level or above")->type_name("LEVEL");
  list_command->add_option("--format", list->format, "table, json or csv");
  list_command->footer("Example:\n  weir rules list --level high");
  list_command->callback([list, &action] { action = [list] { return finish(list_rules(*list)); }; });

  add_rules_test_command(*rules, action);
  add_rules_explain_command(*rules, action);
}

}  // namespace weir::app
