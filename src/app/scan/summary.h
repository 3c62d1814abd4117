#pragma once

// What a scan found, counted for a person: by level, rule, host, user, tactic and time.

#include <map>
#include <string>
#include <vector>

#include "app/scan/scan.h"
#include "app/terminal.h"

namespace weir::app {

class ScanSummary {
 public:
  void add(const ChunkResult& result);
  void add(const InputReport& report);

  std::uint64_t alerts() const { return alerts_; }
  const ScanCounts& counts() const { return counts_; }
  const std::vector<InputReport>& inputs() const { return inputs_; }
  // Alerts of at least this level.
  std::uint64_t alerts_from(sigma::Level level) const;

  struct Frame {
    std::size_t rules = 0;  // That were matched.
    std::size_t rules_failed = 0;
    std::vector<std::string> notes;  // Lines that the caller adds: rules that need lists, correlations.
    double load_seconds = 0;
    double scan_seconds = 0;
    bool interrupted = false;
    formats::Options format_options;  // What a person said of zone and year.
    bool verbose = false;             // All assumptions of the formats used, in their own words.
  };
  // As text of several lines.
  std::string render(const Terminal& terminal, const Frame& frame) const;

 private:
  struct RuleCount {
    std::string title;
    std::string level;
    std::string author;
    std::uint64_t count = 0;
  };

  void render_frame(std::string& out, const Terminal& terminal, const Frame& frame) const;
  void render_levels(std::string& out, const Terminal& terminal) const;
  void render_rules(std::string& out, const Terminal& terminal) const;
  void render_timeline(std::string& out, const Terminal& terminal) const;
  void render_assumptions(std::string& out, const Terminal& terminal, const Frame& frame) const;
  void render_rejected(std::string& out, const Terminal& terminal) const;
  void render_unknown(std::string& out, const Terminal& terminal) const;
  void render_trouble(std::string& out, const Terminal& terminal) const;

  ScanCounts counts_;
  std::vector<InputReport> inputs_;
  std::uint64_t alerts_ = 0;
  std::map<std::string, RuleCount> by_rule_;  // By id.
  std::map<std::string, std::uint64_t> by_level_;
  std::map<std::string, std::uint64_t> by_host_;
  std::map<std::string, std::uint64_t> by_user_;
  std::map<std::string, std::uint64_t> by_tactic_;
  std::map<std::int64_t, std::uint64_t> by_minute_;  // Since 1970; bounded, see add.
  std::int64_t minutes_per_bin_ = 1;
};

}  // namespace weir::app
