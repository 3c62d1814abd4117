// `weir scan`: rules, inputs, output and summary put together.

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>

#include <fmt/ranges.h>

#include "app/command.h"
#include "app/rule_sources.h"
#include "app/scan/alert_writer.h"
#include "app/scan/arguments.h"
#include "app/scan/inputs.h"
#include "app/scan/notes.h"
#include "app/scan/output_file.h"
#include "app/scan/scan.h"
#include "app/scan/summary.h"
#include "base/json_text.h"
#include "base/text.h"
#include "io/files.h"

namespace weir::app {
namespace {

using Clock = std::chrono::steady_clock;

std::atomic<bool> g_interrupted = false;

extern "C" void note_interrupt(int) {
  g_interrupted = true;
}

// The first signal ends the scan with what was found, the second one at once.
void watch_signals() {
  struct sigaction action{};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void write_rejects(OutputFile& output, const std::string& path, const std::vector<RejectedRecord>& rejects) {
  std::string lines;
  for (const RejectedRecord& reject : rejects) {
    JsonWriter json(lines);
    json.begin_object().key("source").string(path).key("offset").number(static_cast<std::int64_t>(reject.number));
    json.key("reason").string(reject.reason).key("raw").string(reject.raw).end_object();
    lines += '\n';
  }
  output.write(lines);
}

// From the first byte read to the summary. Everything here runs on the caller's thread.
class ScanRun {
 public:
  static Result<std::unique_ptr<ScanRun>> start(const ScanArguments& arguments, std::uint64_t bytes) {
    TRY(auto output, OutputFile::open(arguments.output));
    std::unique_ptr<OutputFile> rejects;
    if (!arguments.rejects.empty()) {
      TRY(rejects, OutputFile::open(arguments.rejects));
    }
    const bool on_terminal = Terminal(output->stream()).is_terminal();
    TRY(const OutputFormat format, parse_output_format(!arguments.format.empty() ? arguments.format
                                                       : on_terminal             ? "table"
                                                                                 : "json"));
    return std::unique_ptr<ScanRun>(new ScanRun(arguments, format, std::move(output), std::move(rejects), bytes));
  }

  void scan_inputs(const ScanRules& rules, const ScanOptions& options, const std::vector<ScanInput>& inputs) {
    text_.clear();
    writer_->begin(text_);
    output_->write(text_);
    ScanListener listener;
    listener.on_result = [this](const std::string& path, ChunkResult& result, std::uint64_t consumed) {
      take(path, result, consumed);
    };
    listener.on_input_end = [this](const InputReport& report) {
      consumed_before_ += std::exchange(consumed_last_, 0);
      summary_.add(report);
    };
    scan(rules, options, inputs, listener, g_interrupted);
    progress_.clear();
  }

  // Whether all of the output has arrived.
  bool flush() {
    const bool alerts = output_->flush();
    return (!rejects_ || rejects_->flush()) && alerts;
  }

  // After `flush`: alerts and summary may share a terminal.
  void print_summary(const ScanSummary::Frame& frame) const {
    const std::string rendered = summary_.render(Terminal(stderr), frame);
    std::fwrite(rendered.data(), 1, rendered.size(), stderr);
  }

  const ScanSummary& summary() const { return summary_; }

 private:
  ScanRun(const ScanArguments& arguments, OutputFormat format, std::unique_ptr<OutputFile> output,
          std::unique_ptr<OutputFile> rejects, std::uint64_t bytes)
      : output_(std::move(output)),
        rejects_(std::move(rejects)),
        terminal_(output_->stream()),
        writer_(make_alert_writer(format, terminal_, arguments.raw)),
        progress_(!arguments.quiet, bytes) {}

  void take(const std::string& path, const ChunkResult& result, std::uint64_t consumed) {
    text_.clear();
    for (const FoundAlert& found : result.alerts) writer_->write(found, text_);
    if (!text_.empty()) progress_.clear();
    output_->write(text_);
    if (!text_.empty()) output_->flush();  // The next chunk of a pipe may be long in coming.
    if (rejects_) write_rejects(*rejects_, path, result.rejects);
    summary_.add(result);
    events_ += result.counts.events;
    bytes_ += result.counts.bytes;
    consumed_last_ = consumed;
    progress_.update({consumed_before_ + consumed, events_, bytes_, summary_.alerts()});
    if (output_->failed()) g_interrupted = true;  // Nobody reads on.
  }

  const std::unique_ptr<OutputFile> output_;
  const std::unique_ptr<OutputFile> rejects_;  // Null without --rejects.
  const Terminal terminal_;
  const std::unique_ptr<AlertWriter> writer_;
  Progress progress_;
  ScanSummary summary_;
  std::string text_;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t consumed_before_ = 0;  // Of inputs that have ended.
  std::uint64_t consumed_last_ = 0;
};

int exit_code(const ScanSummary& summary, std::optional<sigma::Level> fail_on) {
  if (g_interrupted) return kExitInterrupted;
  if (fail_on && summary.alerts_from(*fail_on) > 0) return kExitFindings;
  const auto failed = [](const InputReport& input) { return input.failure.has_value(); };
  const auto& inputs = summary.inputs();
  if (!inputs.empty() && std::ranges::all_of(inputs, failed)) return exit_code_of(inputs.front().failure->kind);
  return kExitFine;
}

std::string no_rules_message(const LoadedRules& loaded) {
  if (loaded.not_chosen > 0)
    return fmt::format("none of {} fits --rule and --level", counted(loaded.not_chosen, "rule"));
  return fmt::format("no usable rule was found ({} failed; weir rules check PATH says why)", loaded.documents_failed);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Result<int> run_scan(const ScanArguments& arguments) {
  TRY(const ScanOptions options, scan_options(arguments));
  std::optional<sigma::Level> fail_on;
  if (!arguments.fail_on.empty()) {
    TRY(fail_on, level_option("--fail-on", arguments.fail_on));
  }
  RuleChoice choice;
  choice.rules = arguments.rules;
  choice.pipelines = arguments.pipelines;
  TRY(choice.level_min, level_option("--level", arguments.level));
  const Clock::time_point load_start = Clock::now();
  TRY(auto texts, read_rule_texts(arguments.rule_paths));
  TRY(const LoadedRules loaded, load_rules(std::move(texts), choice));
  if (!loaded.not_found.empty()) return fail(ErrorKind::user, "{}", fmt::join(loaded.not_found, "\n"));
  if (loaded.scan.rules.empty()) {
    report_error({ErrorKind::user, no_rules_message(loaded)});
    return static_cast<int>(kExitRules);
  }
  const double load_seconds = seconds_since(load_start);
  TRY(const FoundInputs inputs, find_inputs(arguments.files));
  TRY(const auto run, ScanRun::start(arguments, inputs.bytes));
  watch_signals();
  const Clock::time_point scan_start = Clock::now();
  run->scan_inputs(loaded.scan, options, inputs.list);
  const bool written = run->flush();
  if (!arguments.quiet) {
    run->print_summary({.rules = loaded.scan.rules.size() - loaded.need_lists.size(),
                        .rules_failed = loaded.documents_failed,
                        .notes = notes_on(loaded, options, run->summary().counts()),
                        .load_seconds = load_seconds,
                        .scan_seconds = seconds_since(scan_start),
                        .interrupted = g_interrupted,
                        .format_options = options.format_options,
                        .verbose = arguments.verbose});
  }
  if (!written) return fail(ErrorKind::external, "the output could not be written completely");
  return exit_code(run->summary(), fail_on);
}

}  // namespace

void add_scan_command(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<ScanArguments>();
  CLI::App* command = root.add_subcommand("scan", "Run rules over files and print alerts");
  add_scan_options(*command, *arguments);
  command->footer(
      "Examples:\n"
      "  weir scan /var/log/auth.log\n"
      "  weir scan --rules sigma_all_rules.zip --level high --fail-on critical evtx-folder/\n"
      "  zcat proxy.*.gz | weir scan --input-format squid --format csv -\n\n"
      "Formats are recognised by content; weir formats lists them, and what they assume of times.");
  command->callback([arguments, &action] {
    action = [arguments] {
      const auto code = run_scan(*arguments);
      return code ? *code : report_error(code.error());
    };
  });
}

}  // namespace weir::app
