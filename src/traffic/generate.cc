#include "traffic/generate.h"

#include <algorithm>
#include <memory>

#include "base/json_text.h"
#include "traffic/demand.h"
#include "traffic/stream.h"

namespace weir::traffic {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

using NanoTime = std::chrono::sys_time<nanoseconds>;

// One file in the making.
class SourceRun {
 public:
  SourceRun(Source source, const Company& company, const Settings& settings, Scale scale, Sink& sink)
      : source_(source),
        period_{settings.start, settings.start + settings.duration},
        scale_(scale),
        write_bytes_(settings.write_bytes),
        sink_(sink),
        stream_(make_stream(source, company, settings.seed)),
        gaps_(mix(mix(settings.seed, "gaps"), name_of(source))),
        timeline_(period_.start, period_.end),
        number_(stream_->first_number()) {
    out_ = stream_->head();
  }

  // The mark of a record: its attack's index, and whether it is evidence.
  void plant(const std::vector<Attack>& attacks) {
    for (std::uint32_t index = 0; index < attacks.size(); ++index) {
      for (const PlantedRecord& record : attacks[index].records) {
        if (record.source != source_) continue;
        timeline_.add(
            record.time, [&](std::string& out) { out += record.bytes; }, index * 2 + (record.evidence ? 0 : 1));
      }
    }
  }

  bool run_step(const Presence& presence);
  bool finish();

  struct Found {
    std::uint32_t attack;
    bool evidence;
    std::uint64_t number;
  };
  const std::vector<Found>& found() const { return found_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void draw_gap();
  void take(std::string_view record, std::uint32_t mark);
  bool flush();

  const Source source_;
  const Period period_;
  const Scale scale_;
  const std::size_t write_bytes_;
  Sink& sink_;
  std::unique_ptr<Stream> stream_;
  Random gaps_;  // Of its own, so that a stream may draw as it likes.
  Timeline timeline_;
  NanoTime next_arrival_{};
  std::uint64_t mean_gap_ = 0;  // Nanoseconds; 0: nothing arrives.
  std::uint64_t number_;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  std::string out_;
  std::vector<Found> found_;
};

// Arrivals are a Poisson process, whose gaps are exponential. It has no memory, so each step starts it anew.
void SourceRun::draw_gap() {
  const auto gap = static_cast<unsigned __int128>(gaps_.exponential()) * mean_gap_;
  next_arrival_ += nanoseconds(static_cast<std::int64_t>(gap >> 32));
}

bool SourceRun::run_step(const Presence& presence) {
  const EventTime step_end = std::min<EventTime>(presence.time() + kStep, period_.end);
  mean_gap_ = scale_.mean_gap(stream_->begin_step(presence, timeline_));
  next_arrival_ = std::max(presence.time(), period_.start);
  if (mean_gap_ > 0) draw_gap();
  while (timeline_.now() < step_end) {
    const NanoTime arrivals_end = std::min(timeline_.slot_end(), step_end);
    while (mean_gap_ > 0 && next_arrival_ < arrivals_end) {
      stream_->arrive(std::chrono::floor<microseconds>(next_arrival_), timeline_);
      draw_gap();
    }
    timeline_.finish_slot([this](std::string_view record, std::uint32_t mark) { take(record, mark); });
    if (out_.size() >= write_bytes_ && !flush()) return false;
  }
  return true;
}

void SourceRun::take(std::string_view record, std::uint32_t mark) {
  if (events_ > 0) out_ += stream_->separator();
  out_ += record;
  if (mark != kNoAttack) found_.push_back({mark / 2, mark % 2 == 0, number_});
  ++events_;
  ++number_;
}

bool SourceRun::flush() {
  bytes_ += out_.size();
  const bool wants_more = sink_.write(source_, out_);
  out_.clear();
  return wants_more;
}

bool SourceRun::finish() {
  if (events_ > 0) out_ += '\n';
  out_ += stream_->tail();
  return flush();
}

Status check_settings(const Settings& settings) {
  constexpr std::uint64_t kRateMax = 20'000'000;
  constexpr EventTime kLast = std::chrono::sys_days(std::chrono::year(2200) / 1 / 1);
  if (settings.duration <= microseconds(0)) return fail(ErrorKind::user, "length: must be more than nothing");
  if (settings.start < EventTime{} || settings.start >= kLast || settings.duration > kLast - settings.start) {
    return fail(ErrorKind::user, "start and length: must lie between 1970 and 2200");
  }
  if (settings.users == 1 || settings.users > kUsersMax) {
    return fail(ErrorKind::user, "users: must be 2 to {}, or 0 for as many as the rate calls for", kUsersMax);
  }
  if (settings.events_per_second > kRateMax) return fail(ErrorKind::user, "rate: at most {} events a second", kRateMax);
  if (settings.sources.none()) return fail(ErrorKind::user, "sources: name at least one");
  return {};
}

void add_places(const SourceRun& run, Source source, std::vector<FoundAttack>& attacks) {
  for (const SourceRun::Found& found : run.found()) {
    FoundAttack& attack = attacks[found.attack];
    const bool main = found.evidence && source == attack.attack.source;
    std::vector<Place>& places = main ? attack.main : attack.also;
    if (places.empty() || places.back().source != source) places.push_back({source, {}});
    places.back().records.push_back(found.number);
  }
}

FoundAttack without_bytes(Attack attack) {
  FoundAttack found;
  found.start = EventTime::max();
  found.end = EventTime::min();
  for (PlantedRecord& record : attack.records) {
    found.start = std::min(found.start, record.time);
    found.end = std::max(found.end, record.time);
    record.bytes.clear();
  }
  found.attack = std::move(attack);
  return found;
}

}  // namespace

Result<Truth> generate(const Settings& settings, Sink& sink) {
  TRY(check_settings(settings));
  const Period period{settings.start, settings.start + settings.duration};
  const std::uint32_t users = choose_users(settings);
  const Company company = make_company(settings.seed, users);
  const Scale scale = choose_scale(settings, company);
  const std::vector<Attack> attacks =
      settings.attacks ? plan_attacks(company, period, settings.seed) : std::vector<Attack>{};

  std::vector<std::pair<Source, std::unique_ptr<SourceRun>>> runs;
  for (const Source source : kSources) {
    if (!settings.sources[index_of(source)]) continue;
    runs.emplace_back(source, std::make_unique<SourceRun>(source, company, settings, scale, sink));
    runs.back().second->plant(attacks);
  }
  Presence presence(company);
  bool wants_more = true;
  for (EventTime step = first_step(period); step < period.end && wants_more; step += kStep) {
    presence.move_to(step);
    for (const auto& [source, run] : runs) wants_more = wants_more && run->run_step(presence);
  }

  Truth truth;
  truth.users = users;
  truth.networks = networks_csv(company);
  for (const Attack& attack : attacks) truth.attacks.push_back(without_bytes(attack));
  for (const auto& [source, run] : runs) {
    wants_more = wants_more && run->finish();
    add_places(*run, source, truth.attacks);
    truth.events[index_of(source)] = run->events();
    truth.bytes[index_of(source)] = run->bytes();
  }
  // An attack whose log was not asked for is not hidden anywhere.
  std::erase_if(truth.attacks, [](const FoundAttack& attack) { return attack.main.empty(); });
  return truth;
}

}  // namespace weir::traffic
