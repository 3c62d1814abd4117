// `weir produce TOPIC [FILE…]`: lines become records.

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include <fcntl.h>

#include "app/log_client/connection_options.h"
#include "app/log_client/interrupt.h"
#include "app/log_client/log_commands.h"
#include "app/log_client/record_text.h"
#include "app/terminal.h"
#include "io/descriptor.h"
#include "kafka/admin_client.h"
#include "kafka/producer.h"

namespace weir::app {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLineBytesMax = std::size_t{16} << 20;
constexpr std::size_t kReadBytes = std::size_t{256} << 10;
// Told one by one; more are counted.
constexpr std::size_t kFailuresShown = 20;
constexpr int kLineBits = 40;

struct ProduceArguments {
  ConnectionOptions connection;
  std::string topic;
  std::vector<std::string> files;
  std::string key_separator;
  bool has_headers = false;
  bool is_json = false;
  std::vector<std::string> header;
  int partition = -1;
  std::string acks = "all";
  std::string compression = "none";
  double rate = 0;
  double timeout = 30;
  bool is_quiet = false;
};

// Sends lines, and keeps count of what became of them.
class LineSender {
 public:
  LineSender(const ProduceArguments& arguments, std::vector<std::string> names)
      : arguments_(arguments), names_(std::move(names)) {}

  Status open(const kafka::ConnectionSettings& connection);
  void send(std::size_t file, std::uint64_t line, std::string_view text);
  // Gives reports; waits for what --rate asks.
  void pace();
  // Waits for the reports of all that was sent, or for `timeout`.
  void finish(std::chrono::milliseconds timeout);

  std::uint64_t stored() const { return stored_; }
  std::uint64_t malformed() const { return malformed_; }
  std::uint64_t lost() const { return lost_; }
  std::string trouble() const { return producer_->trouble(); }
  bool is_broken() const { return producer_->is_broken(); }

 private:
  void report(std::size_t file, std::uint64_t line, const std::string& reason);

  const ProduceArguments& arguments_;
  const std::vector<std::string> names_;
  LineForm form_;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers_;
  std::unique_ptr<kafka::Producer> producer_;
  std::chrono::steady_clock::time_point began_;
  std::uint64_t sent_ = 0;
  std::uint64_t stored_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t lost_ = 0;
};

Status LineSender::open(const kafka::ConnectionSettings& connection) {
  form_.is_json = arguments_.is_json;
  form_.has_headers = arguments_.has_headers;
  if (!arguments_.key_separator.empty()) form_.key_separator = arguments_.key_separator;
  for (const std::string& header : arguments_.header) {
    const std::size_t equals = header.find('=');
    if (equals == std::string::npos) return fail(ErrorKind::user, "--header {}: write NAME=VALUE", header);
    headers_.emplace_back(header.substr(0, equals), header.substr(equals + 1));
  }
  kafka::ProducerSettings settings;
  settings.acks = arguments_.acks == "all" ? kafka::Acks::all
                  : arguments_.acks == "1" ? kafka::Acks::leader
                                           : kafka::Acks::none;
  settings.compression = arguments_.compression;
  settings.delivery_timeout = std::chrono::milliseconds(static_cast<std::int64_t>(arguments_.timeout * 1000));
  const auto on_delivery = [this](std::uint64_t number, const Result<kafka::Delivery>& delivery) {
    if (delivery) {
      ++stored_;
      return;
    }
    ++lost_;
    report(number >> kLineBits, number & ((std::uint64_t{1} << kLineBits) - 1), delivery.error().message);
  };
  TRY(producer_, kafka::Producer::open(connection, settings, on_delivery));
  began_ = std::chrono::steady_clock::now();
  return {};
}

void LineSender::send(std::size_t file, std::uint64_t line, std::string_view text) {
  const auto parsed = parse_record_line(text, form_);
  if (!parsed) {
    ++malformed_;
    return report(file, line, parsed.error().message);
  }
  kafka::OutgoingRecord record;
  record.partition = parsed->partition >= 0 ? parsed->partition : arguments_.partition;
  record.key = parsed->key;
  record.value = parsed->value;
  record.headers = parsed->headers;
  record.headers.insert(record.headers.end(), headers_.begin(), headers_.end());
  record.timestamp = parsed->timestamp;
  const Status sent = producer_->send(arguments_.topic, record, std::uint64_t{file} << kLineBits | line);
  if (!sent) {
    ++lost_;
    return report(file, line, sent.error().message);
  }
  ++sent_;
  pace();
}

void LineSender::pace() {
  producer_->poll(0ms);
  if (arguments_.rate <= 0) return;
  const auto due = began_ + std::chrono::duration<double>(static_cast<double>(sent_) / arguments_.rate);
  while (interrupted() == 0) {
    const auto left = due - std::chrono::steady_clock::now();
    if (left <= 0s) return;
    producer_->poll(std::min(50ms, std::chrono::ceil<std::chrono::milliseconds>(left)));
  }
}

void LineSender::finish(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (producer_->waiting() > 0 && std::chrono::steady_clock::now() < deadline) producer_->poll(50ms);
  // What has no report by now may or may not be stored.
  const std::uint64_t open = sent_ - std::min(sent_, stored_ + lost_);
  if (open > 0) {
    lost_ += open;
    fmt::print(stderr, "weir: error: {} without an answer\n", counted(open, "record"));
  }
}

void LineSender::report(std::size_t file, std::uint64_t line, const std::string& reason) {
  if (malformed_ + lost_ <= kFailuresShown) {
    fmt::print(stderr, "{}:{}: error: {}\n", names_[file], line, reason);
  } else if (malformed_ + lost_ == kFailuresShown + 1) {
    fmt::print(stderr, "weir: further failures are only counted\n");
  }
}

// Whole lines of one input, until its end or a signal; the last need not end.
Status send_lines(LineSender& sender, std::size_t file, const std::string& name) {
  const bool is_standard = name == "-";
  const io::Descriptor input(is_standard ? 0 : ::open(name.c_str(), O_RDONLY | O_CLOEXEC), !is_standard);
  if (!input.valid()) {
    return fail(io::kind_of_system_error(errno), "cannot open {}: {}", name, io::system_message(errno));
  }
  std::string pending;
  std::string chunk(kReadBytes, '\0');
  std::uint64_t line = 0;
  while (interrupted() == 0 && !sender.is_broken()) {
    if (!io::wait_readable(input, 100ms)) {
      sender.pace();
      continue;
    }
    TRY(const std::size_t size, io::read_some(input, name, chunk.data(), chunk.size()));
    if (size == 0) break;
    pending.append(chunk, 0, size);
    std::size_t begin = 0;
    for (std::size_t end; (end = pending.find('\n', begin)) != std::string::npos && interrupted() == 0;) {
      sender.send(file, ++line, std::string_view(pending).substr(begin, end - begin));
      begin = end + 1;
    }
    pending.erase(0, begin);
    if (pending.size() > kLineBytesMax) {
      return fail(ErrorKind::user, "{}:{}: a line of more than {} bytes", name, line + 1, kLineBytesMax);
    }
  }
  if (!pending.empty() && interrupted() == 0) sender.send(file, ++line, pending);
  return {};
}

Result<int> produce(const ProduceArguments& arguments) {
  if (arguments.is_json && (arguments.has_headers || !arguments.key_separator.empty())) {
    return fail(ErrorKind::user, "--json has keys and headers in the object: leave --key-separator and --headers out");
  }
  TRY(const auto connection, connection_settings(arguments.connection));
  kafka::AdminClient admin(connection);
  TRY(const auto topic, admin.topic_to_write(arguments.topic));
  if (arguments.partition >= static_cast<int>(topic.partitions.size())) {
    return fail(ErrorKind::user, "topic '{}' has no partition {}: it has {}", arguments.topic, arguments.partition,
                counted(topic.partitions.size(), "partition"));
  }
  const std::vector<std::string> inputs = arguments.files.empty() ? std::vector<std::string>{"-"} : arguments.files;
  LineSender sender(arguments, inputs);
  TRY(sender.open(connection));
  catch_interrupts();
  Status read;
  for (std::size_t i = 0; i < inputs.size() && read && interrupted() == 0; ++i) {
    read = send_lines(sender, i, inputs[i]);
  }
  const auto patience = std::chrono::duration<double>(arguments.timeout + 1);
  sender.finish(interrupted() != 0 ? 5s : std::chrono::ceil<std::chrono::milliseconds>(patience));
  if (!arguments.is_quiet) {
    fmt::print(stderr, "weir: {} written to topic '{}'\n", counted(sender.stored(), "record"), arguments.topic);
  }
  if (!read) return std::unexpected(read.error());
  if (sender.malformed() > 0)
    fmt::print(stderr, "weir: error: {} could not be read\n", counted(sender.malformed(), "line"));
  if (sender.lost() > 0) {
    const std::string trouble = sender.trouble();
    fmt::print(stderr, "weir: error: {} not written{}{}\n", counted(sender.lost(), "record"),
               trouble.empty() ? "" : ": ", trouble);
  }
  if (interrupted() != 0) return interrupted_exit_code();
  if (sender.lost() > 0) return static_cast<int>(kExitOutside);
  return static_cast<int>(sender.malformed() > 0 ? kExitUsage : kExitFine);
}

}  // namespace

