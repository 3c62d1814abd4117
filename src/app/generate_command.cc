// `weir generate`: the traffic of a company as files, with hidden attacks and a truth file. docs/generate.md.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/command.h"
#include "base/text.h"
#include "event/time.h"
#include "io/files.h"
#include "traffic/generate.h"

namespace weir::app {
namespace {

struct GenerateArguments {
  std::string output = "weir-traffic";
  std::string truth;
  std::string start = "2026-03-03T08:00:00Z";
  std::string duration = "1h";
  std::vector<std::string> sources;
  std::uint64_t seed = 1;
  std::uint32_t users = 0;
  std::uint64_t rate = 0;
  bool no_attacks = false;
  bool quiet = false;
};

// "90s", "30m", "12h", "7d".
Result<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto number = text.empty() ? std::nullopt : parse_int(text.substr(0, text.size() - 1));
  const std::int64_t unit = text.empty()         ? 0
                            : text.back() == 's' ? 1
                            : text.back() == 'm' ? 60
                            : text.back() == 'h' ? 3600
                            : text.back() == 'd' ? 86'400
                                                 : 0;
  constexpr std::int64_t kYears100 = 100LL * 366 * 86'400;
  if (!number || unit == 0 || *number <= 0 || *number > kYears100 / unit) {
    return fail(ErrorKind::user, "--duration {}: write a number and s, m, h or d, for example 90m", text);
  }
  return std::chrono::seconds(*number * unit);
}

Result<traffic::SourceSet> parse_sources(const std::vector<std::string>& names) {
  traffic::SourceSet chosen;
  if (names.empty()) return chosen.set();
  for (const std::string& name : names) {
    bool known = false;
    std::string all;
    for (const traffic::Source source : traffic::kSources) {
      const std::string_view of_source = traffic::name_of(source);
      all += fmt::format("{}{}", all.empty() ? "" : ", ", of_source);
      if (of_source != name) continue;
      chosen.set(static_cast<std::size_t>(source));
      known = true;
    }
    if (!known) return fail(ErrorKind::user, "--source {}: unknown (known: {})", name, all);
  }
  return chosen;
}

// A file per source, opened when its first bytes come.
class FolderSink final : public traffic::Sink {
 public:
  explicit FolderSink(std::string folder) : folder_(std::move(folder)) {}
  ~FolderSink() override {
    for (std::FILE* file : files_) {
      if (file != nullptr) std::fclose(file);
    }
  }
  FolderSink(const FolderSink&) = delete;
  FolderSink& operator=(const FolderSink&) = delete;

  bool write(traffic::Source source, std::string_view bytes) override {
    std::FILE*& file = files_[static_cast<std::size_t>(source)];
    const std::string path = (std::filesystem::path(folder_) / traffic::file_of(source)).string();
    if (file == nullptr) file = std::fopen(path.c_str(), "we");
    if (file == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
      problem_ = fmt::format("{}: cannot be written: {}", path, std::strerror(errno));
      return false;
    }
    return true;
  }

  // Whether everything has reached the files.
  Status close() {
    for (std::FILE*& file : files_) {
      if (file != nullptr && std::fclose(std::exchange(file, nullptr)) != 0 && problem_.empty()) {
        problem_ = fmt::format("{}: cannot be written: {}", folder_, std::strerror(errno));
      }
    }
    if (!problem_.empty()) return fail(ErrorKind::external, "{}", problem_);
    return {};
  }

 private:
  std::string folder_;
  std::array<std::FILE*, traffic::kSourceCount> files_{};
  std::string problem_;
};

Result<int> generate(const GenerateArguments& arguments) {
  traffic::Settings settings;
  settings.seed = arguments.seed;
  settings.users = arguments.users;
  settings.events_per_second = arguments.rate;
  settings.attacks = !arguments.no_attacks;
  TRY(settings.duration, parse_duration(arguments.duration));
  TRY(settings.sources, parse_sources(arguments.sources));
  const auto start = event::parse_iso_time(arguments.start);
  if (!start) return fail(ErrorKind::user, "--start {}: not a time (write 2026-03-03T08:00:00Z)", arguments.start);
  settings.start = *start;

  std::error_code error;
  std::filesystem::create_directories(arguments.output, error);
  if (error) return fail(ErrorKind::external, "{}: cannot be made: {}", arguments.output, error.message());
  FolderSink sink(arguments.output);
  const auto truth = traffic::generate(settings, sink);
  TRY(sink.close());
  if (!truth) return std::unexpected(truth.error());
  const std::filesystem::path folder(arguments.output);
  const std::string truth_path = arguments.truth.empty() ? (folder / traffic::kTruthFile).string() : arguments.truth;
  TRY(io::write_file(truth_path, traffic::to_json_lines(*truth)));
  TRY(io::write_file((folder / traffic::kNetworksFile).string(), truth->networks));
  if (arguments.quiet) return static_cast<int>(kExitFine);
  for (const traffic::Source source : traffic::kSources) {
    const auto index = static_cast<std::size_t>(source);
    if (!settings.sources.test(index)) continue;
    fmt::print(stderr, "  {:<18} {:>12} events  {:>10}\n", traffic::file_of(source), human_count(truth->events[index]),
               human_bytes(static_cast<double>(truth->bytes[index])));
  }
  fmt::print(stderr, "{} users, {} of traffic, {} attacks hidden in it; the truth is in {}\n",
             human_count(truth->users), arguments.duration, truth->attacks.size(), truth_path);
  return static_cast<int>(kExitFine);
}

}  // namespace

void add_generate_command(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* command = root.add_subcommand("generate", "Make a company's traffic, with attacks hidden in it");
  command->add_option("--output", arguments->output, "Folder for the files (default: weir-traffic)");
  command->add_option("--truth", arguments->truth,
                      "Where to write what was hidden (default: truth.jsonl in the folder)");
  command->add_option("--seed", arguments->seed, "The same seed gives the same bytes");
  command->add_option("--start", arguments->start, "Time of the first event (default: 2026-03-03T08:00:00Z)");
  command->add_option("--duration", arguments->duration, "How long: 90s, 30m, 12h, 7d (default: 1h)");
  command->add_option("--rate", arguments->rate, "Events per second over all sources (default: what the users do)");
  command->add_option("--users", arguments->users, "Size of the company (default: by the rate, or 200)");
  command->add_option("--source", arguments->sources, "Only this source; may be given again")->allow_extra_args(false);
  command->add_flag("--no-attacks", arguments->no_attacks, "Normal work only");
  command->add_flag("--quiet,-q", arguments->quiet, "Print nothing");
  command->footer("Example:\n  weir generate --seed 7 --duration 1h --output traffic && weir scan traffic");
  command->callback([arguments, &action] {
    action = [arguments] {
      const auto code = generate(*arguments);
      return code ? *code : report_error(code.error());
    };
  });
}

}  // namespace weir::app
