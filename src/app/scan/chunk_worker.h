#pragma once

// One thread's part of a scan: parses a chunk, matches its events, and makes alerts of what fired. Owns the thread's
// parser, batch and matcher.

#include <memory>
#include <optional>

#include "app/scan/scan.h"

namespace weir::app {

// A chunk on its way, with what its parser needs to be made of.
struct ChunkTask {
  std::size_t input = 0;  // Inputs are numbered in their order.
  const formats::Format* format = nullptr;
  std::shared_ptr<const formats::Options> options;
  std::string path;
  ChunkBuffer buffer;
};

// A row of a chunk, and how many of its alerts were given.
struct ChunkPlace {
  std::size_t row = 0;
  std::size_t alerts = 0;
};

// Numbers inside are of the chunk, from 0; the caller adds what came before.
struct ChunkOutcome {
  ChunkResult result;
  std::uint64_t record_count = 0;  // Of the chunk; 0 as long as there is a rest.
  std::optional<ChunkPlace> rest;  // Where to go on, if there are more alerts than are kept at once.
};

class ChunkWorker {
 public:
  ChunkWorker(const ScanRules& rules, const ScanOptions& options);

  // `from`: the rest of an earlier call for the chunk, perhaps of another worker.
  ChunkOutcome work(const ChunkTask& task, ChunkPlace from = {});

 private:
  // Who writes the log and knows the rules can make a chunk of half a megabyte fire millions of times.
  static constexpr std::size_t kAlertBytesMax = 4 << 20;

  bool is_full() const { return alert_bytes_ > kAlertBytesMax; }
  bool begin_row(const event::Row& row, ScanCounts& counts);
  bool add_alerts(const ChunkTask& task, const event::Row& row, std::size_t& given, ChunkResult& result);
  void prepare_parser(const ChunkTask& task);
  bool within_time(const event::Row& row, ScanCounts& counts);
  void count_logsource(const event::Logsource* source);
  FoundAlert make_alert(const ChunkTask& task, const event::Row& row, std::uint32_t rule);
  std::vector<event::AlertReason> reasons_of(std::uint32_t rule, const event::Row& row);
  void add_rejects(ChunkOutcome& outcome);

  const ScanRules& rules_;
  const ScanOptions& options_;
  sigma::Matcher matcher_;
  event::Batch batch_;
  std::unique_ptr<formats::Parser> parser_;
  std::shared_ptr<const formats::Options> parser_options_;  // The parser may refer to them.
  std::size_t parser_input_ = ~std::size_t{0};
  std::vector<std::pair<const event::Logsource*, std::uint64_t>> logsource_counts_;
  std::size_t alert_bytes_ = 0;  // Of the outcome at hand.
};

}  // namespace weir::app
