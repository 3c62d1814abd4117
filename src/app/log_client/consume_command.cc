// `weir consume TOPIC…`: records become lines.

#include <cerrno>
#include <cstdio>
#include <memory>

#include "app/log_client/connection_options.h"
#include "app/log_client/consume_plan.h"
#include "app/log_client/interrupt.h"
#include "app/log_client/log_commands.h"
#include "app/log_client/record_text.h"
#include "app/log_client/time_option.h"
#include "app/terminal.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/descriptor.h"
#include "kafka/consumer.h"

namespace weir::app {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRecordsPerTake = 5'000;
// Without a record, an end or an assignment for so long there is something wrong, unless --follow waits for it.
constexpr auto kSilenceMax = 60s;

struct ConsumeArguments {
  ConnectionOptions connection;
  std::vector<std::string> topics;
  bool from_beginning = false;
  bool follow = false;
  std::string offset;
  std::vector<std::int32_t> partitions;
  std::string since;
  std::string until;
  std::string group;
  std::uint64_t max = 0;
  std::string format;
  std::vector<std::string> print;
  bool uncommitted = false;
};

enum class Written { fine, reader_gone };

// Puts records on standard output, a batch at a time.
class RecordOutput {
 public:
  RecordOutput(bool is_json, Printed printed, bool is_for_eyes)
      : is_json_(is_json), printed_(printed), is_for_eyes_(is_for_eyes) {}

  void add(const kafka::IncomingRecord& record) {
    if (is_json_) {
      append_json_record(text_, record);
    } else {
      append_raw_record(text_, record, printed_, is_for_eyes_);
    }
    ++count_;
  }

  std::uint64_t count() const { return count_; }

  Result<Written> flush() {
    const bool is_written = text_.empty() || (std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size() &&
                                              std::fflush(stdout) == 0);
    const int code = errno;
    text_.clear();
    if (is_written) return Written::fine;
    if (code == EPIPE) return Written::reader_gone;
    return fail(ErrorKind::external, "cannot write to standard output: {}", io::system_message(code));
  }

 private:
  const bool is_json_;
  const Printed printed_;
  const bool is_for_eyes_;
  std::string text_;
  std::uint64_t count_ = 0;
};

Result<Printed> parse_printed(const std::vector<std::string>& names) {
  Printed printed;
  for (const std::string& list : names) {
    for (const std::string_view name : split(list, ',')) {
      if (name == "timestamp") {
        printed.timestamp = true;
      } else if (name == "partition") {
        printed.partition = true;
      } else if (name == "offset") {
        printed.offset = true;
      } else if (name == "headers") {
        printed.headers = true;
      } else if (name == "key") {
        printed.key = true;
      } else {
        return fail(ErrorKind::user, "--print {}: it is a list of timestamp, partition, offset, headers, key", name);
      }
    }
  }
  return printed;
}

Result<ConsumeRange> parse_range(const ConsumeArguments& arguments) {
  ConsumeRange range;
  range.from_beginning = arguments.from_beginning;
  range.follow = arguments.follow;
  range.partitions = arguments.partitions;
  range.isolation = arguments.uncommitted ? kafka::Isolation::uncommitted : kafka::Isolation::committed;
  const int starts = int{arguments.from_beginning} + int{!arguments.offset.empty()} + int{!arguments.since.empty()};
  if (starts > 1) return fail(ErrorKind::user, "--from-beginning, --offset and --since exclude each other");
  if (!arguments.until.empty() && arguments.follow) {
    return fail(ErrorKind::user, "--until ends where --follow goes on: give one of them");
  }
  if (!arguments.offset.empty()) {
    range.offset = parse_int(arguments.offset);
    if (!range.offset)
      return fail(ErrorKind::user, "--offset {}: a number; -10 means ten before the end", arguments.offset);
  }
  const std::int64_t now = io::wall_milliseconds();
  if (!arguments.since.empty()) {
    TRY(range.since, parse_time_option("--since", arguments.since, now));
  }
  if (!arguments.until.empty()) {
    TRY(range.until, parse_time_option("--until", arguments.until, now));
  }
  if (!arguments.group.empty() && (range.offset || range.since || range.until || !range.partitions.empty())) {
    return fail(ErrorKind::user,
                "a group begins at its own offsets: with --group leave --offset, --since, --until and --partition out; "
                "`weir group reset` moves them");
  }
  return range;
}

// One run: what is still to be read, and when it is over.
class Reading {
 public:
  Reading(const ConsumeArguments& arguments, kafka::Consumer& consumer, RecordOutput& output,
          std::map<kafka::TopicPartition, Extent> extents)
      : arguments_(arguments), consumer_(consumer), output_(output), extents_(std::move(extents)) {}

