// What JSON lines cost when they are only parsed: every top-level string of every event is visited with simdjson's
// on-demand interface, from a buffer in memory. `weir scan` is measured against this loop (bench/scan.py). It is built
// for the machine it runs on, so that the floor is as low as simdjson can make it.
//
//   parse_floor FILE [THREADS]
//
// Passes over the buffer until it has parsed some GB, for a single pass over a small file is too short to be timed.
// Prints one JSON object: passes; events, strings and bytes of all passes; wall_seconds from the first thread's begin
// to the last one's end; cpu_seconds of all threads.

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <thread>
#include <vector>

#include <simdjson.h>

namespace {

using Clock = std::chrono::steady_clock;

struct Count {
  std::size_t events = 0;
  std::size_t strings = 0;
  std::size_t characters = 0;  // Keeps the compiler from dropping the visit.
};

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void visit_strings(simdjson::ondemand::object event, Count& count) {
  for (auto field : event) {
    simdjson::ondemand::value value;
    simdjson::ondemand::json_type type{};
    std::string_view text;
    if (field.value().get(value) || value.type().get(type)) continue;
    if (type != simdjson::ondemand::json_type::string || value.get_string().get(text)) continue;
    ++count.strings;
    count.characters += text.size();
  }
}

// `lines` is followed by simdjson's padding or by more lines.
void parse(std::string_view lines, Count& count) {
  // As large a piece as stays in the second-level cache between simdjson's two stages. Events beyond it are not
  // counted, which the caller sees in the number of events.
  constexpr std::size_t kPieceBytes = 128 * 1024;
  simdjson::ondemand::parser parser;
#ifdef SIMDJSON_THREADS_ENABLED
  parser.threaded = false;  // The first stage would run on a second core.
#endif
  simdjson::ondemand::document_stream events;
  if (parser.iterate_many(lines.data(), lines.size(), kPieceBytes).get(events)) return;
  for (auto document : events) {
    simdjson::ondemand::object event;
    if (document.get_object().get(event)) continue;
    ++count.events;
    visit_strings(event, count);
  }
}

// As many parts of whole lines, of nearly the same size.
std::vector<std::string_view> parts_of(std::string_view text, std::size_t part_count) {
  std::vector<std::string_view> parts;
  for (std::size_t left = part_count; left > 0; --left) {
    const std::size_t newline = left == 1 ? std::string_view::npos : text.find('\n', text.size() / left);
    const std::size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return parts;
}

struct ThreadResult {
  Count count;
  double cpu_seconds = 0;
  Clock::time_point begin;
  Clock::time_point end;
};

}  // namespace

int main(int argc, char** argv) {
  const std::size_t thread_count = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1;
  if (argc < 2 || argc > 3 || thread_count == 0) {
    std::fprintf(stderr, "usage: parse_floor FILE [THREADS]\n");
    return 3;
  }
  simdjson::padded_string text;
  if (simdjson::padded_string::load(argv[1]).get(text)) {
    std::fprintf(stderr, "parse_floor: %s cannot be read\n", argv[1]);
    return 4;
  }
  constexpr std::size_t kBytesInAll = 2'000'000'000;
  const std::size_t passes = std::max<std::size_t>(1, kBytesInAll / std::max<std::size_t>(1, text.size()));
  const std::vector<std::string_view> parts = parts_of({text.data(), text.size()}, thread_count);
  std::vector<ThreadResult> results(thread_count);
  std::barrier start(static_cast<std::ptrdiff_t>(thread_count));
  std::vector<std::jthread> threads;
  threads.reserve(thread_count);
  for (std::size_t i = 0; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      ThreadResult& result = results[i];
      start.arrive_and_wait();
      result.begin = Clock::now();
      const double cpu = thread_seconds();
      for (std::size_t pass = 0; pass < passes; ++pass) parse(parts[i], result.count);
      result.cpu_seconds = thread_seconds() - cpu;
      result.end = Clock::now();
    });
  }
  threads.clear();

  ThreadResult sum = results.front();
  for (std::size_t i = 1; i < thread_count; ++i) {
    sum.count.events += results[i].count.events;
    sum.count.strings += results[i].count.strings;
    sum.count.characters += results[i].count.characters;
    sum.cpu_seconds += results[i].cpu_seconds;
    sum.begin = std::min(sum.begin, results[i].begin);
    sum.end = std::max(sum.end, results[i].end);
  }
  std::printf(
      "{\"passes\":%zu,\"events\":%zu,\"strings\":%zu,\"characters\":%zu,\"bytes\":%zu,\"wall_seconds\":%.6f,"
      "\"cpu_seconds\":%.6f}\n",
      passes, sum.count.events, sum.count.strings, sum.count.characters, passes * text.size(),
      std::chrono::duration<double>(sum.end - sum.begin).count(), sum.cpu_seconds);
}
