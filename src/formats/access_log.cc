// Access logs of web servers: Common Log Format and combined (Apache mod_log_config, nginx), perhaps with a virtual
// host before and further columns behind:
//   [vhost[:port]] client ident user [17/May/2015:10:05:03 +0000] "GET /x HTTP/1.1" 200 123 ["referer" "agent" …]
// Inside quotes Apache and nginx write \" \\ \n \t and \xNN.

#include "base/utf8.h"
#include "formats/lines.h"
#include "formats/request_cells.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"

namespace weir::formats {
namespace {

constexpr std::string_view kNotAccessLog = "not a line of an access log";

struct AccessLine {
  std::string_view vhost, client, ident, user, time, request, status, bytes, referer, agent, extra;
};

// Where "[17/May/2015:10:" or "[2015-05-17T10:" begins; a user name may hold a bracket itself.
std::size_t find_time(std::string_view line) {
  for (std::size_t at = line.find('['); at != std::string_view::npos; at = line.find('[', at + 1)) {
    const std::string_view inside = line.substr(at + 1);
    if (inside.size() < 20 || !is_digit(inside[0])) continue;
    if ((inside[2] == '/' && inside[6] == '/') || (inside[1] == '/' && inside[5] == '/')) return at;
    if (inside[4] == '-' && inside[7] == '-' && inside[10] == 'T') return at;
  }
  return std::string_view::npos;
}

// What must stand behind a quote for it to close the text.
enum class Behind { blank_or_end, status };

bool closes(std::string_view behind, Behind wanted) {
  if (behind.empty()) return true;
  if (behind.front() != ' ') return false;
  return wanted == Behind::blank_or_end || (behind.size() > 1 && (is_digit(behind[1]) || behind[1] == '-'));
}

// A quoted text off the front. Not every quote closes it, since some servers leave quotes inside as they are; without a
// closing quote it reaches to the end.
bool take_quoted(std::string_view& text, std::string_view& out, Behind wanted = Behind::blank_or_end) {
  if (text.empty() || text.front() != '"') return false;
  text.remove_prefix(1);
  std::size_t from = 0;
  for (;;) {
    const std::size_t quote = text.find('"', from);
    if (quote == std::string_view::npos) {
      out = text;
      text = {};
      return true;
    }
    std::size_t backslashes = 0;
    while (backslashes < quote && text[quote - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0 && closes(text.substr(quote + 1), wanted)) {
      out = text.substr(0, quote);
      text.remove_prefix(std::min(quote + 2, text.size()));
      return true;
    }
    from = quote + 1;
  }
}

// client ident user, perhaps behind a virtual host; a user name may hold blanks.
bool split_before_time(std::string_view text, AccessLine& out) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  out.client = take_until(text, ' ');
  if (out.client.empty()) return false;
  out.ident = take_until(text, ' ');
  if (text.find(' ') != std::string_view::npos && !looks_like_address(out.client) && looks_like_address(out.ident)) {
    out.vhost = out.client;
    out.client = out.ident;
    out.ident = take_until(text, ' ');
  }
  out.user = text;
  return true;
}

bool split_access_line(std::string_view line, AccessLine& out) {
  const std::size_t bracket = find_time(line);
  if (bracket == std::string_view::npos || !split_before_time(line.substr(0, bracket), out)) return false;
  line.remove_prefix(bracket + 1);
  out.time = take_until(line, ']');
  skip_blanks(line);
  if (!take_quoted(line, out.request, Behind::status)) return false;
  out.status = take_token(line);
  if (out.status != "-" && (out.status.size() != 3 || !all_digits(out.status))) return false;
  out.bytes = take_token(line);
  if (out.bytes != "-" && !out.bytes.empty() && !all_digits(out.bytes)) return false;
  skip_blanks(line);
  if (take_quoted(line, out.referer)) {
    skip_blanks(line);
    take_quoted(line, out.agent);
  }
  out.extra = line;
  return true;
}

struct Request {
  std::string_view method, target, version;
};

// "GET /path HTTP/1.1" (RFC 9112, section 3). Nothing for what is no request line: "-", TLS on a plain port.
std::optional<Request> split_request(std::string_view text) {
  constexpr std::size_t kMethodBytesMax = 32;
  Request request;
  request.method = take_until(text, ' ');
  if (request.method.empty() || request.method.size() > kMethodBytesMax || text.empty()) return std::nullopt;
  for (const char c : request.method) {
    if (!is_alpha(c) && c != '-' && c != '_') return std::nullopt;
  }
  const std::size_t blank = text.rfind(' ');
  if (blank != std::string_view::npos && text.substr(blank + 1).starts_with("HTTP/")) {
    request.version = text.substr(blank + 1);
    text = text.substr(0, blank);
  }
  request.target = text;
  return request;
}

// Resolves \" \\ \n \r \t \b \v and \xNN into the batch's arena. Bytes that make no UTF-8 are replaced, without being
// counted as damage, since the line itself was sound.
std::string_view unescape(std::string_view text, event::Batch& batch) {
  char* const start = batch.arena().allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t left = text.size() - i - 1;
    if (text[i] != '\\' || left == 0) {
      *out++ = text[i];
      continue;
    }
    const char escape = text[++i];
    if (escape == 'x' && left >= 3 && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      *out++ = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
      continue;
    }
    constexpr std::string_view kLetters = "nrtbvf";
    constexpr std::string_view kMeanings = "\n\r\t\b\v\f";
    const std::size_t letter = kLetters.find(escape);
    if (letter == std::string_view::npos && escape != '"' && escape != '\\') *out++ = '\\';
    *out++ = letter == std::string_view::npos ? escape : kMeanings[letter];
  }
  const std::string_view result(start, out);
  return is_valid_text(result) ? result : batch.arena().copy(repaired_utf8(result));
}

class AccessLogParser final : public Parser {
 public:
  AccessLogParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), request_(names_) {
    logsource_ = chosen_logsource(options_, &own_);
  }

