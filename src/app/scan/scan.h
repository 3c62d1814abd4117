#pragma once

// Rules over files: reads each input once, in order, as chunks; workers parse and match chunks in any order; results
// come out in the order of the input, so the output does not depend on the number of threads.
//
// With one thread everything runs on the caller's. With more, workers take turns to read a chunk and then work on it,
// while the caller's thread hands results out. Few chunks are under way, so memory is bounded by threads × chunk size,
// whatever the size of the files.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/scan/chunk_reader.h"
#include "app/scan/inputs.h"
#include "event/alert.h"
#include "sigma/matcher.h"
#include "sigma/rule.h"

namespace weir::app {

// All that workers share; immutable during a scan.
struct ScanRules {
  std::vector<sigma::Rule> rules;
  std::shared_ptr<const sigma::Plan> plan;
  std::vector<sigma::Variant> variants;  // For reasons; sorted by rule.
};

struct ScanOptions {
  std::size_t threads = 1;
  bool remember = true;
  bool any_logsource = false;
  const formats::Format* format = nullptr;  // Forced.
  formats::Options format_options;
  std::optional<event::EventTime> since;  // Events before it are left out; so are those without a time.
  std::optional<event::EventTime> until;  // Events at or after it are left out.
  bool keep_rejects = false;              // RejectedRecord::raw is filled.
};

// The reason that says most to a person: which event it was (EventID, Channel, Provider) decides least.
const event::AlertReason* deciding_reason(const event::Alert& alert);

// One alert, with what summaries count beside the document.
struct FoundAlert {
  event::Alert alert;
  std::uint32_t rule = 0;  // Of ScanRules::rules.
  std::string host;
  std::string user;
};

struct RejectedRecord {
  std::uint64_t number = 0;  // Line or record from 1.
  std::string_view reason;
  std::string raw;  // Cut at 4 KiB.
};

// What is counted per input and in all.
struct ScanCounts {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;                               // After decompression.
  std::uint64_t repaired = 0;                            // Records with malformed UTF-8 that were read all the same.
  std::uint64_t unknown_logsource = 0;                   // Matched with no rule; none under any_logsource.
  std::uint64_t outside_time = 0;                        // Left out by since/until.
  std::uint64_t without_time = 0;                        // Left out by since/until for want of a time.
  std::map<event::Logsource, std::uint64_t> logsources;  // Of known ones, the events.
  std::map<std::string_view, std::uint64_t> rejected;    // Reason → records.

  std::uint64_t rejected_in_all() const;
  void add(const ScanCounts& other);
};

// What came of one chunk, in input order.
struct ChunkResult {
  std::vector<FoundAlert> alerts;
  std::vector<RejectedRecord> rejects;
  ScanCounts counts;
};

struct InputReport {
  std::string path;
  std::string format;  // What was detected; empty if nothing.
  const formats::Format* read_as = nullptr;
  ScanCounts counts;
  std::uint64_t alerts = 0;
  std::optional<Error> failure;  // It could not be opened, recognised or read to its end.
  bool is_unrecognised = false;  // It was readable, but in no known format; `failure` says so.
};

// What the scan calls, always on the caller's thread.
struct ScanListener {
  std::function<void(const std::string& path, ChunkResult& result, std::uint64_t consumed)> on_result;
  std::function<void(const InputReport& report)> on_input_end;
};

// Runs until all inputs are read or `stop` is set; what was found so far has then been handed out.
void scan(const ScanRules& rules, const ScanOptions& options, const std::vector<ScanInput>& inputs,
          const ScanListener& listener, const std::atomic<bool>& stop);

}  // namespace weir::app
