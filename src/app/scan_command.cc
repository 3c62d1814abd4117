// `weir scan`: options, rules, inputs, output and summary.

#include <csignal>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "app/command.h"
#include "app/rule_sources.h"
#include "app/scan/alert_writer.h"
#include "app/scan/scan.h"
#include "app/scan/summary.h"
#include "base/json_text.h"
#include "base/text.h"
#include "io/files.h"

namespace weir::app {
namespace {

struct ScanArguments {
  std::vector<std::string> rule_paths;
  std::vector<std::string> files;
  std::vector<std::string> rules;
  std::vector<std::string> pipelines;
  std::string format;
  std::string input_format;
  std::string logsource;
  std::string level = "informational";
  std::string fail_on;
  std::string since;
  std::string until;
  std::string output;
  std::string rejects;
  std::string zone;
  std::string columns;
  int year = 0;
  std::size_t threads = 0;
  bool raw = false;
  bool no_memory = false;
  bool quiet = false;
};

std::atomic<bool> g_interrupted = false;

extern "C" void note_interrupt(int) { g_interrupted = true; }

std::string format_list() {
  std::string text = "Input formats (--input-format):\n";
  for (const formats::Format& format : formats::all_formats()) {
    text += fmt::format("  {:<14} {}\n", format.name, format.description);
  }
  return text;
}

Result<sigma::Level> level_option(std::string_view option, const std::string& text) {
  sigma::Level level{};
  if (!sigma::parse_level(text, level)) {
    return fail(ErrorKind::user, "{} {}: unknown (known: informational, low, medium, high, critical)", option, text);
  }
  return level;
}

Result<std::optional<event::EventTime>> time_option(std::string_view option, const std::string& text) {
  if (text.empty()) return std::optional<event::EventTime>();
  const auto time = event::parse_iso_time(text);
  if (!time) {
    return fail(ErrorKind::user, "{} {}: not a time (write 2026-01-02 or 2026-01-02T03:04:05Z)", option, text);
  }
  return std::optional(*time);
}

Result<ScanOptions> scan_options(const ScanArguments& arguments) {
  ScanOptions options;
  options.threads = arguments.threads != 0 ? arguments.threads : std::max(1U, std::thread::hardware_concurrency());
  options.remember = !arguments.no_memory;
  options.keep_rejects = !arguments.rejects.empty();
  TRY(options.since, time_option("--since", arguments.since));
  TRY(options.until, time_option("--until", arguments.until));
  if (arguments.logsource == "any") {
    options.any_logsource = true;
  } else if (!arguments.logsource.empty()) {
    TRY(options.format_options.logsource, event::parse_logsource(arguments.logsource));
  }
  if (!arguments.zone.empty()) {
    const auto zone = event::parse_zone_offset(arguments.zone);
    if (!zone) return fail(ErrorKind::user, "--assume-zone {}: write Z, +02:00 or -0500", arguments.zone);
    options.format_options.zone_offset = *zone;
  }
  if (arguments.year != 0) options.format_options.year = arguments.year;
  if (!arguments.columns.empty()) {
    for (const std::string_view name : split(arguments.columns, ',')) {
      options.format_options.field_names.emplace_back(trim(name));
    }
  }
  if (!arguments.input_format.empty()) {
    options.format = formats::find_format(arguments.input_format);
    if (options.format == nullptr) {
      std::vector<std::string_view> names;
      for (const formats::Format& format : formats::all_formats()) names.push_back(format.name);
      const std::string_view near = nearest(arguments.input_format, names);
      return fail(ErrorKind::user, "--input-format {}: unknown{}", arguments.input_format,
                  near.empty() ? " (weir scan --help lists them)" : fmt::format("; did you mean '{}'?", near));
    }
  }
  return options;
}

Result<std::vector<ScanInput>> find_inputs(const std::vector<std::string>& files, std::uint64_t& bytes) {
  std::vector<ScanInput> inputs;
  for (const std::string& file : files) {
    if (file == "-") {
      inputs.push_back({"-", std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())});
      continue;
    }
    TRY(const auto found, io::find_files(file));
    for (const io::FileInfo& info : found) {
      inputs.push_back({info.path, std::chrono::floor<std::chrono::microseconds>(info.modified)});
      bytes += info.size;
    }
  }
  return inputs;
}

// Where alerts go: standard output or a file. Written in blocks; an error is kept until the end.
class Output {
 public:
  static Result<std::unique_ptr<Output>> open(const std::string& path) {
    if (path.empty()) return std::unique_ptr<Output>(new Output(stdout, false));
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) return fail(ErrorKind::external, "{}: cannot be written: {}", path, std::strerror(errno));
    return std::unique_ptr<Output>(new Output(file, true));
  }
  ~Output() {
    if (owned_) std::fclose(file_);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  std::FILE* file() const { return file_; }
  void write(std::string_view text) {
    if (!text.empty() && std::fwrite(text.data(), 1, text.size(), file_) != text.size()) failed_ = true;
  }
  bool flush() {
    if (std::fflush(file_) != 0) failed_ = true;
    return !failed_;
  }
  bool failed() const { return failed_; }

 private:
  Output(std::FILE* file, bool owned) : file_(file), owned_(owned) {}

  std::FILE* file_;
  bool owned_;
  bool failed_ = false;
};

void write_rejects(Output& output, const std::string& path, const std::vector<RejectedRecord>& rejects) {
  std::string lines;
  for (const RejectedRecord& reject : rejects) {
    JsonWriter json(lines);
    json.begin_object().key("source").string(path).key("offset").number(static_cast<std::int64_t>(reject.number));
    json.key("reason").string(reject.reason).key("raw").string(reject.raw).end_object();
    lines += '\n';
  }
  output.write(lines);
}

std::vector<std::string> notes_on(const LoadedRules& loaded) {
  std::vector<std::string> notes;
  if (!loaded.need_lists.empty()) {
    notes.push_back(fmt::format("{} rules were left out because a placeholder has no list or a pipeline refused them "
                                "(weir rules check names them)", loaded.need_lists.size()));
  }
  if (!loaded.set.correlations.empty()) {
    notes.push_back(fmt::format("{} correlation rules were checked but do not run in a scan of single events yet; a later "
                                "step of the engine brings them", loaded.set.correlations.size()));
  }
  return notes;
}

class ScanCommand {
 public:
  explicit ScanCommand(const ScanArguments& arguments) : arguments_(arguments) {}