  Result<int> run();

 private:
  Status begin();
  bool is_over() const;
  void take_record(const kafka::IncomingRecord& record);
  void reach(const kafka::TopicPartition& partition, std::int64_t position);
  Result<Written> put_out();

  bool has_group() const { return !arguments_.group.empty(); }
  bool is_full() const { return arguments_.max > 0 && output_.count() >= arguments_.max; }

  const ConsumeArguments& arguments_;
  kafka::Consumer& consumer_;
  RecordOutput& output_;
  std::map<kafka::TopicPartition, Extent> extents_;
  std::map<kafka::TopicPartition, std::int64_t> positions_;  // Behind the last record that was printed, or the end.
  std::map<kafka::TopicPartition, std::int64_t> to_store_;
  std::size_t open_ = 0;  // Partitions that are not yet read to their end.
};

Status Reading::begin() {
  if (has_group()) return consumer_.subscribe(arguments_.topics);
  std::vector<std::pair<kafka::TopicPartition, std::int64_t>> offsets;
  for (const auto& [partition, extent] : extents_) {
    if (!arguments_.follow && extent.start >= extent.end) continue;
    offsets.emplace_back(partition, extent.start);
    ++open_;
  }
  return offsets.empty() ? Status() : consumer_.assign(offsets);
}

bool Reading::is_over() const {
  if (is_full()) return true;
  if (arguments_.follow) return false;
  if (!has_group()) return open_ == 0;
  if (!consumer_.assigned()) return false;
  for (const kafka::TopicPartition& partition : *consumer_.assigned()) {
    const auto position = positions_.find(partition);
    if (position == positions_.end()) return false;
    const auto extent = extents_.find(partition);
    // A partition that was added since counts as read at its end.
    if (extent != extents_.end() && position->second < extent->second.end) return false;
  }
  return true;
}

void Reading::reach(const kafka::TopicPartition& partition, std::int64_t position) {
  const auto extent = extents_.find(partition);
  const bool has_end = !arguments_.follow && !has_group() && extent != extents_.end();
  const std::int64_t before = positions_.contains(partition) ? positions_[partition] : -1;
  positions_[partition] = std::max(before, position);
  if (has_end && before < extent->second.end && position >= extent->second.end) {
    consumer_.pause(partition);
    --open_;
  }
}

void Reading::take_record(const kafka::IncomingRecord& record) {
  const kafka::TopicPartition partition{std::string(record.topic), record.partition};
  const auto extent = extents_.find(partition);
  const bool is_wanted = arguments_.follow || extent == extents_.end() || record.offset < extent->second.end;
  if (is_wanted && !is_full()) {
    output_.add(record);
    if (has_group()) to_store_[partition] = record.offset + 1;
  }
  reach(partition, record.offset + 1);
}

Result<Written> Reading::put_out() {
  TRY(const Written written, output_.flush());
  // Only what has left this process counts as read.
  if (written == Written::fine) {
    for (const auto& [partition, offset] : to_store_) consumer_.store(partition, offset);
  }
  to_store_.clear();
  return written;
}

Result<int> Reading::run() {
  TRY(begin());
  auto last_heard = std::chrono::steady_clock::now();
  while (!is_over() && interrupted() == 0) {
    TRY(const kafka::Incoming incoming, consumer_.take(kRecordsPerTake, 100ms));
    for (const kafka::IncomingRecord& record : incoming.records) take_record(record);
    for (const auto& [partition, offset] : incoming.ends) reach(partition, offset);
    TRY(const Written written, put_out());
    if (written == Written::reader_gone) return static_cast<int>(kExitFine);
    const auto now = std::chrono::steady_clock::now();
    if (!incoming.records.empty() || !incoming.ends.empty()) last_heard = now;
    if (!arguments_.follow && now - last_heard > kSilenceMax) {
      const std::string trouble = consumer_.trouble();
      return fail(ErrorKind::external, "nothing came for {} seconds{}{}", kSilenceMax.count(),
                  trouble.empty() ? "" : ": ", trouble);
    }
  }
  if (has_group()) TRY(consumer_.commit());
  return interrupted() != 0 ? interrupted_exit_code() : static_cast<int>(kExitFine);
}

Result<int> consume(const ConsumeArguments& arguments) {
  const Terminal terminal(stdout);
  TRY(const Printed printed, parse_printed(arguments.print));
  TRY(const ConsumeRange range, parse_range(arguments));
  const bool has_printed = !arguments.print.empty();
  const std::string format = !arguments.format.empty()               ? arguments.format
                             : terminal.is_terminal() || has_printed ? "raw"
                                                                     : "json";
  if (format == "json" && has_printed) return fail(ErrorKind::user, "--print is for --format raw: JSON has everything");
  TRY(const auto connection, connection_settings(arguments.connection));
  kafka::AdminClient admin(connection);
  TRY(auto extents, plan_consume(admin, arguments.topics, range));
  kafka::ConsumerSettings settings;
  settings.group = arguments.group;
  settings.begins_at_earliest = arguments.group.empty() || arguments.from_beginning || !arguments.follow;
  settings.isolation = range.isolation;
  TRY(const auto consumer, kafka::Consumer::open(connection, settings));
  RecordOutput output(format == "json", printed, terminal.is_terminal());
  catch_interrupts();
  return Reading(arguments, *consumer, output, std::move(extents)).run();
}

}  // namespace

