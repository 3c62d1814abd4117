// `weir rules explain RULE EVENT`: the condition as a tree, with true and false and the values that decided.

#include <algorithm>
#include <cstdio>
#include <span>

#include "app/rule_sources.h"
#include "app/rules_command.h"
#include "app/scan/arguments.h"
#include "app/scan/inputs.h"
#include "app/single_events.h"
#include "app/terminal.h"
#include "base/text.h"
#include "formats/registry.h"
#include "io/input.h"
#include "sigma/evaluation.h"

namespace weir::app {
namespace {

struct ExplainArguments {
  std::string rule;
  std::string event;
  std::vector<std::string> rule_paths;
  std::vector<std::string> pipelines;
  std::string input_format;
  std::string logsource;
};

class TreePrinter {
 public:
  TreePrinter(const Terminal& terminal, const sigma::EventView& event) : terminal_(terminal), event_(event) {}

  void print(const sigma::Expr& expr, std::size_t depth) const {
    if (expr.kind == sigma::ExprKind::leaf) {
      print_leaf(expr, depth);
      return;
    }
    line(sigma::holds(expr, event_), depth, name_of(expr), "");
    print_children(expr, depth + 1);
  }

 private:
  static constexpr std::size_t kChildrenShown = 12;

  static std::string name_of(const sigma::Expr& expr) {
    const std::string_view kind = expr.kind == sigma::ExprKind::negation ? "not"
                                  : expr.kind == sigma::ExprKind::all_of ? "all of"
                                                                         : "any of";
    return expr.label.empty() ? std::string(kind) : fmt::format("{} ({})", visible(expr.label), kind);
  }

  // Of a long list, those that hold first; then how many more there are.
  void print_children(const sigma::Expr& expr, std::size_t depth) const {
    if (expr.children.size() <= kChildrenShown) {
      for (const sigma::Expr& child : expr.children) print(child, depth);
      return;
    }
    std::size_t shown = 0;
    for (const bool wanted : {true, false}) {
      for (const sigma::Expr& child : expr.children) {
        if (shown == kChildrenShown) break;
        if (sigma::holds(child, event_) != wanted) continue;
        print(child, depth);
        ++shown;
      }
    }
    fmt::print("{}… and {} more\n", std::string(2 * depth + 2, ' '), expr.children.size() - shown);
  }

  void print_leaf(const sigma::Expr& expr, std::size_t depth) const {
    const sigma::FieldTest& leaf = *expr.leaf;
    event::Cell* deciding = nullptr;
    const bool holds = sigma::holds(leaf, event_, &deciding);
    const std::string name = leaf.field.empty() ? "any value" : visible(leaf.field);
    line(holds, depth, fmt::format("{} {}", name, visible(leaf.text)), value_of(leaf, deciding));
  }

  std::string value_of(const sigma::FieldTest& leaf, event::Cell* deciding) const {
    if (deciding != nullptr) return shown(*deciding);
    std::string values;
    const auto add = [&](event::Cell& cell) {
      if (!values.empty()) values += ", ";
      values += shown(cell);
      return false;
    };
    if (leaf.field.empty()) return "no value of the event";
    event_.any_cell(leaf.field, add);
    return values.empty() ? "the event has no such field" : values;
  }

  std::string shown(event::Cell& cell) const {
    if (cell.kind == event::ValueKind::null) return "null";
    const std::string text = visible(event_.text(cell));
    return fmt::format("'{}'", text.size() > 200 ? text.substr(0, 200) + "…" : text);
  }

  void line(bool holds, std::size_t depth, const std::string& what, const std::string& value) const {
    const std::string mark = holds ? terminal_.paint(Colour::green, "true ") : terminal_.paint(Colour::red, "false");
    fmt::print("{}{} {}{}\n", std::string(2 * depth, ' '), mark, what,
               value.empty() ? "" : terminal_.paint(Colour::dim, "  ← " + value));
  }