  void parse(const Chunk& chunk, event::Batch& batch) override {
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      AccessLine parts;
      if (!split_access_line(line, parts)) return reject(batch, number, kNotAccessLog, line);
      batch.begin_row();
      const bool has_escapes = line.find('\\') != std::string_view::npos;
      add_cells(parts, has_escapes, batch);
      // Without escapes every value is a part of the line.
      if (!has_escapes) return batch.finish_row(number, logsource_, line, true);
      finish_row(batch, number, logsource_, line);
    });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    const auto text = find_text(batch, row, timestamp_);
    return text ? parse_access_time(*text, options_.zone_offset) : std::nullopt;
  }

 private:
  void add_cells(const AccessLine& parts, bool has_escapes, event::Batch& batch) const {
    using enum event::ValueKind;
    batch.add(timestamp_, string, parts.time);
    batch.add(c_ip_, string, parts.client);
    add_if_read(batch, src_ip_, parts.client);
    if (parts.ident != "-") add_present(batch, ident_, parts.ident);
    add_present(batch, cs_username_, parts.user);
    add_request(has_escapes ? unescape(parts.request, batch) : parts.request, batch);
    add_present(batch, sc_status_, parts.status, number);
    add_present(batch, sc_bytes_, parts.bytes, number);
    add_quoted(parts.referer, has_escapes, cs_referer_, cs_referrer_, batch);
    add_quoted(parts.agent, has_escapes, cs_user_agent_, c_useragent_, batch);
    add_vhost(parts.vhost, batch);
    add_present(batch, extra_, parts.extra);
  }

  void add_request(std::string_view text, event::Batch& batch) const {
    const auto request = split_request(text);
    if (!request) return add_present(batch, request_field_, text);
    batch.add(cs_method_, event::ValueKind::string, request->method);
    request_.add_webserver_target(batch, request->target);
    add_present(batch, cs_version_, request->version);
  }

  // The servers write "-" for a header that was not sent.
  void add_quoted(std::string_view text, bool has_escapes, const event::Field* field, const event::Field* alias,
                  event::Batch& batch) const {
    if (text.data() == nullptr || text == "-") return;
    if (has_escapes) text = unescape(text, batch);
    batch.add(field, event::ValueKind::string, text);
    add_if_read(batch, alias, text);
  }

  void add_vhost(std::string_view vhost, event::Batch& batch) const {
    if (vhost.empty()) return;
    const std::size_t colon = vhost.rfind(':');
    const bool port = colon != std::string_view::npos && all_digits(vhost.substr(colon + 1));
    batch.add(cs_host_, event::ValueKind::string, port ? vhost.substr(0, colon) : vhost);
    if (port) batch.add(s_port_, event::ValueKind::number, vhost.substr(colon + 1));
  }

  const Options options_;
  const event::Logsource own_{.product = "", .categories = {"webserver"}, .services = {}};
  const event::Logsource* logsource_;
  event::FieldNames names_;
  RequestCells request_;
  const event::Field* timestamp_ = names_.resolve("timestamp");
  const event::Field* c_ip_ = names_.resolve("c-ip");
  const event::Field* src_ip_ = names_.resolve("src_ip");
  const event::Field* ident_ = names_.resolve("ident");
  const event::Field* cs_username_ = names_.resolve("cs-username");
  const event::Field* request_field_ = names_.resolve("request");
  const event::Field* cs_method_ = names_.resolve("cs-method");
  const event::Field* cs_version_ = names_.resolve("cs-version");
  const event::Field* sc_status_ = names_.resolve("sc-status");
  const event::Field* sc_bytes_ = names_.resolve("sc-bytes");
  const event::Field* cs_referer_ = names_.resolve("cs-referer");
  const event::Field* cs_referrer_ = names_.resolve("cs-referrer");
  const event::Field* cs_user_agent_ = names_.resolve("cs-user-agent");
  const event::Field* c_useragent_ = names_.resolve("c-useragent");
  const event::Field* cs_host_ = names_.resolve("cs-host");
  const event::Field* s_port_ = names_.resolve("s-port");
  const event::Field* extra_ = names_.resolve(kExtraField);
};

Detected detect(std::string_view sample, std::string_view) {
  const int percent = percent_of(sample_lines(sample), [](std::string_view line) {
    AccessLine parts;
    return split_access_line(line, parts);
  });
  return detected_by_share(percent, 60, "web server access log (common or combined)");
}

}  // namespace

Format access_log_format() {
  return {.name = "clf",
          .description = "Access log of Apache or nginx, common or combined",
          .assumptions =
              "event time: the bracketed time with its zone (--assume-zone, else UTC, if it has none); "
              "logsource: category webserver",
          .detect = detect,
          .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<LineSplitter>(); },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<AccessLogParser>(table, options);
          }};
}

}  // namespace weir::formats
