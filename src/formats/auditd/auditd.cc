#include "formats/auditd/auditd.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/check.h"
#include "formats/auditd/line.h"
#include "formats/auditd/record.h"
#include "formats/lines.h"

namespace weir::formats {
namespace auditd {
namespace {

// Records of one event lie at most this many lines apart; auditd and the kernel finish an event long before.
constexpr std::size_t kSpreadLines = 256;
// Beyond this an event is cut rather than more memory asked for.
constexpr std::size_t kUncutBytesMax = kRecordBytesMax / 2;

struct EventKey {
  std::string_view node;
  std::string_view time;
  std::string_view serial;

  bool operator==(const EventKey&) const = default;
};

struct EventKeyHash {
  std::size_t operator()(const EventKey& key) const {
    const std::hash<std::string_view> hash;
    return (hash(key.serial) * 31 + hash(key.time)) * 31 + hash(key.node);
  }
};

EventKey key_of(const Line& line) {
  return {line.node, line.time, line.serial};
}

// What a chunk must know of its neighbours.
struct Neighbours final : Context {
  std::string belated;                                 // Lines behind the chunk, of events that begin in it.
  std::unordered_set<EventKey, EventKeyHash> foreign;  // Events of an earlier chunk, which has their lines.
  std::string foreign_text;                            // That `foreign` points into.
};

// Cuts some lines before the end of what is there. In these lines it finds the records that belong to events before the
// cut, gives them to the chunk before it and tells the chunk behind it to leave them out.
class AuditSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override {
    if (at_end) return {.skip = 0, .size = data.size(), .context = std::exchange(next_, nullptr)};
    // Every chunk has so many lines that what belongs to the chunk before it cannot reach beyond it.
    std::size_t begin = start_of_tail(data, kSpreadLines);
    if (start_of_tail(data.substr(0, begin), kSpreadLines) == 0) begin = 0;
    if (begin == 0 && data.size() >= kUncutBytesMax) begin = data.rfind('\n') + 1;
    if (begin == 0) return {};
    const std::string_view before = data.substr(0, begin);
    std::shared_ptr<Neighbours> own = next_ != nullptr ? std::move(next_) : std::make_shared<Neighbours>();
    next_ = std::make_shared<Neighbours>();
    divide(before.substr(start_of_tail(before, kSpreadLines)), data.substr(begin), *own, *next_);
    return {.skip = 0, .size = begin, .context = std::move(own)};
  }

 private:
  // Where the last `count` whole lines begin; 0 if there are not more than these.
  static std::size_t start_of_tail(std::string_view data, std::size_t count) {
    std::size_t end = data.rfind('\n');
    for (; count > 0 && end != std::string_view::npos && end > 0; --count) end = data.rfind('\n', end - 1);
    return count > 0 || end == std::string_view::npos ? 0 : end + 1;
  }

  void divide(std::string_view before, std::string_view behind, Neighbours& own, Neighbours& next) {
    std::unordered_set<EventKey, EventKeyHash> open;
    for_each_line(before, [&](std::string_view text, auto) {
      std::string_view reason;
      const std::optional<Line> line = read_line(text, reason);
      if (line && !own.foreign.contains(key_of(*line))) open.insert(key_of(*line));
    });
    std::vector<EventKey> keys;
    // A line that is not whole yet will be seen again, but not here.
    for_each_line(behind.substr(0, behind.rfind('\n') + 1), [&](std::string_view text, auto) {
      std::string_view reason;
      const std::optional<Line> line = read_line(text, reason);
      if (!line || !open.contains(key_of(*line))) return;
      own.belated += text;
      own.belated += '\n';
      keys.push_back(key_of(*line));
    });
    keep(keys, next);
  }

  // Copies the keys, since the data they point into goes.
  static void keep(const std::vector<EventKey>& keys, Neighbours& next) {
    std::size_t size = 0;
    for (const EventKey& key : keys) size += key.node.size() + key.time.size() + key.serial.size();
    next.foreign_text.reserve(size);
    const auto copy = [&next](std::string_view part) {
      const std::size_t at = next.foreign_text.size();
      next.foreign_text += part;
      return std::string_view(next.foreign_text).substr(at);
    };
    for (const EventKey& key : keys) next.foreign.insert({copy(key.node), copy(key.time), copy(key.serial)});
  }

  std::shared_ptr<Neighbours> next_;  // For the chunk that comes next; null: nothing to know.
};

class AuditParser final : public Parser {
 public:
  AuditParser(const event::FieldTable& table, const Options& options)
      : own_logsource_{.product = "linux", .categories = {}, .services = {"auditd"}},
        logsource_(*chosen_logsource(options, &own_logsource_)),
        records_(table) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    lines_.clear();
    events_.clear();
    event_of_.clear();
    neighbours_ = static_cast<const Neighbours*>(chunk.context.get());
    const std::uint64_t count = for_each_line(chunk.bytes, [&](std::string_view text, std::uint64_t number) {
      if (is_between_records(text) || !accept_size(text, number, batch)) return;
      std::string_view reason;
      if (const std::optional<Line> line = read_line(text, reason)) {
        add_line(*line, number, batch);
      } else {
        reject(batch, number, reason, valid_text(text, batch));
      }
    });
    belated_begin_ = lines_.size();
    if (neighbours_ != nullptr) add_belated(batch.arena().copy(neighbours_->belated), batch);
    for (const Event& event : events_) add_row(event, batch);
    batch.set_record_count(count);
  }

