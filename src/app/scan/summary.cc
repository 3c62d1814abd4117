#include "app/scan/summary.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kNamesMax = 100'000;   // Hosts and users counted one by one; the rest together.
constexpr std::size_t kBinsMax = 20'000;
constexpr std::array<std::string_view, 5> kLevels = {"critical", "high", "medium", "low", "informational"};

// The ATT&CK tactics as Sigma tags spell them (appendix "Tags").
constexpr std::array<std::string_view, 14> kTactics = {
    "reconnaissance",    "resource-development", "initial-access", "execution",        "persistence",
    "privilege-escalation", "defense-evasion",   "credential-access", "discovery",     "lateral-movement",
    "collection",        "command-and-control",  "exfiltration",   "impact"};

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
  std::vector<std::pair<std::string, std::uint64_t>> rows(counts.begin(), counts.end());
  std::ranges::stable_sort(rows, std::greater{}, [](const auto& row) { return row.second; });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

void heading(std::string& out, const Terminal& terminal, std::string_view text) {
  out += '\n' + terminal.paint(Colour::bold, text) + '\n';
}

void top_list(std::string& out, const Terminal& terminal, std::string_view title,
              const std::map<std::string, std::uint64_t>& counts, std::size_t limit) {
  if (counts.empty()) return;
  heading(out, terminal, title);
  for (const auto& [name, number] : most(counts, limit)) {
    out += fmt::format("  {:>9}  {}\n", human_count(number), fitted(visible(name), 60));
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
  render_inputs(out, terminal);
  render_levels(out, terminal);
  render_rules(out, terminal);
  top_list(out, terminal, "Hosts", by_host_, 10);
  top_list(out, terminal, "Users", by_user_, 10);
  top_list(out, terminal, "ATT&CK tactics", by_tactic_, kTactics.size());
  render_timeline(out, terminal);
  render_trouble(out, terminal);
  for (const std::string& note : frame.notes) out += terminal.paint(Colour::yellow, "note: ") + note + "\n";
  out += '\n';
  if (frame.interrupted) out += terminal.paint(Colour::yellow, "stopped early; this is what was found so far") + '\n';
  const double seconds = std::max(frame.scan_seconds, 1e-6);
  out += fmt::format("{} events, {} in {:.2f} s ({} events/s, {}/s); {} rules loaded in {:.2f} s{}\n",
                     human_count(counts_.events), human_bytes(static_cast<double>(counts_.bytes)), frame.scan_seconds,
                     human_count(static_cast<std::uint64_t>(static_cast<double>(counts_.events) / seconds)),
                     human_bytes(static_cast<double>(counts_.bytes) / seconds), human_count(frame.rules),
                     frame.load_seconds,
                     frame.rules_failed == 0
                         ? std::string()
                         : fmt::format(", {} could not be used (weir rules check says why)", frame.rules_failed));
  out += terminal.paint(Colour::bold, fmt::format("{} alerts", human_count(alerts_))) + "\n";
  return out;
}

void ScanSummary::render_inputs(std::string& out, const Terminal& terminal) const {
  heading(out, terminal, "Inputs");
  constexpr std::size_t kShown = 12;
  for (std::size_t i = 0; i < std::min(kShown, inputs_.size()); ++i) {
    const InputReport& input = inputs_[i];
    const std::string what =
        input.failure ? terminal.paint(Colour::red, visible(input.failure->message)) : visible(input.format);
    const std::size_t width = std::min<std::size_t>(48, std::max<std::size_t>(20, terminal.width() / 3));
    std::string name = visible(input.path);
    if (display_width(name) > width) name = "…" + name.substr(name.size() - std::min(name.size(), width - 1));
    out += fmt::format("  {}  {:>11} events  {:>7} alerts  {}\n", fitted(name, width), human_count(input.counts.events),
                       human_count(input.alerts), what);
  }
  if (inputs_.size() > kShown) out += fmt::format("  and {} more\n", inputs_.size() - kShown);
}

void ScanSummary::render_levels(std::string& out, const Terminal& terminal) const {
  if (alerts_ == 0) return;
  heading(out, terminal, "Alerts by level");
  for (const std::string_view level : kLevels) {
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
  for (std::size_t i = 0; i < std::min(kShown, rows.size()); ++i) {
    out += fmt::format("  {:>9}  {} {}  {}\n", human_count(rows[i]->count),
                       terminal.paint(colour_of_level(rows[i]->level), fitted(rows[i]->level, 13)),
                       fitted(visible(rows[i]->title), 60),
                       terminal.paint(Colour::dim, visible(rows[i]->author).substr(0, 60)));
  }
  if (rows.size() > kShown) out += fmt::format("  {:>9}  more rules\n", rows.size() - kShown);
}

void ScanSummary::render_timeline(std::string& out, const Terminal& terminal) const {
  if (by_minute_.empty()) return;
  static constexpr std::array<std::string_view, 9> kBars = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  heading(out, terminal, "Timeline");
  const std::int64_t first = by_minute_.begin()->first;
  const std::int64_t last = by_minute_.rbegin()->first + minutes_per_bin_;
  const auto columns = static_cast<std::int64_t>(std::clamp<std::size_t>(terminal.width() - 4, 20, 72));
  const std::int64_t per_column = std::max<std::int64_t>(1, (last - first + columns - 1) / columns);
  std::vector<std::uint64_t> bins(static_cast<std::size_t>((last - first + per_column - 1) / per_column), 0);
  for (const auto& [minute, number] : by_minute_) bins[static_cast<std::size_t>((minute - first) / per_column)] += number;
  const std::uint64_t highest = std::ranges::max(bins);
  out += "  ";
  for (const std::uint64_t bin : bins) {
    out += kBars[bin == 0 ? 0 : 1 + bin * (kBars.size() - 2) / highest];
  }
  const auto time_of = [](std::int64_t minute) {
    return event::format_time(event::EventTime(std::chrono::minutes(minute))).substr(0, 16);
  };
  out += fmt::format("\n  {} to {} UTC, {} min a bar, at most {} alerts in one\n", time_of(first), time_of(last),
                     per_column, human_count(highest));
}

void ScanSummary::render_trouble(std::string& out, const Terminal& terminal) const {
  const auto note = [&](std::string_view text) { out += terminal.paint(Colour::yellow, "note: ") + std::string(text) + '\n'; };
  if (const std::uint64_t rejected = counts_.rejected_in_all(); rejected > 0) {
    note(fmt::format("{} records could not be read (--rejects FILE keeps them):", human_count(rejected)));
    for (const auto& [reason, number] : counts_.rejected) out += fmt::format("  {:>9}  {}\n", human_count(number), reason);
  }
  if (counts_.repaired > 0) {
    note(fmt::format("{} records held malformed UTF-8, which was replaced before matching", human_count(counts_.repaired)));
  }
  if (counts_.unknown_logsource > 0) {
    note(fmt::format("{} events are of unknown logsource and were matched with no rule; say what they are with "
                     "--logsource product=…,category=…,service=…, or try every rule with --logsource any",
                     human_count(counts_.unknown_logsource)));
  }
  if (counts_.without_time > 0) {
    note(fmt::format("{} events have no readable time and were left out by --since/--until", human_count(counts_.without_time)));
  }
}

}  // namespace weir::app
