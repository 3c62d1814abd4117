// `weir generate`: the traffic of a company as files, with hidden attacks and a truth file. docs/generate.md.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "app/command.h"
#include "app/terminal.h"
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

// Made if need be. What lies in there from before would be read along with the new logs, and be no part of the truth.
Status prepare_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail(ErrorKind::external, "{}: cannot be made: {}", folder, error.message());
  const bool is_empty = std::filesystem::is_empty(folder, error);
  if (error) return fail(ErrorKind::external, "{}: cannot be read: {}", folder, error.message());
  if (is_empty) return {};
  return fail(ErrorKind::user, "--output {}: there are files in it; name a folder that is empty or not there yet",
              folder);
}

// "traffic.truth.jsonl" for the folder "traffic": beside it, so that a scan of the folder reads logs and nothing else.
std::string path_beside(const std::string& folder, std::string_view name) {
  std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::error_code error;
  if (path == "." || path.filename() == "..") path = std::filesystem::canonical(folder, error);
  return fmt::format("{}.{}", path.string(), name);
}

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

  TRY(prepare_folder(arguments.output));
  FolderSink sink(arguments.output);
  const auto truth = traffic::generate(settings, sink);
  TRY(sink.close());
  if (!truth) return std::unexpected(truth.error());
  const std::string truth_path =
      arguments.truth.empty() ? path_beside(arguments.output, traffic::kTruthFile) : arguments.truth;
  TRY(io::write_file(truth_path, traffic::to_json_lines(*truth)));
  TRY(io::write_file(path_beside(arguments.output, traffic::kNetworksFile), truth->networks));
  if (arguments.quiet) return static_cast<int>(kExitFine);
  for (const traffic::Source source : traffic::kSources) {
    const auto index = static_cast<std::size_t>(source);
    if (!settings.sources.test(index)) continue;
    fmt::print(stderr, "  {:<18} {:>19}  {:>10}\n", traffic::file_of(source), counted(truth->events[index], "event"),
               human_bytes(static_cast<double>(truth->bytes[index])));
  }
  fmt::print(stderr, "{}, {} of traffic, {} hidden in it; the truth is in {}\n", counted(truth->users, "user"),
             arguments.duration, counted(truth->attacks.size(), "attack"), truth_path);
  return static_cast<int>(kExitFine);
}

}  // namespace

void add_generate_command(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* command = root.add_subcommand("generate", "Make a company's traffic, with attacks hidden in it");
  command->add_option("--output", arguments->output, "Folder for the files (default: weir-traffic)");
  command->add_option("--truth", arguments->truth, "Where to write what was hidden (default: FOLDER.truth.jsonl)");
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
