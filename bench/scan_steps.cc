// Where the time of a scan goes, step by step, over one file in memory and on one thread: cutting into chunks, parsing,
// matching. Prints for each step nanoseconds and allocations per event; the goal for allocations, once everything is
// warm, is none.
//
//   scan_steps FILE [--rules FOLDER]… [--logsource TEXT] [--no-remember]
//
// The first half of the file warms memory and what the matcher remembers; the second half is measured.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "app/rule_sources.h"
#include "app/scan/chunk_reader.h"
#include "formats/registry.h"
#include "sigma/matcher.h"

namespace {

std::uint64_t g_allocations = 0;  // There is one thread.

void* counted(std::size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
// The analyser takes the memory for freed before it is here.
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete)
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

namespace weir {
namespace {

using Clock = std::chrono::steady_clock;

// Time and allocations of one step, over all chunks.
struct Step {
  const char* name;
  Clock::duration time{};
  std::uint64_t allocations = 0;

  template <typename Work>
  void run(const Work& work) {
    const std::uint64_t allocations_before = g_allocations;
    const Clock::time_point begin = Clock::now();
    work();
    time += Clock::now() - begin;
    allocations += g_allocations - allocations_before;
  }
  void print(std::uint64_t events) const {
    const double nanoseconds = std::chrono::duration<double, std::nano>(time).count();
    const auto count = static_cast<double>(events);
    std::printf("%-8s %10.1f ns/event  %12.0f events/s  %10.5f allocations/event\n", name, nanoseconds / count,
                count / (nanoseconds * 1e-9), static_cast<double>(allocations) / count);
  }
};

struct Arguments {
  std::string file;
  std::vector<std::string> rules;
  formats::Options options;
  bool remember = true;
};

class Walk {
 public:
  Walk(const Arguments& arguments, const app::ScanRules& rules)
      : arguments_(arguments), rules_(rules), matcher_(rules.plan, {.remember = arguments.remember}) {}

  Status run(std::string_view text) {
    begin_counting();
    app::ChunkReader reader(io::Input::over(text), arguments_.file, nullptr, arguments_.options);
    TRY(reader.open());
    if (reader.format() == nullptr) return fail(ErrorKind::user, "{}: is empty", arguments_.file);
    const auto parser = reader.format()->make_parser(rules_.plan->field_table(), reader.options());
    for (bool is_warm = false;;) {
      if (!is_warm && reader.consumed() > text.size() / 2) {
        is_warm = true;
        begin_counting();
      }
      Result<bool> more = false;
      steps_[0].run([&] { more = reader.next(buffer_); });
      if (!more) return std::unexpected(more.error());
      if (!*more) return {};
      steps_[1].run([&] {
        batch_.clear();
        parser->parse(buffer_.chunk, batch_);
      });
      steps_[2].run([&] {
        for (const event::Row& row : batch_.rows()) fired_ += matcher_.match(batch_, row).size();
      });
      events_ += batch_.rows().size();
    }
  }

  void print() const {
    std::printf("%llu events, %llu times a rule fired\n", static_cast<unsigned long long>(events_),
                static_cast<unsigned long long>(fired_));
    Step sum{"in all"};
    for (const Step& step : steps_) {
      step.print(events_);
      sum.time += step.time;
      sum.allocations += step.allocations;
    }
    sum.print(events_);
  }

 private:
  void begin_counting() {
    events_ = fired_ = 0;
    steps_ = {Step{"cut"}, Step{"parse"}, Step{"match"}};
  }

  const Arguments& arguments_;
  const app::ScanRules& rules_;
  sigma::Matcher matcher_;
  app::ChunkBuffer buffer_;
  event::Batch batch_;
  std::vector<Step> steps_;
  std::uint64_t events_ = 0;
  std::uint64_t fired_ = 0;
};

Result<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--no-remember") {
      arguments.remember = false;
    } else if (argument == "--rules" && i + 1 < argc) {
      arguments.rules.emplace_back(argv[++i]);
    } else if (argument == "--logsource" && i + 1 < argc) {
      TRY(arguments.options.assumed_logsource, event::parse_logsource(argv[++i]));
    } else if (!argument.starts_with("--") && arguments.file.empty()) {
      arguments.file = argument;
    } else {
      arguments.file.clear();
      break;
    }
  }
  if (arguments.file.empty()) {
    return fail(ErrorKind::user, "usage: scan_steps FILE [--rules FOLDER]… [--logsource TEXT] [--no-remember]");
  }
  return arguments;
}

Status run(int argc, char** argv) {
  TRY(const Arguments arguments, parse(argc, argv));
  std::ifstream file(arguments.file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.empty()) return fail(ErrorKind::external, "{}: cannot be read, or is empty", arguments.file);
  TRY(auto texts, app::read_rule_texts(arguments.rules));
  TRY(const app::LoadedRules loaded, app::load_rules(std::move(texts), {}));
  Walk walk(arguments, loaded.scan);
  TRY(walk.run(text));
  walk.print();
  return {};
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (const weir::Status status = weir::run(argc, argv); !status) {
    std::fprintf(stderr, "scan_steps: %s\n", status.error().message.c_str());
    return 3;
  }
}
