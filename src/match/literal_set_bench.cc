// Scans with as many literals as all of SigmaHQ's rules put on one field. With ../shared/data beside the checkout the
// literals are those of its rules and the values those of its Windows events; otherwise both are made up.
//
//   match_bench --benchmark_filter=Contains

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/json_text.h"
#include "base/shared_data.h"
#include "base/text.h"
#include "match/fold.h"
#include "match/literal_set.h"

namespace weir::match {
namespace {

std::string folded_copy(std::string_view text) {
  std::string buffer;
  return std::string(folded(text, buffer));
}

// The scalar at the front of YAML text as rules write it: plain or quoted.
std::string scalar(std::string_view text) {
  text = trim(text);
  if (text.size() < 2 || (text.front() != '\'' && text.front() != '"'))
    return std::string(text.substr(0, text.find(" #")));
  const char quote = text.front();
  const std::size_t end = text.rfind(quote);
  return std::string(text.substr(1, end > 0 ? end - 1 : std::string_view::npos));
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The values that rules give a `field|operation` key, read line by line: enough for a realistic load.
std::vector<std::string> rule_literals(std::string_view field, std::string_view operation) {
  std::set<std::string> literals;
  const auto take = [&](std::string_view text) {
    std::string literal = scalar(text);
    const bool is_plain = !literal.empty() && literal.find_first_of("*?") == std::string::npos;
    if (is_plain) literals.insert(folded_copy(literal));
  };
  for (const char* folder : {"rules", "rules-threat-hunting", "rules-emerging-threats"}) {
    const std::filesystem::path root = std::filesystem::path(shared_data_folder()) / "sigma" / folder;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().extension() != ".yml") continue;
      const std::string text = read_file(entry.path());
      bool in_list = false;
      for (std::string_view line : split(text, '\n')) {
        line = trim(line);
        if (in_list && line.starts_with("- ") && line.find("|") == std::string_view::npos) {
          take(line.substr(2));
          continue;
        }
        if (line.starts_with("- ")) line = trim(line.substr(2));
        const std::size_t colon = line.find(':');
        const std::string_view key = line.substr(0, colon);
        in_list = false;
        if (colon == std::string_view::npos || !key.starts_with(std::string(field) + "|" + std::string(operation)))
          continue;
        if (key.find("|re") != std::string_view::npos || key.find("base64") != std::string_view::npos) continue;
        const std::string_view after = trim(line.substr(colon + 1));
        in_list = after.empty();
        if (!in_list) take(after);
      }
    }
  }
  return {literals.begin(), literals.end()};
}

// Distinct values of JSON string members with this name in one file.
void take_values(const std::string& json, const std::string& field, std::set<std::string>& values) {
  const std::string name = "\"" + field + "\":";
  for (std::size_t at = json.find(name); at != std::string::npos; at = json.find(name, at + 1)) {
    std::size_t begin = at + name.size();
    if (json[begin] == ' ') ++begin;
    if (json[begin++] != '"') continue;
    std::size_t end = begin;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    const std::string raw = json.substr(begin, end - begin);
    std::string value(raw.size(), '\0');
    value.resize(unescape_json(raw, value.data()));
    values.insert(folded_copy(value));
  }
}

std::vector<std::string> event_values(const std::string& field) {
  const std::filesystem::path data = shared_data_folder();
  std::set<std::string> values;
  take_values(read_file(data / "sigma" / "regression_conformance.jsonl"), field, values);
  for (const auto& entry : std::filesystem::directory_iterator(data / "windows" / "otrf")) {
    if (entry.path().extension() == ".jsonl") take_values(read_file(entry.path()), field, values);
  }
  return {values.begin(), values.end()};
}

std::vector<std::string> made_up(std::size_t count, std::size_t size_max, std::uint32_t seed) {
  static const char* const kWords[] = {"c:\\windows\\system32\\",
                                       "powershell",
                                       ".exe",
                                       " -",
                                       "invoke-",
                                       "/c ",
                                       "user",
                                       "program files\\",
                                       "temp",
                                       "net",
                                       "reg",
                                       " add ",
                                       "svchost",
                                       "mimi",
                                       "hklm\\"};
  std::mt19937 random(seed);
  std::vector<std::string> texts;
  while (texts.size() < count) {
    std::string text;
    const std::size_t size = 4 + random() % size_max;
    while (text.size() < size) {
      if (random() % 3 == 0) {
        text += kWords[random() % std::size(kWords)];
      } else {
        for (int i = 0; i < 5; ++i) text += static_cast<char>('a' + random() % 26);
      }
    }
    texts.push_back(text);
  }
  return texts;
}

struct Load {
  std::vector<std::string> literals;
  std::vector<std::string> values;
};

Load load_of(const std::string& field, std::string_view operation, std::size_t made_up_count) {
  if (shared_data_folder().empty()) return {made_up(made_up_count, 24, 1), made_up(2000, 200, 2)};
  return {rule_literals(field, operation), event_values(field)};
}

void run(benchmark::State& state, const Load& load, Anchor anchor, std::size_t size_min) {
  LiteralSet set;
  for (std::uint32_t i = 0; i < load.literals.size(); ++i) {
    if (load.literals[i].size() >= size_min) set.add(anchor, load.literals[i], i);
  }
  set.build();
  std::vector<std::uint32_t> ids;
  std::size_t bytes = 0;
  std::size_t found = 0;
  std::size_t values = 0;
  for (auto _ : state) {
    for (const std::string& value : load.values) {
      ids.clear();
      set.scan(value, ids);
      benchmark::DoNotOptimize(ids.data());
      found += ids.size();
      bytes += value.size();
    }
    values += load.values.size();
  }
  const auto per_value = [&](std::size_t total) { return static_cast<double>(total) / static_cast<double>(values); };
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  state.counters["literals"] = static_cast<double>(set.size());
  state.counters["kilobytes"] = static_cast<double>(set.memory()) / 1000;
  state.counters["found/value"] = per_value(found);
  state.counters["bytes/value"] = per_value(bytes);
  state.counters["s/value"] =
      benchmark::Counter(static_cast<double>(values), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void command_line_contains(benchmark::State& state) {
  run(state, load_of("CommandLine", "contains", 10638), Anchor::contains, static_cast<std::size_t>(state.range(0)));
}
void image_contains(benchmark::State& state) {
  run(state, load_of("Image", "contains", 435), Anchor::contains, 1);
}
void hashes_contains(benchmark::State& state) {
  run(state, load_of("Hashes", "contains", 5701), Anchor::contains, 1);
}
void script_contains(benchmark::State& state) {
  run(state, load_of("ScriptBlockText", "contains", 1179), Anchor::contains, 1);
}
void image_ends(benchmark::State& state) {
  run(state, load_of("Image", "endswith", 1480), Anchor::ends, 1);
}
void image_equals(benchmark::State& state) {
  run(state, load_of("Image", "endswith", 1480), Anchor::equals, 1);
}
void target_filename_starts(benchmark::State& state) {
  run(state, load_of("TargetFilename", "startswith", 80), Anchor::starts, 1);
}

void command_line_fold(benchmark::State& state) {
  const Load load = load_of("CommandLine", "contains", 10);
  std::vector<std::string> values = load.values;
  for (std::string& value : values) value += " /CAPITALS";
  std::string buffer;
  std::size_t bytes = 0;
  for (auto _ : state) {
    for (const std::string& value : values) {
      benchmark::DoNotOptimize(folded(value, buffer).data());
      bytes += value.size();
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}

void build_command_line(benchmark::State& state) {
  const Load load = load_of("CommandLine", "contains", 10638);
  for (auto _ : state) {
    LiteralSet set;
    for (std::uint32_t i = 0; i < load.literals.size(); ++i) set.add(Anchor::contains, load.literals[i], i);
    set.build();
    benchmark::DoNotOptimize(set.size());
  }
}

BENCHMARK(command_line_contains)->ArgName("literal_size_min")->Arg(1)->Arg(4);
BENCHMARK(image_contains);
BENCHMARK(hashes_contains);
BENCHMARK(script_contains);
BENCHMARK(image_ends);
BENCHMARK(image_equals);
BENCHMARK(target_filename_starts);
BENCHMARK(command_line_fold);
BENCHMARK(build_command_line)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace weir::match