void add_produce_command(CLI::App& root, Action& action) {
  auto arguments = std::make_shared<ProduceArguments>();
  CLI::App* command = root.add_subcommand("produce", "Write lines to a topic as records");
  command->add_option("TOPIC", arguments->topic, "Where to")->required();
  command->add_option("FILE", arguments->files, "Files of lines; - is standard input (default)");
  command->add_option("--key-separator", arguments->key_separator, "Lines are KEY, this text, VALUE")
      ->type_name("TEXT");
  command->add_flag("--headers", arguments->has_headers, "Lines begin with name:value,name:value and a tab");
  command->add_option("--header", arguments->header, "A header of every record; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--json", arguments->is_json, "Lines are objects, as `weir consume --format json` prints them");
  command->add_option("--partition", arguments->partition, "Where to, for records that do not say (default: by key)")
      ->check(CLI::Range(0, 0x7FFFFFFF));
  command->add_option("--acks", arguments->acks, "Who must have stored a record: all, 1 (the leader) or 0 (nobody)")
      ->check(CLI::IsMember({"all", "1", "0"}))
      ->capture_default_str();
  command->add_option("--compression", arguments->compression, "none, gzip, snappy, lz4 or zstd")
      ->check(CLI::IsMember({"none", "gzip", "snappy", "lz4", "zstd"}))
      ->capture_default_str();
  command->add_option("--rate", arguments->rate, "At most so many records a second")->check(CLI::PositiveNumber);
  command->add_option("--timeout", arguments->timeout, "Seconds that a record may take, with all attempts")
      ->check(CLI::Range(1.0, 86'400.0))
      ->capture_default_str();
  command->add_flag("--quiet", arguments->is_quiet, "No count at the end");
  add_connection_options(*command, arguments->connection);
  command->footer("Example:\n  weir produce proxy --key-separator : < lines.txt");
  command->callback([arguments, &action] { action = [arguments] { return finished(produce(*arguments)); }; });
}

}  // namespace weir::app
