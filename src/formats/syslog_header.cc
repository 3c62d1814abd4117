#include "formats/syslog_header.h"

#include "formats/lines.h"

namespace weir::formats {
namespace {

constexpr int kPriorityMax = 191;

// "<34>" off the front.
int take_priority(std::string_view& line) {
  if (!line.starts_with('<')) return -1;
  const std::size_t end = line.substr(0, 5).find('>');
  if (end == std::string_view::npos || !all_digits(line.substr(1, end - 1))) return -1;
  const auto value = parse_int(line.substr(1, end - 1));
  if (!value || *value > kPriorityMax) return -1;
  line.remove_prefix(end + 1);
  return static_cast<int>(*value);
}

// "2024-05-01T10:00:00", all that may follow in such a time, up to the blank.
std::size_t iso_time_size(std::string_view line) {
  if (line.size() < 19 || !is_digit(line[0]) || line[4] != '-' || line[7] != '-' || line[13] != ':' || line[16] != ':')
    return 0;
  if (line[10] != 'T' && line[10] != ' ') return 0;
  std::size_t end = 19;
  while (end < line.size() && line[end] != ' ') {
    const char c = line[end];
    if (!is_digit(c) && std::string_view(".,:+-Zz").find(c) == std::string_view::npos) return 0;
    ++end;
  }
  return end;
}

// "Jun 14 15:16:01", "Jun  4 …", "Jun 14 2024 …", with a fraction.
std::size_t bsd_time_size(std::string_view line) {
  if (line.size() < 14 || line[3] != ' ' || !is_alpha(line[0]) || event::month_of_name(line.substr(0, 3)) == 0)
    return 0;
  std::size_t at = 4;
  while (at < line.size() && line[at] == ' ') ++at;
  const std::size_t day = at;
  while (at < line.size() && is_digit(line[at])) ++at;
  if (at == day || at > day + 2 || at >= line.size() || line[at] != ' ') return 0;
  while (at < line.size() && line[at] == ' ') ++at;
  if (line.size() > at + 5 && line[at + 4] == ' ' && all_digits(line.substr(at, 4))) at += 5;
  const std::string_view clock = line.substr(at, 8);
  if (clock.size() < 8 || !is_digit(clock[0]) || clock[2] != ':' || clock[5] != ':' || !is_digit(clock[7])) return 0;
  at += 8;
  if (at < line.size() && line[at] == '.') {
    ++at;
    while (at < line.size() && is_digit(line[at])) ++at;
  }
  return at;
}

bool is_level(std::string_view word) {
  for (const std::string_view level : {"EMERG", "ALERT", "CRIT", "CRITICAL", "ERR", "ERROR", "WARNING", "WARN",
                                       "NOTICE", "INFO", "DEBUG", "TRACE", "FATAL"}) {
    if (equals_ignoring_case(word, level)) return true;
  }
  return false;
}

// A tag is a program with "[pid]" or ":" behind it.
bool looks_like_tag(std::string_view token) {
  if (token.ends_with(':')) return true;
  const std::size_t open = token.rfind('[');
  return open != std::string_view::npos && open > 0 && token.ends_with(']') &&
         all_digits(token.substr(open + 1, token.size() - open - 2));
}

void set_tag(std::string_view tag, SyslogHeader& header) {
  if (tag.ends_with(':')) tag.remove_suffix(1);
  header.program = tag;
  const std::size_t open = tag.rfind('[');
  if (open == std::string_view::npos || open == 0 || !tag.ends_with(']')) return;
  header.program = tag.substr(0, open);
  header.pid = tag.substr(open + 1, tag.size() - open - 2);
}

// Tag and message (RFC 3164, section 4.1.3), also as real programs write them: "syslogd 1.4.1: restart.",
// "-- root[2421]: …", "prog[1] <Notice>: …", and messages without any tag.
void read_tag(std::string_view rest, SyslogHeader& header) {
  skip_blanks(rest);
  if (rest.starts_with("-- ") && rest.size() > 3) rest.remove_prefix(3);
  std::string_view after = rest;
  const std::string_view token = take_until(after, ' ');
  header.message = rest;
  // "prog[12]:message" without a blank.
  const std::size_t joined = token.find("]:");
  if (joined != std::string_view::npos && joined + 2 < token.size() && looks_like_tag(token.substr(0, joined + 1))) {
    set_tag(token.substr(0, joined + 1), header);
    header.message = rest.substr(joined + 2);
    return;
  }
  if (looks_like_tag(token)) {
    set_tag(token, header);
    if (!token.ends_with(':') && after.starts_with('<')) {
      const std::size_t end = after.find(">:");
      if (end != std::string_view::npos && end < 12) {
        header.level = after.substr(1, end - 1);
        after.remove_prefix(end + 2);
      }
    }
    skip_blanks(after);
    header.message = after;
    return;
  }
  std::string_view behind = after;
  const std::string_view version = take_until(behind, ' ');
  if (!token.empty() && version.size() > 1 && is_digit(version.front()) && version.ends_with(':')) {
    header.program = token;
    header.message = behind;
  }
}

// What follows the time in RFC 3164: host, tag, message.
void read_bsd_rest(std::string_view rest, SyslogHeader& header) {
  skip_blanks(rest);
  constexpr std::string_view kForwarded = "Message forwarded from ";  // AIX
  if (rest.starts_with(kForwarded)) rest.remove_prefix(kForwarded.size());
  std::string_view after = rest;
  std::string_view host = take_until(after, ' ');
  if (host == "---" || host == "last") {  // "--- last message repeated 5 times ---"
    header.message = rest;
    return;
  }
  if (is_level(host)) {
    header.level = host;
    return read_tag(after, header);
  }
  const bool address = host.ends_with(':') && looks_like_address(host.substr(0, host.size() - 1));
  if (looks_like_tag(host) && !address && !looks_like_tag(after.substr(0, after.find(' '))))
    return read_tag(rest, header);
  if (host.ends_with(':')) host.remove_suffix(1);
  header.host = host;
  read_tag(after, header);
}

// The structured data off the front (RFC 5424, section 6.3): "-" or elements in brackets. Nothing if it is malformed.
std::optional<std::string_view> take_structured_data(std::string_view& rest) {
  if (rest.starts_with('-')) {
    rest.remove_prefix(1);
    return std::string_view();
  }
  std::size_t end = 0;
  while (end < rest.size() && rest[end] == '[') {
    bool quoted = false;
    for (; end < rest.size() && (quoted || rest[end] != ']'); ++end) {
      if (quoted && rest[end] == '\\')
        ++end;
      else if (rest[end] == '"')
        quoted = !quoted;
    }
    if (end >= rest.size()) return std::nullopt;
    ++end;
  }
  if (end == 0) return std::nullopt;
  const std::string_view data = rest.substr(0, end);
  rest.remove_prefix(end);
  return data;
}

std::string_view without_nil(std::string_view text) {
  return text == "-" ? std::string_view() : text;
}

// RFC 5424, section 6, from the time on.
std::optional<SyslogHeader> read_5424(std::string_view rest) {
  SyslogHeader header;
  header.timestamp = without_nil(take_until(rest, ' '));
  if (!header.timestamp.empty() && iso_time_size(header.timestamp) == 0) return std::nullopt;
  header.host = without_nil(take_until(rest, ' '));
  header.program = without_nil(take_until(rest, ' '));
  header.pid = without_nil(take_until(rest, ' '));
  header.message_id = without_nil(take_until(rest, ' '));
  if (const auto data = take_structured_data(rest)) header.structured_data = *data;
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  header.message = without_byte_order_mark(rest);
  return header;
}

// A file in the form of RFC 5424 without "<34>1 ": its fourth word is a number or "-", its sixth begins as structured
// data does.
bool looks_like_5424(std::string_view line) {
  take_until(line, ' ');
  take_until(line, ' ');
  const std::string_view program = take_until(line, ' ');
  const std::string_view pid = take_until(line, ' ');
  const std::string_view message_id = take_until(line, ' ');
  if (program.empty() || program.ends_with(':') || program.ends_with(']') || message_id.empty()) return false;
  if (pid != "-" && !all_digits(pid)) return false;
  return line.starts_with("- ") || line == "-" || line.starts_with('[');
}

}  // namespace

std::optional<SyslogHeader> read_syslog_header(std::string_view line) {
  const int priority = take_priority(line);
  std::optional<SyslogHeader> header;
  if (priority >= 0 && line.size() > 2 && is_digit(line[0]) && line[1] == ' ') {
    header = read_5424(line.substr(2));
  } else if (iso_time_size(line) > 0 && line[10] == 'T' && looks_like_5424(line)) {
    header = read_5424(line);
  } else {
    std::size_t size = bsd_time_size(line);
    if (size == 0) size = iso_time_size(line);
    if (size > 0) {
      header.emplace();
      header->timestamp = line.substr(0, size);
      std::string_view rest = line.substr(size);
      if (rest.starts_with(':')) rest.remove_prefix(1);  // "Mar 11 09:39:39: --- last message repeated …"
      read_bsd_rest(rest, *header);
    } else if (priority >= 0) {
      // A relay must take any content (RFC 3164, section 4.3.3).
      header.emplace();
      read_tag(line, *header);
    }
  }
  if (header) header->priority = priority;
  return header;
}

OctetFrame read_octet_frame(std::string_view data) {
  constexpr std::size_t kDigitsMax = 8;
  std::size_t at = 0;
  std::size_t size = 0;
  while (at < data.size() && at < kDigitsMax && is_digit(data[at]))
    size = size * 10 + static_cast<std::size_t>(data[at++] - '0');
  const bool framed = at > 0 && data[0] != '0' && at + 1 < data.size() && data[at] == ' ' && data[at + 1] == '<';
  if (!framed || size > kRecordBytesMax) return {};
  return {.size = at + 1 + size, .message = at + 1};
}

std::string_view facility_name(int priority) {
  static constexpr std::string_view kNames[] = {"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                                "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                                "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                                "local2", "local3", "local4", "local5", "local6",   "local7"};
  return kNames[priority / 8];
}

std::string_view severity_name(int priority) {
  static constexpr std::string_view kNames[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  return kNames[priority % 8];
}

}  // namespace weir::formats
