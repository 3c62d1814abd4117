#include "app/scan/arguments.h"

#include <algorithm>
#include <thread>

#include <fmt/ranges.h>

#include "base/text.h"

namespace weir::app {
namespace {

Result<std::optional<event::EventTime>> time_option(std::string_view option, const std::string& text) {
  if (text.empty()) return std::optional<event::EventTime>();
  const auto time = event::parse_iso_time(text);
  if (!time) {
    return fail(ErrorKind::user, "{} {}: not a time (write 2026-01-02 or 2026-01-02T03:04:05Z)", option, text);
  }
  return time;
}

// What the options say of the inputs' content.
Result<formats::Options> format_options(const ScanArguments& arguments) {
  formats::Options options;
  if (!arguments.logsource.empty() && arguments.logsource != "any") {
    TRY(options.assumed_logsource, event::parse_logsource(arguments.logsource));
  }
  if (!arguments.zone.empty()) {
    const auto zone = event::parse_zone_offset(arguments.zone);
    if (!zone) return fail(ErrorKind::user, "--assume-zone {}: write Z, +02:00 or -0500", arguments.zone);
    options.zone_offset = *zone;
  }
  if (arguments.year != 0) options.year = arguments.year;
  if (!arguments.field_names.empty()) {
    for (const std::string_view name : split(arguments.field_names, ',')) options.field_names.emplace_back(trim(name));
  }
  return options;
}

void add_choice_options(CLI::App& command, ScanArguments& arguments) {
  // A list takes one value each time, so that the files behind it are not taken for more of it.
  command
      .add_option("--rules", arguments.rule_paths, "Rule file, folder or zip; may be given again (default: built-in)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  command.add_option("--rule", arguments.rules, "Only rules with this id, title or file name (globs)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command
      .add_option("--level", arguments.level,
                  fmt::format("Only rules of this level or above: {}", fmt::join(sigma::level_names(), ", ")))
      ->type_name("LEVEL");
  command.add_option("--pipeline", arguments.pipelines, "Processing pipeline (pySigma's YAML) to apply to the rules")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--since", arguments.since, "Only events at or after this time")->type_name("TIME");
  command.add_option("--until", arguments.until, "Only events before this time")->type_name("TIME");
}

void add_input_options(CLI::App& command, ScanArguments& arguments) {
  command
      .add_option("--input-format", arguments.input_format, "Read the inputs as this format (weir formats lists them)")
      ->type_name("NAME");
  command
      .add_option("--logsource", arguments.logsource,
                  "What events are that do not say it: product=…,category=…,service=…; 'any' tries every rule")
      ->type_name("SOURCE");
  command.add_option("--fields", arguments.field_names, "Column names of files without a header, separated by commas")
      ->type_name("NAMES");
  command.add_option("--assume-zone", arguments.zone, "Zone of times written without one, as +02:00 (default: UTC)")
      ->type_name("ZONE");
  command
      .add_option("--assume-year", arguments.year, "Year of times written without one (default: from the file's date)")
      ->type_name("YEAR")
      ->check(CLI::Range(1970, 9999).description(""))
      ->type_name("YEAR");
}

void add_output_options(CLI::App& command, ScanArguments& arguments) {
  command.add_option("--format", arguments.format, "table, json or csv (default: table on a terminal, json in a pipe)")
      ->type_name("FORMAT");
  command.add_option("--output", arguments.output, "Write alerts to this file")->type_name("FILE");
  command.add_option("--rejects", arguments.rejects, "Write records that cannot be read to this file, as JSON lines")
      ->type_name("FILE");
  command.add_option("--fail-on", arguments.fail_on, "Exit with 1 if there is an alert of this level or above")
      ->type_name("LEVEL");
  command.add_option("--threads", arguments.threads, "Worker threads, 1 to 256 (default: all cores)")
      ->check(CLI::Range(1, 256).description(""))
      ->type_name("N");
  command.add_flag("--raw", arguments.raw, "Show the record's own text with each alert");
  command.add_flag("--verbose,-v", arguments.verbose, "List every input, and all that was assumed of them");
  command.add_flag("--quiet,-q", arguments.quiet, "No summary, no progress");
  command.add_flag("--no-remember", arguments.no_remember, "Decide every value anew (for measuring)")->group("");
}

}  // namespace

void add_scan_options(CLI::App& command, ScanArguments& arguments) {
  command.add_option("FILE", arguments.files, "Files, folders, globs; '-' is standard input")
      ->required()
      ->type_name("");
  add_choice_options(command, arguments);
  add_input_options(command, arguments);
  add_output_options(command, arguments);
}

Result<ScanOptions> scan_options(const ScanArguments& arguments) {
  ScanOptions options;
  options.threads = arguments.threads != 0 ? arguments.threads : std::max(1U, std::thread::hardware_concurrency());
  options.remember = !arguments.no_remember;
  options.keep_rejects = !arguments.rejects.empty();
  options.any_logsource = arguments.logsource == "any";
  TRY(options.since, time_option("--since", arguments.since));
  TRY(options.until, time_option("--until", arguments.until));
  if (options.since && options.until && *options.since >= *options.until) {
    return fail(ErrorKind::user, "--since {} is not before --until {}: no event could lie between them",
                arguments.since, arguments.until);
  }
  TRY(options.format_options, format_options(arguments));
  TRY(options.format, format_option(arguments.input_format));
  return options;
}

Result<sigma::Level> level_option(std::string_view option, const std::string& text) {
  sigma::Level level{};
  if (!sigma::parse_level(lower(text), level)) {
    return fail(ErrorKind::user, "{} {}: unknown (known: {})", option, text, fmt::join(sigma::level_names(), ", "));
  }
  return level;
}

Result<const formats::Format*> format_option(const std::string& name) {
  if (name.empty()) return nullptr;
  if (const formats::Format* format = formats::find_format(name)) return format;
  const std::string_view near = nearest(name, formats::format_names());
  return fail(ErrorKind::user, "--input-format {}: unknown{}", name,
              near.empty() ? " (weir formats lists them)" : fmt::format("; did you mean '{}'?", near));
}

}  // namespace weir::app
