// Syslog: RFC 3164 and RFC 5424 in files and streams, with or without priority, ISO times as rsyslog and journald write
// them, and octet-counted framing (RFC 6587). A line without a header is the rest of a message of several lines: it
// becomes a row with `message` alone, so that keyword rules see it.

#include "formats/lines.h"
#include "formats/syslog_header.h"
#include "formats/syslog_messages.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"

namespace weir::formats {
namespace {

// How the stream separates its messages; decided by its first bytes.
struct Framing final : Context {
  bool octet_counted = false;
};

// The next message of an octet-counted stream, taken off `bytes`; what is no frame reaches to the newline.
// False: the frame at the front is not whole.
bool take_framed(std::string_view& bytes, std::string_view& message) {
  const OctetFrame frame = read_octet_frame(bytes);
  if (frame.size == 0) {
    message = take_until(bytes, '\n');
    return true;
  }
  if (frame.size > bytes.size()) return false;
  message = bytes.substr(frame.message, frame.size - frame.message);
  bytes.remove_prefix(frame.size);
  return true;
}

class SyslogSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override {
    if (framing_ == nullptr) {
      constexpr std::size_t kFrameHeaderMax = 10;
      if (data.size() < kFrameHeaderMax && !at_end) return {};
      auto framing = std::make_shared<Framing>();
      framing->octet_counted = read_octet_frame(data).size > 0;
      framing_ = std::move(framing);
    }
    Cut cut = framing_->octet_counted && !at_end ? cut_frames(data) : LineSplitter().cut(data, at_end);
    cut.context = framing_;
    return cut;
  }

 private:
  static Cut cut_frames(std::string_view data) {
    std::string_view rest = data;
    std::size_t size = 0;
    for (;;) {
      constexpr std::size_t kFrameHeaderMax = 10;
      const OctetFrame frame = read_octet_frame(rest);
      if (frame.size == 0) {
        const bool may_be_frame = rest.size() < kFrameHeaderMax;
        const std::size_t newline = rest.find('\n');
        if (newline == std::string_view::npos || (may_be_frame && newline > kFrameHeaderMax)) break;
        rest.remove_prefix(newline + 1);
      } else if (frame.size > rest.size()) {
        break;
      } else {
        rest.remove_prefix(frame.size);
      }
      size = data.size() - rest.size();
    }
    return {.skip = 0, .size = size, .context = nullptr};
  }