  int run() {
    auto code = prepare_and_scan();
    return code ? *code : report_error(code.error());
  }

 private:
  using Clock = std::chrono::steady_clock;

  Result<int> prepare_and_scan() {
    TRY(const ScanOptions options, scan_options(arguments_));
    std::optional<sigma::Level> fail_on;
    if (!arguments_.fail_on.empty()) {
      TRY(fail_on, level_option("--fail-on", arguments_.fail_on));
    }
    RuleChoice choice;
    choice.rules = arguments_.rules;
    choice.pipelines = arguments_.pipelines;
    TRY(choice.level_min, level_option("--level", arguments_.level));
    const auto start = Clock::now();
    TRY(auto texts, read_rule_texts(arguments_.rule_paths));
    TRY(const LoadedRules loaded, load_rules(std::move(texts), choice));
    if (loaded.scan.rules.empty()) {
      report_error({ErrorKind::user, no_rules_message(loaded)});
      return static_cast<int>(kExitRules);
    }
    std::uint64_t bytes = 0;
    TRY(const auto inputs, find_inputs(arguments_.files, bytes));
    const double load_seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return scan_all(options, loaded, inputs, bytes, load_seconds, fail_on);
  }

  static std::string no_rules_message(const LoadedRules& loaded) {
    if (loaded.not_chosen > 0) return fmt::format("none of {} rules fits --rule and --level", loaded.not_chosen);
    return fmt::format("no usable rule was found ({} failed; weir rules check PATH says why)", loaded.documents_failed);
  }