  std::optional<event::EventTime> time_of(event::Batch&, const event::Row& row) override {
    std::string_view reason;
    const std::optional<Line> line = read_line(row.raw.substr(0, row.raw.find('\n')), reason);
    return line ? event::parse_epoch_time(line->time) : std::nullopt;
  }

 private:
  static constexpr std::uint32_t kNone = ~0U;

  struct Record {
    Line line;
    std::uint32_t next = kNone;  // Of the same event.
  };
  struct Event {
    std::uint64_t number;
    std::uint32_t first;
    std::uint32_t last;
    bool has_arguments = false;
  };

  void add_belated(std::string_view text, event::Batch& batch) {
    for_each_line(text, [&](std::string_view line_text, auto) {
      std::string_view reason;
      const std::optional<Line> line = read_line(line_text, reason);
      CHECK(line.has_value());  // The splitter has read it before.
      add_line(*line, 0, batch);
    });
  }

  void add_line(Line line, std::uint64_t number, event::Batch& batch) {
    if (neighbours_ != nullptr && !neighbours_->foreign.empty() && neighbours_->foreign.contains(key_of(line))) return;
    if (const std::string_view text = valid_text(line.text, batch); text.data() != line.text.data()) {
      std::string_view reason;
      line = *read_line(text, reason);  // Nothing that makes it a record was malformed.
    }
    const std::uint32_t index = static_cast<std::uint32_t>(lines_.size());
    Event* event = find_event(line);
    lines_.push_back({line, kNone});
    if (event == nullptr) {
      event_of_.emplace(key_of(line), events_.size());
      event = &events_.emplace_back(Event{number, index, index});
    } else {
      lines_[event->last].next = index;
      event->last = index;
    }
    event->has_arguments |= line.type == "EXECVE";
  }

  Event* find_event(const Line& line) {
    // Nearly always it is the event of the line before.
    if (!events_.empty() && line.is_of_one_event_with(lines_[events_.back().last].line)) return &events_.back();
    const auto found = event_of_.find(key_of(line));
    return found == event_of_.end() ? nullptr : &events_[found->second];
  }

  void add_row(const Event& event, event::Batch& batch) {
    batch.begin_row();
    records_.begin_event(batch, event.has_arguments);
    for (std::uint32_t i = event.first; i != kNone; i = lines_[i].next) records_.add(lines_[i].line);
    records_.end_event();
    batch.finish_row(event.number, &logsource_, raw_of(event, batch));
  }

  // The event's lines: as they stand in the input if nothing stands between them, else put together.
  std::string_view raw_of(const Event& event, event::Batch& batch) {
    const std::string_view first = lines_[event.first].line.text;
    const std::string_view last = lines_[event.last].line.text;
    std::size_t size = 0;
    bool is_in_a_row = true;
    for (std::uint32_t i = event.first; i != kNone; i = lines_[i].next) {
      size += lines_[i].line.text.size() + 1;
      is_in_a_row = is_in_a_row && (i == event.last || (lines_[i].next == i + 1 && i + 1 != belated_begin_));
    }
    if (is_in_a_row) return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
    char* const joined = batch.arena().allocate(size);
    char* out = joined;
    for (std::uint32_t i = event.first; i != kNone; i = lines_[i].next) {
      out = std::ranges::copy(lines_[i].line.text, out).out;
      *out++ = '\n';
    }
    return {joined, size - 1};
  }

  const event::Logsource own_logsource_;
  const event::Logsource logsource_;
  RecordReader records_;
  std::vector<Record> lines_;
  std::vector<Event> events_;
  std::unordered_map<EventKey, std::size_t, EventKeyHash> event_of_;
  const Neighbours* neighbours_ = nullptr;
  std::size_t belated_begin_ = 0;  // In lines_.
};

Detected detect(std::string_view sample, std::string_view) {
  int records = 0;
  int heads = 0;
  int others = 0;
  constexpr int kEnough = 20;
  const std::size_t last = sample.rfind('\n');
  for_each_line(sample.substr(0, last == std::string_view::npos ? sample.size() : last),
                [&](std::string_view text, auto) {
                  if (records + others >= kEnough || is_between_records(text)) return;
                  std::string_view reason;
                  const bool is_record = read_line(text, reason).has_value();
                  if (is_record && (text.starts_with("type=") || text.starts_with("node="))) ++heads;
                  ++(is_record ? records : others);
                });
  if (heads >= 1 && heads > others) return {Confidence::certain, "Linux audit log"};
  if (records > others) return {Confidence::likely, "Linux audit records behind another head"};
  return {records > 0 && heads > 0 ? Confidence::possible : Confidence::none, "Linux audit log"};
}

std::unique_ptr<Splitter> make_splitter(const Options&) {
  return std::make_unique<AuditSplitter>();
}

std::unique_ptr<Parser> make_parser(const event::FieldTable& table, const Options& options) {
  return std::make_unique<AuditParser>(table, options);
}

}  // namespace
}  // namespace auditd

constinit const Format kAuditd = {
    .name = "auditd",
    .description = "Linux audit log, raw or enriched",
    .assumptions = "event time: audit(seconds:serial), UTC; logsource: product linux, service auditd",
    .binary = false,
    .detect = auditd::detect,
    .make_splitter = auditd::make_splitter,
    .make_parser = auditd::make_parser,
};

}  // namespace weir::formats
