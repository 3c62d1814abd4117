// Rows and bytes a second of the JSON parser beside the least that any reader does: simdjson's on-demand walk over the
// same lines. Needs ../shared/data; says so and skips where it is absent.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "base/shared_data.h"
#include "formats/json/event_reader.h"
#include "formats/json/json.h"
#include "formats/json/structure.h"

namespace weir::formats::json {
namespace {

// All Windows events of the shared data, several times over (more than any cache holds).
const std::string& windows_events() {
  static const std::string kText = [] {
    std::string once;
    if (shared_data_folder().empty()) return once;
    for (const auto& entry : std::filesystem::directory_iterator(shared_data_folder() + "/windows/otrf")) {
      if (entry.path().extension() != ".jsonl") continue;
      std::ifstream file(entry.path(), std::ios::binary);
      once.append(std::istreambuf_iterator<char>(file), {});
    }
    std::string all;
    for (int i = 0; i < 6; ++i) all += once;
    all.reserve(all.size() + kPadding);
    return all;
  }();
  return kText;
}

bool skip_without_data(benchmark::State& state) {
  if (windows_events().empty()) state.SkipWithError("needs ../shared/data beside the checkout, which is absent");
  return windows_events().empty();
}

void report(benchmark::State& state, std::size_t rows) {
  state.SetItemsProcessed(static_cast<std::int64_t>(rows));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(windows_events().size()));
}

void floor_loop(benchmark::State& state) {
  if (skip_without_data(state)) return;
  const simdjson::padded_string text(windows_events());
  std::size_t rows = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document_stream documents;
    if (parser.iterate_many(text, 1 << 20).get(documents)) return;
    for (auto document : documents) {
      simdjson::ondemand::object object;
      if (document.get_object().get(object)) continue;
      ++rows;
      for (auto field : object) {
        auto value = field.value();
        simdjson::ondemand::json_type type;
        std::string_view string;
        if (value.type().get(type)) continue;
        if (type == simdjson::ondemand::json_type::string && !value.get_string().get(string)) bytes += string.size();
      }
    }
  }
  benchmark::DoNotOptimize(bytes);
  report(state, rows);
}
BENCHMARK(floor_loop)->Unit(benchmark::kMillisecond);

// In chunks of 1 MiB, as the program reads.
void parse_chunks(benchmark::State& state, const std::string& text) {
  event::FieldTable table;
  for (const char* name : {"EventID", "Provider_Name", "Channel", "Computer", "Image", "CommandLine", "TargetObject",
                           "c-uri", "cs-host", "cs-method", "c-useragent", "sc-status", "c-ip"}) {
    table.intern(name);
  }
  const Format json = format();
  const auto parser = json.make_parser(table, {});
  event::Batch batch;
  std::size_t rows = 0;
  for (auto _ : state) {
    const auto splitter = json.make_splitter({});
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::string_view piece = rest.substr(0, 1 << 20);
      const Cut cut = splitter->cut(piece, piece.size() == rest.size());
      batch.clear();
      parser->parse({piece.substr(cut.skip, cut.size), cut.context}, batch);
      rows += batch.rows().size();
      rest.remove_prefix(cut.skip + cut.size);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(rows));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void parse(benchmark::State& state) {
  if (!skip_without_data(state)) parse_chunks(state, windows_events());
}
BENCHMARK(parse)->Unit(benchmark::kMillisecond);

// What a web proxy writes as JSON, some 450 bytes a line, of our own making.
const std::string& proxy_lines() {
  static const std::string kText = [] {
    std::string lines;
    for (int i = 0; lines.size() < (64 << 20); ++i) {
      const std::string n = std::to_string(i);
      lines += R"({"timestamp":"2026-01-02T03:04:05.678Z","c-ip":"192.0.2.)" + std::to_string(i % 250) +
               R"(","cs-username":"user)" + std::to_string(i % 977) +
               R"(","cs-method":"GET","c-uri":"https://files.example/downloads/)" + n +
               R"(/setup.exe?lang=en","cs-host":"files.example","sc-status":200,"sc-bytes":)" + n +
               R"(,"cs-bytes":512,"c-useragent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",)" +
               R"("cs-referer":"https://www.example/","rs-content-type":"application/octet-stream","r-ip":)" +
               R"("203.0.113.9","s-action":"TCP_MISS","time-taken":)" + std::to_string(i % 5000) + "}\n";
    }
    lines.reserve(lines.size() + kPadding);
    return lines;
  }();
  return kText;
}

void parse_proxy(benchmark::State& state) {
  parse_chunks(state, proxy_lines());
}
BENCHMARK(parse_proxy)->Unit(benchmark::kMillisecond);

void outline(benchmark::State& state) {
  if (skip_without_data(state)) return;
  Structure structure(static_cast<Lanes>(state.range(0)));
  std::size_t rows = 0;
  for (auto _ : state) {
    std::string_view rest = windows_events();
    for (; !rest.empty(); ++rows) {
      structure.outline(rest, Boundary::line, kRecordBytesMax);
      rest.remove_prefix(std::min(structure.size() + 1, rest.size()));
    }
  }
  report(state, rows);
}
BENCHMARK(outline)->Unit(benchmark::kMillisecond)->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace weir::formats::json
