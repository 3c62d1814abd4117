#include "app/scan/summary.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ranges>

#include "app/scan/input_table.h"
#include "base/sorted.h"
#include "base/text.h"
#include "sigma/rule.h"

namespace weir::app {
namespace {

constexpr std::size_t kNamesMax = 100'000;  // Hosts and users counted one by one; the rest together.
constexpr std::size_t kBinsMax = 20'000;

// The ATT&CK tactics as Sigma tags spell them (appendix "Tags").
constexpr std::array<std::string_view, 14> kTactics = {
    "reconnaissance",       "resource-development", "initial-access",    "execution", "persistence",
    "privilege-escalation", "defense-evasion",      "credential-access", "discovery", "lateral-movement",
    "collection",           "command-and-control",  "exfiltration",      "impact"};

void count(std::map<std::string, std::uint64_t>& counts, const std::string& name) {
  if (name.empty()) return;
  if (counts.size() >= kNamesMax && !counts.contains(name)) {
    ++counts["(others)"];
    return;
  }
  ++counts[name];
}

// The tactic that a tag names, or nothing. Underscores stand for hyphens in older rules.
std::string tactic_of(const std::string& tag) {
  if (!tag.starts_with("attack.")) return {};
  std::string name = tag.substr(7);
  std::ranges::replace(name, '_', '-');
  return std::ranges::find(kTactics, name) == kTactics.end() ? std::string() : name;
}

std::vector<std::pair<std::string, std::uint64_t>> most(const std::map<std::string, std::uint64_t>& counts,
                                                        std::size_t limit) {
  auto rows = by_count(counts);
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

// At most `width` columns, without filling blanks.
std::string cut(std::string_view text, std::size_t width) {
  return display_width(text) <= width ? std::string(text) : fitted(text, width);
}

void note(std::string& out, const Terminal& terminal, std::string_view text) {
  constexpr std::string_view kNote = "note: ";
  out += terminal.paint(Colour::yellow, kNote) + wrapped(text, terminal.width() - kNote.size(), kNote.size()) + '\n';
}

std::string zone_text(std::chrono::seconds offset) {
  if (offset.count() == 0) return "UTC";
  const auto minutes = std::abs(offset.count()) / 60;
  return fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

// Zone and year that a format's times may lack, and the options that say otherwise; empty if they lack neither.
std::string assumed_times(const formats::Format& format, const formats::Options& options) {
  std::string text;
  if (format.year_may_lack) {
    text += options.year ? fmt::format("year {}, ", *options.year) : "year by the file's date (--assume-year), ";
  }
  if (format.zone_may_lack) {
    text += fmt::format("zone {}{}", zone_text(options.zone_offset),
                        options.zone_offset.count() == 0 ? " (--assume-zone)" : "");
  }
  return text;
}

// Widths of a bar that people think in, in minutes.
constexpr std::array<std::int64_t, 16> kBarMinutes = {
    1, 2, 5, 10, 15, 30, 60, 2 * 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 2 * 1440, 7 * 1440, 14 * 1440, 30 * 1440};

std::int64_t bar_minutes(std::int64_t at_least) {
  const auto fitting = std::ranges::lower_bound(kBarMinutes, at_least);
  if (fitting != kBarMinutes.end()) return *fitting;
  return (at_least + kBarMinutes.back() - 1) / kBarMinutes.back() * kBarMinutes.back();
}

std::string duration_text(std::int64_t minutes) {
  if (minutes % 1440 == 0) return counted(static_cast<std::uint64_t>(minutes / 1440), "day");
  if (minutes % 60 == 0) return counted(static_cast<std::uint64_t>(minutes / 60), "hour");
  return counted(static_cast<std::uint64_t>(minutes), "minute");
}

void heading(std::string& out, const Terminal& terminal, std::string_view text) {
  out += '\n' + terminal.paint(Colour::bold, text) + '\n';
}

void top_list(std::string& out, const Terminal& terminal, std::string_view title,
              const std::map<std::string, std::uint64_t>& counts, std::size_t limit) {
  if (counts.empty()) return;
  heading(out, terminal, title);
  for (const auto& [name, number] : most(counts, limit)) {
    out += fmt::format("  {:>9}  {}\n", human_count(number), cut(visible(name), terminal.width() - 13));
  }
  if (counts.size() > limit) out += fmt::format("  {:>9}  more\n", counts.size() - limit);
}

}  // namespace

void ScanSummary::add(const ChunkResult& result) {
  for (const FoundAlert& found : result.alerts) {
    const event::AlertRule& rule = found.alert.rule;
    ++alerts_;
    RuleCount& rule_count = by_rule_[rule.id];
    if (rule_count.count++ == 0) rule_count = {rule.title, rule.level, rule.author, 1};
    ++by_level_[rule.level];
    count(by_host_, found.host);
    count(by_user_, found.user);
    for (const std::string& tag : rule.tags) count(by_tactic_, tactic_of(tag));
    if (!found.alert.time) continue;
    const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(*found.alert.time).time_since_epoch().count();
    ++by_minute_[minute / minutes_per_bin_ * minutes_per_bin_];
    if (by_minute_.size() <= kBinsMax) continue;
    // Alerts over a long time: bins grow, so that memory does not.
    minutes_per_bin_ *= 10;
    std::map<std::int64_t, std::uint64_t> wider;
    for (const auto& [bin, number] : by_minute_) wider[bin / minutes_per_bin_ * minutes_per_bin_] += number;
    by_minute_ = std::move(wider);
  }
}

void ScanSummary::add(const InputReport& report) {
  counts_.add(report.counts);
  inputs_.push_back(report);
}

std::uint64_t ScanSummary::alerts_from(sigma::Level level) const {
  std::uint64_t sum = 0;
  for (const auto& [name, number] : by_level_) {
    sigma::Level of_name{};
    if (sigma::parse_level(name, of_name) && of_name >= level) sum += number;
  }
  return sum;
}

std::string ScanSummary::render(const Terminal& terminal, const Frame& frame) const {
  std::string out;
  heading(out, terminal, "Inputs");
  render_inputs(out, terminal, inputs_, frame.verbose);
  render_assumptions(out, terminal, frame);
  render_levels(out, terminal);
  render_rules(out, terminal);
  top_list(out, terminal, "Hosts", by_host_, 10);
  top_list(out, terminal, "Users", by_user_, 10);
  top_list(out, terminal, "ATT&CK tactics", by_tactic_, kTactics.size());
  render_timeline(out, terminal);
  out += '\n';
  render_trouble(out, terminal);
  for (const std::string& text : frame.notes) note(out, terminal, text);
  render_frame(out, terminal, frame);
  return out;
}

void ScanSummary::render_frame(std::string& out, const Terminal& terminal, const Frame& frame) const {
  if (frame.interrupted) out += terminal.paint(Colour::yellow, "stopped early; this is what was found so far") + '\n';
  const double seconds = std::max(frame.scan_seconds, 1e-6);
  out += fmt::format("{}, {} in {:.2f} s ({} events/s, {}/s)\n", counted(counts_.events, "event"),
                     human_bytes(static_cast<double>(counts_.bytes)), frame.scan_seconds,
                     human_count(static_cast<std::uint64_t>(static_cast<double>(counts_.events) / seconds)),
                     human_bytes(static_cast<double>(counts_.bytes) / seconds));
  out += fmt::format("{} loaded in {:.2f} s{}\n", counted(frame.rules, "rule"), frame.load_seconds,
                     frame.rules_failed == 0
                         ? std::string()
                         : fmt::format("; {} could not be used (weir rules check says why)", frame.rules_failed));
  out += terminal.paint(Colour::bold, counted(alerts_, "alert")) + "\n";
}

// One line per format: what its times may lack, or with --verbose everything it assumes.
void ScanSummary::render_assumptions(std::string& out, const Terminal& terminal, const Frame& frame) const {
  constexpr std::size_t kIndent = 16;
  std::map<std::string_view, std::string> by_format;
  for (const InputReport& input : inputs_) {
    if (input.read_as == nullptr) continue;
    std::string text = assumed_times(*input.read_as, frame.format_options);
    if (frame.verbose) text = fmt::format("{}{}{}", input.read_as->assumptions, text.empty() ? "" : "; now: ", text);
    if (!text.empty()) by_format.emplace(input.read_as->name, std::move(text));
  }
  if (by_format.empty()) return;
  heading(out, terminal, frame.verbose ? "Assumed of the formats" : "Assumed of times where nothing is written");
  for (const auto& [name, text] : by_format) {
    out += fmt::format("  {:<14}{}\n", name, wrapped(text, terminal.width() - kIndent, kIndent));
  }
}

void ScanSummary::render_levels(std::string& out, const Terminal& terminal) const {
  if (alerts_ == 0) return;
  heading(out, terminal, "Alerts by level");
  for (const std::string_view level : std::views::reverse(sigma::level_names())) {
    const auto it = by_level_.find(std::string(level));
    if (it == by_level_.end()) continue;
    out += fmt::format("  {:>9}  {}\n", human_count(it->second), terminal.paint(colour_of_level(level), level));
  }
}

void ScanSummary::render_rules(std::string& out, const Terminal& terminal) const {
  if (by_rule_.empty()) return;
  heading(out, terminal, "Alerts by rule");
  std::vector<const RuleCount*> rows;
  for (const auto& [id, rule] : by_rule_) rows.push_back(&rule);
  std::ranges::stable_sort(rows, std::greater{}, &RuleCount::count);
  constexpr std::size_t kShown = 20;
  const std::size_t rest = terminal.width() - 24;
  const std::size_t title_width = std::min<std::size_t>(rest * 3 / 5, 60);
  for (std::size_t i = 0; i < std::min(kShown, rows.size()); ++i) {
    out += fmt::format("  {:>9}  {} {}  {}\n", human_count(rows[i]->count),
                       terminal.paint(colour_of_level(rows[i]->level), fitted(rows[i]->level, 8)),
                       fitted(visible(rows[i]->title), title_width),
                       terminal.paint(Colour::dim, cut(visible(rows[i]->author), rest - title_width)));
  }
  if (rows.size() > kShown) out += fmt::format("  {:>9}  more\n", rows.size() - kShown);
}

void ScanSummary::render_timeline(std::string& out, const Terminal& terminal) const {
  if (by_minute_.empty()) return;
  static constexpr std::array<std::string_view, 9> kBars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  heading(out, terminal, "Timeline");
  const std::int64_t first = by_minute_.begin()->first;
  const std::int64_t last = by_minute_.rbegin()->first + minutes_per_bin_;
  const auto columns = static_cast<std::int64_t>(std::clamp<std::size_t>(terminal.width() - 4, 20, 72));
  const std::int64_t per_column = bar_minutes(std::max(minutes_per_bin_, (last - first + columns - 1) / columns));
  std::vector<std::uint64_t> bins(static_cast<std::size_t>((last - first + per_column - 1) / per_column), 0);
  for (const auto& [minute, number] : by_minute_)
    bins[static_cast<std::size_t>((minute - first) / per_column)] += number;
  const std::uint64_t highest = std::ranges::max(bins);
  out += "  ";
  for (const std::uint64_t bin : bins) {
    out += kBars[bin == 0 ? 0 : 1 + bin * (kBars.size() - 2) / highest];
  }
  const auto time_of = [](std::int64_t minute) {
    return event::format_time(event::EventTime(std::chrono::minutes(minute))).substr(0, 16);
  };
  out += fmt::format("\n  {} to {} UTC\n  {} a bar, at most {} in one\n", time_of(first), time_of(last),
                     duration_text(per_column), counted(highest, "alert"));
}

void ScanSummary::render_rejected(std::string& out, const Terminal& terminal) const {
  const std::uint64_t rejected = counts_.rejected_in_all();
  if (rejected == 0) return;
  note(out, terminal, counted(rejected, "record") + " could not be read (--rejects FILE keeps them):");
  for (const auto& [reason, number] : counts_.rejected)
    out += fmt::format("  {:>9}  {}\n", human_count(number), reason);
}

void ScanSummary::render_unknown(std::string& out, const Terminal& terminal) const {
  if (counts_.unknown_logsource == 0) return;
  note(out, terminal,
       counted(counts_.unknown_logsource, "event of unknown logsource was", "events of unknown logsource were") +
           " matched with no rule; say what they are with --logsource product=…,category=…,service=…, or try every "
           "rule with --logsource any:");
  std::vector<const InputReport*> rows;
  for (const InputReport& input : inputs_) {
    if (input.counts.unknown_logsource > 0) rows.push_back(&input);
  }
  std::ranges::stable_sort(rows, std::greater{}, [](const InputReport* row) { return row->counts.unknown_logsource; });
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, rows.size()); ++i) {
    const std::string name = fmt::format("{} ({})", visible(rows[i]->path), visible(rows[i]->format));
    out +=
        fmt::format("  {:>9}  {}\n", human_count(rows[i]->counts.unknown_logsource), cut(name, terminal.width() - 13));
  }
  if (rows.size() > kShown) out += fmt::format("  {:>9}  more\n", rows.size() - kShown);
}

void ScanSummary::render_trouble(std::string& out, const Terminal& terminal) const {
  render_rejected(out, terminal);
  if (counts_.repaired > 0) {
    note(out, terminal,
         counted(counts_.repaired, "record") + " held malformed UTF-8, which was replaced before matching");
  }
  render_unknown(out, terminal);
  if (counts_.without_time > 0) {
    note(out, terminal,
         counted(counts_.without_time, "event was", "events were") +
             " left out by --since/--until for want of a readable time");
  }
}

}  // namespace weir::app