  const Terminal& terminal_;
  const sigma::EventView& event_;
};

// "file:17" is record 17 of the file; JSON text is itself; "-" is standard input.
Result<std::unique_ptr<FoundEvent>> read_event(const std::string& argument, const formats::Format* format,
                                               formats::Options options, const event::FieldTable& fields) {
  if (argument.starts_with('{')) {
    return find_event(io::Input::over(argument), "the event", format, std::move(options), fields, 1);
  }
  std::string path = argument;
  std::uint64_t number = 1;
  const std::size_t colon = argument.rfind(':');
  if (colon != std::string::npos) {
    if (const auto value = parse_int(argument.substr(colon + 1)); value && *value > 0) {
      number = static_cast<std::uint64_t>(*value);
      path = argument.substr(0, colon);
    }
  }
  TRY(const ScanInput input, find_input(path));
  InputOpener opener;
  TRY(auto opened, opener.open(input));
  options.newest = input.modified;
  return find_event(std::move(opened), input.path, format, std::move(options), fields, number);
}

// Why nothing is there to explain: what is wrong with the rule, as `weir rules check` says it.
std::string problems_of(const LoadedRules& loaded) {
  std::string problems;
  for (const sigma::Diagnostic& diagnostic : loaded.set.diagnostics) {
    if (diagnostic.severity != sigma::Severity::error) continue;
    const auto source = std::ranges::find(loaded.texts, diagnostic.path, &SourceText::path);
    problems += "\n" + sigma::render(diagnostic, source == loaded.texts.end() ? std::string_view() : source->text);
    problems.pop_back();  // The line's end.
  }
  return problems;
}

// The rule stands first.
Result<LoadedRules> load_explained(const ExplainArguments& arguments) {
  std::vector<std::string> paths = arguments.rule_paths;
  RuleChoice choice;
  choice.pipelines = arguments.pipelines;
  const bool is_path = arguments.rule.ends_with(".yml") || arguments.rule.ends_with(".yaml");
  const bool is_file = is_path && paths.empty();
  if (is_file) {
    paths.push_back(arguments.rule);
  } else {
    choice.rules.push_back(arguments.rule);
  }
  TRY(auto texts, read_rule_texts(paths));
  TRY(LoadedRules loaded, load_rules(std::move(texts), choice));
  const bool first_runs = !loaded.scan.variants.empty() && loaded.scan.variants.front().rule == 0;
  if (is_file && !first_runs) {
    return fail(ErrorKind::user, "'{}' holds no rule that can run{}", arguments.rule, problems_of(loaded));
  }
  if (!first_runs && names_correlation(loaded, arguments.rule)) {
    return fail(ErrorKind::user, "'{}' is a correlation: these are checked, but do not run yet", arguments.rule);
  }
  if (!first_runs) {
    return fail(
        ErrorKind::user,
        "no usable rule has the id, title or file name '{}' {} (weir rules list shows those that there are, weir "
        "rules check what is wrong with the others)",
        arguments.rule, arguments.rule_paths.empty() ? "among the built-in rules; --rules names others" : "there");
  }
  return loaded;
}

// Whether the rule fires. The forms that it takes for other logsources are only named; if no form is for this one, the
// first is shown, since it is the rule as it was written.
bool print_trees(const LoadedRules& loaded, const event::Logsource* logsource, const sigma::EventView& event,
                 bool any_logsource, const Terminal& terminal) {
  const auto is_selected = [&](const sigma::Variant& variant) { return variant.speaks_of(logsource, any_logsource); };
  const auto end = std::ranges::find_if(loaded.scan.variants, [](const auto& variant) { return variant.rule != 0; });
  const std::span<const sigma::Variant> variants(loaded.scan.variants.begin(), end);
  const bool any_selected = std::ranges::any_of(variants, is_selected);
  bool fires = false;
  for (const sigma::Variant& variant : variants) {
    const bool selected = is_selected(variant);
    fmt::print("\nas a rule for {}: {}\n", event::to_string(variant.logsource),
               selected ? "speaks of this event" : "does not speak of this event's logsource");
    if (selected || (!any_selected && &variant == variants.data()))
      TreePrinter(terminal, event).print(variant.condition, 0);
    fires |= selected && sigma::holds(variant.condition, event);
  }
  return fires;
}

Result<int> explain(const ExplainArguments& arguments) {
  TRY(const LoadedRules loaded, load_explained(arguments));
  const bool any_logsource = arguments.logsource == "any";
  formats::Options options;
  if (!arguments.logsource.empty() && !any_logsource) {
    TRY(options.assumed_logsource, event::parse_logsource(arguments.logsource));
  }
  TRY(const formats::Format* format, format_option(arguments.input_format));
  TRY(const auto found, read_event(arguments.event, format, std::move(options), loaded.scan.plan->field_table()));

  const Terminal terminal(stdout);
  const sigma::RuleInfo& info = *loaded.scan.rules.front().info;
  if (loaded.scan.rules.size() > 1) {
    fmt::print(stderr, "weir: {} rules fit '{}'; this is the first (give an id for another)\n",
               loaded.scan.rules.size(), arguments.rule);
  }
  fmt::print("{}  ({}, by {})\n", terminal.paint(Colour::bold, visible(info.title)), visible(info.id),
             info.author.empty() ? "unknown author" : visible(info.author));
  fmt::print("event logsource: {}\n",
             found->row.logsource ? visible(event::to_string(*found->row.logsource)) : "unknown (--logsource says it)");
  const sigma::EventView view(loaded.scan.plan->field_table(), found->batch, found->row);
  const bool fires = print_trees(loaded, found->row.logsource, view, any_logsource, terminal);
  fmt::print("\nthe rule {}\n",
             fires ? terminal.paint(Colour::green, "fires") : terminal.paint(Colour::red, "does not fire"));
  return kExitFine;
}

}  // namespace

void add_rules_explain_command(CLI::App& rules, Action& action) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = rules.add_subcommand("explain", "Show why a rule fires on an event, or why not");
  command->add_option("RULE", arguments->rule, "Rule file, or id or title of a rule of --rules")->required();
  command
      ->add_option(
          "EVENT", arguments->event,
          "FILE or FILE:NUMBER (line or record) as alerts state it; - or (behind --) -:NUMBER; or the event as JSON")
      ->required();
  command->add_option("--rules", arguments->rule_paths, "Where to look for the rule (default: built-in rules)")
      ->allow_extra_args(false);
  command->add_option("--pipeline", arguments->pipelines, "Processing pipeline to apply first")
      ->allow_extra_args(false);
  command->add_option("--input-format", arguments->input_format, "Read the event as this format");
  command->add_option("--logsource", arguments->logsource, "What the event is: product=…,category=…,service=…, or any");
  command->footer("Example:\n  weir rules explain rules/windows/lsass_dump.yml events.jsonl:17");
  command->callback([arguments, &action] {
    action = [arguments] {
      const auto code = explain(*arguments);
      return code ? *code : report_error(code.error());
    };
  });
}

}  // namespace weir::app