  std::shared_ptr<const Framing> framing_;
};

constexpr std::string_view kCutFrame = "octet-counted frame is cut short";

class SyslogParser final : public Parser {
 public:
  SyslogParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), messages_(names_) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    const auto* framing = dynamic_cast<const Framing*>(chunk.context.get());
    if (framing != nullptr && framing->octet_counted) return parse_framed(chunk, batch);
    for_each_text_line(chunk, batch,
                       [&](std::string_view line, std::uint64_t number) { add_row(line, number, batch); });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    const auto text = find_text(batch, row, timestamp_);
    return text ? parse_syslog_time(*text, options_) : std::nullopt;
  }

 private:
  void parse_framed(const Chunk& chunk, event::Batch& batch) {
    std::string_view bytes = chunk.bytes;
    std::uint64_t number = 0;
    for (; !bytes.empty(); ++number) {
      std::string_view message;
      if (!take_framed(bytes, message)) {
        reject(batch, number, kCutFrame, bytes);
        bytes = {};
        continue;
      }
      while (message.ends_with('\n') || message.ends_with('\r')) message.remove_suffix(1);
      if (message.empty() || !accept_size(message, number, batch)) continue;
      add_row(valid_text(message, batch), number, batch);
    }
    batch.set_record_count(number);
  }

  void add_row(std::string_view line, std::uint64_t number, event::Batch& batch) {
    const std::optional<SyslogHeader> header = read_syslog_header(line);
    batch.begin_row();
    // Devices of all kinds speak syslog; what no known program says is taken for Linux, unless a person knows better.
    const event::Logsource* const any_program = logsources_.find(SyslogProgram::other, false);
    const event::Logsource* const source = header ? add_cells(*header, batch) : any_program;
    if (!header) batch.add(message_, event::ValueKind::string, line);
    const Evidence evidence = source == any_program ? Evidence::guessed : Evidence::seen;
    finish_row(batch, number, chosen_logsource(options_, source, evidence), line);
  }

  const event::Logsource* add_cells(const SyslogHeader& header, event::Batch& batch) {
    add_present(batch, timestamp_, header.timestamp);
    add_present(batch, hostname_, header.host);
    add_present(batch, program_, header.program);
    add_present(batch, pid_, header.pid, kind_of(header.pid));
    if (header.priority >= 0) {
      batch.add(facility_, event::ValueKind::string, facility_name(header.priority));
      batch.add(severity_, event::ValueKind::string, severity_name(header.priority));
    } else {
      add_present(batch, severity_, header.level);
    }
    add_present(batch, message_id_, header.message_id);
    add_parameters(header.structured_data, batch);
    if (!header.message.empty()) batch.add(message_, event::ValueKind::string, header.message);
    const SyslogProgram program = syslog_program(header.program);
    const bool pam = messages_.add_cells(program, header.program, header.message, batch);
    constexpr int kAuth = 4;
    constexpr int kAuthPrivate = 10;
    const int facility = header.priority < 0 ? -1 : header.priority / 8;
    return logsources_.find(program, pam || facility == kAuth || facility == kAuthPrivate);
  }

  // Structured data becomes fields `id.name` (RFC 5424, section 6.3).
  void add_parameters(std::string_view data, event::Batch& batch) {
    std::size_t count = 0;
    for_each_parameter(data, [&](std::string_view id, std::string_view name, std::string_view value) {
      if (++count > kCellsPerRowMax || id.size() + name.size() + 1 > kNameBytesMax) return;
      char joined[kNameBytesMax];
      char* out = std::ranges::copy(id, joined).out;
      *out++ = '.';
      out = std::ranges::copy(name, out).out;
      batch.add(names_.resolve({joined, out}), event::ValueKind::string, unescape(value, batch));
    });
  }

  // Before `"`, `\` and `]` a backslash escapes, elsewhere it is itself (RFC 5424, section 6.3.3).
  static std::string_view unescape(std::string_view text, event::Batch& batch) {
    if (text.find('\\') == std::string_view::npos) return text;
    char* const start = batch.arena().allocate(text.size());
    char* out = start;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape = text[i] == '\\' && i + 1 < text.size() &&
                          std::string_view("\"\\]").find(text[i + 1]) != std::string_view::npos;
      if (escape) ++i;
      *out++ = text[i];
    }
    return {start, out};
  }

  const Options options_;
  event::FieldNames names_;
  SyslogMessages messages_;
  const SyslogLogsources logsources_;
  const event::Field* timestamp_ = names_.resolve("timestamp");
  const event::Field* hostname_ = names_.resolve("hostname");
  const event::Field* program_ = names_.resolve("program");
  const event::Field* pid_ = names_.resolve("pid");
  const event::Field* facility_ = names_.resolve("facility");
  const event::Field* severity_ = names_.resolve("severity");
  const event::Field* message_id_ = names_.resolve("msgid");
  const event::Field* message_ = names_.resolve("message");
};

Detected detect(std::string_view sample, std::string_view) {
  if (read_octet_frame(sample).size > 0) {
    const auto header = read_syslog_header(sample.substr(read_octet_frame(sample).message, 1024));
    if (header && !header->timestamp.empty()) return {Confidence::certain, "syslog, octet-counted (RFC 6587)"};
  }
  std::vector<std::string_view> lines = sample_lines(sample);
  std::erase_if(lines, [](std::string_view line) { return is_blank(line.front()); });  // Continued messages.
  const auto has_program = [](std::string_view line) {
    const auto header = read_syslog_header(line);
    if (!header || header->timestamp.empty() || header->program.empty()) return false;
    // Behind an ISO time "word:" alone is too little, many formats have it.
    return !is_digit(header->timestamp.front()) || !header->host.empty() || !header->level.empty();
  };
  const auto has_header = [](std::string_view line) {
    const auto header = read_syslog_header(line);
    if (!header || header->timestamp.empty() || header->host.empty()) return false;
    // An ISO time begins the lines of many formats: only a priority or a tag makes it syslog.
    return !is_digit(header->timestamp.front()) || header->priority >= 0;
  };
  const int tagged = percent_of(lines, has_program);
  const int headed = percent_of(lines, [&](std::string_view line) { return has_program(line) || has_header(line); });
  if (tagged >= 50) return {Confidence::certain, "syslog"};
  if (headed >= 50) return {Confidence::likely, "syslog"};
  return headed >= 10 ? Detected{Confidence::possible, "syslog among other lines"} : Detected{};
}

}  // namespace

Format syslog_format() {
  return {
      .name = "syslog",
      .description = "Syslog, RFC 3164 or 5424, in files or octet-counted streams",
      .assumptions =
          "event time: the header's; without year: --assume-year, else the latest year that does not lie "
          "more than a day after the file's last change; without zone: --assume-zone, else UTC; logsource: "
          "product linux, service syslog, and sshd, sudo, auth, cron, vsftpd, clamav, guacamole, nginx, "
          "apache by program",
      .zone_may_lack = true,
      .year_may_lack = true,
      .detect = detect,
      .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<SyslogSplitter>(); },
      .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
        return std::make_unique<SyslogParser>(table, options);
      }};
}

}  // namespace weir::formats