void add_consume_command(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<ConsumeArguments>();
  CLI::App* command = root.add_subcommand("consume", "Print the records of topics");
  command->add_option("TOPIC", arguments->topics, "Topics")->required();
  command->add_flag("--from-beginning", arguments->from_beginning,
                    "Begin at the first record (the default unless --follow is given)");
  command->add_option("--offset", arguments->offset, "Begin at this offset; -10: ten before the end")->type_name("N");
  command->add_option("--partition", arguments->partitions, "Only this partition; may be repeated")
      ->check(CLI::Range(0, 0x7FFFFFFF))
      ->type_name("N")
      ->allow_extra_args(false);
  command->add_option("--since", arguments->since, "Begin at this time, or so long ago: 10m, 2h, 7d")
      ->type_name("TIME");
  command->add_option("--until", arguments->until, "End before the first record of this time or later")
      ->type_name("TIME");
  command->add_flag("-f,--follow", arguments->follow, "Wait for new records; begins at the end");
  command->add_option("--group", arguments->group, "Read as a member of this group, and commit what was printed")
      ->type_name("NAME");
  command->add_option("--max", arguments->max, "End after so many records")->type_name("N");
  command->add_option("--format", arguments->format, "raw (default on a terminal) or json (default in a pipe)")
      ->check(CLI::IsMember({"raw", "json"}))
      ->type_name("FORMAT");
  command
      ->add_option("--print", arguments->print,
                   "Before the raw value: timestamp, partition, offset, headers, key; divided by commas")
      ->type_name("FIELDS")
      ->allow_extra_args(false);
  command->add_flag("--uncommitted", arguments->uncommitted, "Records of open and aborted transactions, too");
  add_connection_options(*command, arguments->connection);
  command->footer("Example:\n  weir consume proxy --since 1h --format json");
  command->callback([arguments, &action] { action = [arguments] { return finished(consume(*arguments)); }; });
}

}  // namespace weir::app
