#include "app/scan/chunk_worker.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sigma/reason.h"

namespace weir::app {
namespace {

// Where events of all formats say which machine and which person they are about, best first.
constexpr std::array<std::string_view, 9> kHostFields = {
    "Computer", "Hostname", "ComputerName", "host.name", "hostname", "agent.hostname", "node", "c-ip", "src_ip"};
constexpr std::array<std::string_view, 13> kUserFields = {
    "TargetUserName",   "User", "SubjectUserName", "user.name", "cs-username", "userIdentity.userName",
    "userIdentity.arn", "user", "username",        "UserName",  "acct",        "auid",
    "actor.email"};

std::string first_of(std::span<const std::string_view> names, event::Batch& batch, const event::Row& row) {
  for (const std::string_view name : names) {
    for (event::Cell& cell : batch.cells(row)) {
      if (cell.field->name != name || cell.kind == event::ValueKind::null) continue;
      const std::string_view text = batch.text(cell);
      if (!text.empty() && text != "-") return std::string(text.substr(0, 256));
    }
  }
  return {};
}

// Windows' own accounts, and those of machines: they act for somebody else, or for nobody.
bool is_person(std::string_view account) {
  static constexpr std::string_view kOfWindows[] = {"SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE", "ANONYMOUS LOGON"};
  return !account.empty() && !account.ends_with('$') &&
         std::ranges::none_of(kOfWindows, [&](std::string_view name) { return equals_ignoring_case(name, account); });
}

// Who acted. Windows writes the account that was acted on, or even a group, as the target; where the subject is none
// that says who it was (a logon), the target does.
std::string user_of(event::Batch& batch, const event::Row& row) {
  static constexpr std::string_view kActor[] = {"SubjectUserName"};
  std::string actor = first_of(kActor, batch, row);
  return is_person(actor) ? actor : first_of(kUserFields, batch, row);
}

}  // namespace

ChunkWorker::ChunkWorker(const ScanRules& rules, const ScanOptions& options)
    : rules_(rules), options_(options), matcher_(rules.plan, {options.remember, options.any_logsource}) {}

void ChunkWorker::prepare_parser(const ChunkTask& task) {
  if (parser_input_ == task.input) return;
  batch_.clear();  // Its rows refer to the old parser's logsources.
  parser_options_ = task.options;
  parser_ = task.format->make_parser(rules_.plan->field_table(), *parser_options_);
  parser_input_ = task.input;
  matcher_.parser_changed();
}

ChunkOutcome ChunkWorker::work(const ChunkTask& task, ChunkPlace from) {
  prepare_parser(task);
  batch_.clear();
  parser_->parse(task.buffer.chunk, batch_);
  logsource_counts_.clear();
  alert_bytes_ = 0;
  ChunkOutcome outcome;
  ScanCounts& counts = outcome.result.counts;
  if (from.row == 0 && from.alerts == 0) {
    counts.bytes = task.buffer.chunk.bytes.size();
    counts.repaired = batch_.repaired();
    add_rejects(outcome);
  }
  for (std::size_t i = from.row; i < batch_.rows().size() && !outcome.rest; ++i) {
    const event::Row& row = batch_.rows()[i];
    std::size_t given = i == from.row ? from.alerts : 0;
    if (given == 0 && is_full()) {
      outcome.rest = {i, 0};
    } else if (given > 0 || begin_row(row, counts)) {
      if (!add_alerts(task, row, given, outcome.result)) outcome.rest = {i, given};
    }
  }
  if (!outcome.rest) outcome.record_count = batch_.record_count();
  for (const auto& [source, count] : logsource_counts_) {
    if (source == nullptr || !source->known()) {
      if (!options_.any_logsource) counts.unknown_logsource += count;
    } else {
      counts.logsources[*source] += count;
    }
  }
  return outcome;
}

// Counts the row; false if it is left out.
bool ChunkWorker::begin_row(const event::Row& row, ScanCounts& counts) {
  if ((options_.since || options_.until) && !within_time(row, counts)) return false;
  ++counts.events;
  count_logsource(row.logsource);
  return true;
}

// The row's alerts from number `given` on, which moves; false if there is no room for all of them.
bool ChunkWorker::add_alerts(const ChunkTask& task, const event::Row& row, std::size_t& given, ChunkResult& result) {
  const std::span<const std::uint32_t> rules = matcher_.match(batch_, row);
  for (; given < rules.size(); ++given) {
    if (given > 0 && is_full()) return false;
    result.alerts.push_back(make_alert(task, row, rules[given]));
    const event::Alert& alert = result.alerts.back().alert;
    alert_bytes_ += sizeof(FoundAlert) + alert.events.front().fields.size() + alert.events.front().raw.size();
    for (const event::AlertReason& reason : alert.why) alert_bytes_ += reason.value.size() + reason.matched.size();
  }
  return true;
}

bool ChunkWorker::within_time(const event::Row& row, ScanCounts& counts) {
  const auto time = parser_->time_of(batch_, row);
  if (!time) {
    ++counts.without_time;
    return false;
  }
  const bool within = (!options_.since || *time >= *options_.since) && (!options_.until || *time < *options_.until);
  if (!within) ++counts.outside_time;
  return within;
}

void ChunkWorker::count_logsource(const event::Logsource* source) {
  // Neighbours are nearly always of one source, and a chunk has few.
  for (auto& [known, count] : logsource_counts_) {
    if (known == source) {
      ++count;
      return;
    }
  }
  logsource_counts_.emplace_back(source, 1);
}

FoundAlert ChunkWorker::make_alert(const ChunkTask& task, const event::Row& row, std::uint32_t rule_index) {
  const sigma::RuleInfo& info = *rules_.rules[rule_index].info;
  FoundAlert found;
  found.rule = rule_index;
  found.host = first_of(kHostFields, batch_, row);
  found.user = user_of(batch_, row);
  event::Alert& alert = found.alert;
  alert.time = parser_->time_of(batch_, row);
  alert.window_start = alert.window_end = alert.time;
  alert.rule = {info.id,
                info.title,
                std::string(sigma::to_string(info.level)),
                info.author,
                info.modified.empty() ? info.date : info.modified,
                info.tags};
  alert.why = reasons_of(rule_index, row);
  event::AlertEvent& event = alert.events.emplace_back();
  event.source = task.path;
  event.offset = row.number;
  event.time = alert.time;
  event.fields = event::fields_to_json(batch_, row);
  event.raw = std::string(row.raw);
  return found;
}

// The reasons of the variant that fired.
std::vector<event::AlertReason> ChunkWorker::reasons_of(std::uint32_t rule, const event::Row& row) {
  const sigma::EventView view(rules_.plan->field_table(), batch_, row);
  const auto variants = std::ranges::equal_range(rules_.variants, rule, {}, &sigma::Variant::rule);
  for (const sigma::Variant& variant : variants) {
    if (!variant.speaks_of(row.logsource, options_.any_logsource)) continue;
    if (sigma::holds(variant.condition, view)) return sigma::reasons(variant.condition, view);
  }
  return {};
}

void ChunkWorker::add_rejects(ChunkOutcome& outcome) {
  for (const event::Reject& reject : batch_.rejects()) {
    ++outcome.result.counts.rejected[reject.reason];
    if (!options_.keep_rejects) continue;
    outcome.result.rejects.push_back(
        {reject.number, reject.reason, std::string(reject.raw.substr(0, ChunkReader::kRejectBytesMax))});
  }
}

}  // namespace weir::app