  Result<int> scan_all(const ScanOptions& options, const LoadedRules& loaded, const std::vector<ScanInput>& inputs,
                       std::uint64_t bytes, double load_seconds, std::optional<sigma::Level> fail_on) {
    TRY(const auto output, Output::open(arguments_.output));
    std::unique_ptr<Output> rejects;
    if (!arguments_.rejects.empty()) {
      TRY(rejects, Output::open(arguments_.rejects));
    }
    const Terminal terminal(output->file());
    const std::string format_name = !arguments_.format.empty() ? arguments_.format
                                    : terminal.is_terminal()   ? "table"
                                                               : "json";
    TRY(const OutputFormat format, parse_output_format(format_name));
    const auto writer = make_alert_writer(format, terminal, arguments_.raw);
    std::signal(SIGINT, note_interrupt);
    std::signal(SIGTERM, note_interrupt);

    ScanSummary summary;
    Progress progress(!arguments_.quiet, bytes);
    ScanCounts so_far;
    std::uint64_t consumed_before = 0;
    std::uint64_t consumed_last = 0;
    std::string text;
    writer->begin(text);
    output->write(text);
    ScanListener listener;
    listener.on_input = [](const std::string&, const ChunkReader&) {};
    listener.on_result = [&](const std::string& path, ChunkResult& result, std::uint64_t consumed) {
      text.clear();
      for (const FoundAlert& found : result.alerts) writer->write(found, text);
      if (!text.empty()) progress.clear();
      output->write(text);
      if (rejects) write_rejects(*rejects, path, result.rejects);
      summary.add(result);
      so_far.events += result.counts.events;
      so_far.bytes += result.counts.bytes;
      consumed_last = consumed;
      progress.update(consumed_before + consumed, so_far.events, so_far.bytes, summary.alerts());
      if (output->failed()) g_interrupted = true;  // A closed pipe: nobody reads on.
    };
    listener.on_input_end = [&](const InputReport& report) {
      consumed_before += std::exchange(consumed_last, 0);
      summary.add(report);
    };
    const auto start = Clock::now();
    scan(loaded.scan, options, inputs, listener, g_interrupted);
    progress.clear();
    const bool written = output->flush() && (!rejects || rejects->flush());

    ScanSummary::Frame frame{loaded.scan.rules.size() - loaded.need_lists.size(), loaded.documents_failed,
                             notes_on(loaded), load_seconds,
                             std::chrono::duration<double>(Clock::now() - start).count(), g_interrupted};
    if (!arguments_.quiet) {
      const bool beside = output->file() == stdout && format == OutputFormat::table;
      std::FILE* stream = beside ? stdout : stderr;
      const std::string rendered = summary.render(Terminal(stream), frame);
      std::fwrite(rendered.data(), 1, rendered.size(), stream);
    }
    if (g_interrupted && written) return static_cast<int>(kExitInterrupted);
    if (!written) return fail(ErrorKind::external, "the output could not be written completely");
    return exit_code(summary, fail_on);
  }

  static int exit_code(const ScanSummary& summary, std::optional<sigma::Level> fail_on) {
    if (fail_on && summary.alerts_from(*fail_on) > 0) return kExitFindings;
    const auto failed = [](const InputReport& input) { return input.failure.has_value(); };
    const auto& inputs = summary.inputs();
    if (!inputs.empty() && std::ranges::all_of(inputs, failed)) return exit_code_of(inputs.front().failure->kind);
    return kExitFine;
  }

  const ScanArguments& arguments_;
};

}  // namespace

void add_scan_command(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<ScanArguments>();
  CLI::App* command = root.add_subcommand("scan", "Run rules over files and print alerts");
  command->add_option("FILE", arguments->files, "Files, folders, globs; '-' is standard input")->required();
  command->add_option("--rules", arguments->rule_paths, "Rule file, folder or zip; may be given again (default: built-in)");
  command->add_option("--rule", arguments->rules, "Only rules with this id, title or file name (globs)")->allow_extra_args(false);
  command->add_option("--level", arguments->level, "Only rules of this level or above");
  command->add_option("--pipeline", arguments->pipelines, "Processing pipeline (pySigma's YAML) to apply to the rules")->allow_extra_args(false);
  command->add_option("--format", arguments->format, "table, json or csv (default: table on a terminal, json in a pipe)");
  command->add_option("--output", arguments->output, "Write alerts to this file");
  command->add_option("--input-format", arguments->input_format, "Read the inputs as this format");
  command->add_option("--logsource", arguments->logsource,
                      "What the events are: product=…,category=…,service=…; 'any' tries every rule");
  command->add_option("--fields", arguments->columns, "Column names of files without a header, separated by commas");
  command->add_option("--assume-zone", arguments->zone, "Zone of times written without one (default: UTC)");
  command->add_option("--assume-year", arguments->year, "Year of times written without one (default: from the file's date)");
  command->add_option("--since", arguments->since, "Only events at or after this time");
  command->add_option("--until", arguments->until, "Only events before this time");
  command->add_option("--threads", arguments->threads, "Worker threads (default: all cores)")->check(CLI::Range(1, 256));
  command->add_option("--fail-on", arguments->fail_on, "Exit with 1 if there is an alert of this level or above");
  command->add_option("--rejects", arguments->rejects, "Write records that cannot be read to this file, as JSON lines");
  command->add_flag("--raw", arguments->raw, "Show the record's own text with each alert");
  command->add_flag("--quiet,-q", arguments->quiet, "No summary, no progress");
  command->add_flag("--no-remember", arguments->no_memory, "Decide every value anew (for measuring)")->group("");
  command->footer([] {
    return "Example:\n  weir scan --rules sigma_all_rules.zip --level high evtx-folder/ /var/log/auth.log\n\n" + format_list();
  });
  command->callback([arguments, &action] { action = [arguments] { return ScanCommand(*arguments).run(); }; });
}

}  // namespace weir::app
