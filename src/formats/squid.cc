// Squid's native access log (logformat squid):
//   time.millis elapsed client result/status bytes method URL user hierarchy/peer type
// Elapsed is padded with blanks, CONNECT has no scheme, status may be 000.

#include "event/time.h"
#include "formats/lines.h"
#include "formats/request_cells.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

constexpr std::string_view kNotSquid = "not a line of Squid's native log";

struct SquidLine {
  std::string_view time, elapsed, client, result, status, bytes, method, url, user, hierarchy, peer, type, extra;
};

bool is_squid_time(std::string_view text) {
  const std::size_t dot = text.find('.');
  return dot != std::string_view::npos && dot >= 6 && dot <= 11 && all_digits(text.substr(0, dot)) &&
         all_digits(text.substr(dot + 1));
}

// "HIER_DIRECT/1.2.3.4", "TIMEOUT_FIRST_PARENT_MISS/proxy.example", "NONE/-"
bool split_hierarchy(std::string_view token, SquidLine& out) {
  std::string_view peer = token;
  const std::string_view code = take_until(peer, '/');
  if (code.size() == token.size() || code.empty()) return false;
  for (const char c : code) {
    if ((c < 'A' || c > 'Z') && c != '_' && !is_digit(c)) return false;
  }
  out.hierarchy = code;
  out.peer = peer;
  return true;
}

// The URL holds blanks (uri_whitespace allow): what comes after it is found from the end.
bool split_from_end(std::string_view rest, SquidLine& out) {
  while (rest.ends_with(' ')) rest.remove_suffix(1);
  std::string_view* const parts[] = {&out.type, nullptr, &out.user};
  for (std::string_view* part : parts) {
    const std::size_t blank = rest.rfind(' ');
    if (blank == std::string_view::npos) return false;
    const std::string_view token = rest.substr(blank + 1);
    if (part == nullptr ? !split_hierarchy(token, out) : (*part = token, false)) return false;
    rest = rest.substr(0, blank);
    while (rest.ends_with(' ')) rest.remove_suffix(1);
  }
  out.url = rest;
  return !rest.empty();
}

bool split_squid_line(std::string_view line, SquidLine& out) {
  out.time = take_token(line);
  if (!is_squid_time(out.time)) return false;
  out.elapsed = take_token(line);
  out.client = take_token(line);
  out.status = take_token(line);
  out.result = take_until(out.status, '/');
  out.bytes = take_token(line);
  out.method = take_token(line);
  if (out.status.empty() || out.bytes.empty() || out.method.empty()) return false;
  skip_blanks(line);
  std::string_view rest = line;
  out.url = take_token(rest);
  out.user = take_token(rest);
  if (!split_hierarchy(take_token(rest), out)) return split_from_end(line, out);
  out.type = take_token(rest);
  skip_blanks(rest);
  out.extra = rest;
  return true;
}

class SquidParser final : public Parser {
 public:
  SquidParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), request_(names_) {
    logsource_ = chosen_logsource(options_, &own_);
  }

  void parse(const Chunk& chunk, event::Batch& batch) override {
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      SquidLine parts;
      if (!split_squid_line(line, parts)) return reject(batch, number, kNotSquid, line);
      batch.begin_row();
      add_cells(parts, batch);
      finish_row(batch, number, logsource_, line);
    });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    const auto text = find_text(batch, row, timestamp_);
    return text ? event::parse_epoch_time(*text) : std::nullopt;
  }

 private:
  void add_cells(const SquidLine& parts, event::Batch& batch) const {
    using enum event::ValueKind;
    batch.add(timestamp_, number, parts.time);
    add_present(batch, time_taken_, parts.elapsed, number);
    add_present(batch, c_ip_, parts.client);
    add_if_read(batch, src_ip_, parts.client);
    batch.add(s_action_, string, parts.result);
    batch.add(sc_status_, number, parts.status);
    batch.add(sc_bytes_, number, parts.bytes);
    add_present(batch, cs_method_, parts.method);
    request_.add_proxy_url(batch, parts.url);
    add_present(batch, cs_username_, parts.user);
    batch.add(s_hierarchy_, string, parts.hierarchy);
    add_present(batch, s_supplier_name_, parts.peer);
    if (dst_ip_->id != event::kUnread && looks_like_address(parts.peer)) batch.add(dst_ip_, string, parts.peer);
    add_present(batch, content_type_, parts.type);
    add_extra(parts.extra, batch);
  }

  // What people most often add to the native format is the user agent in quotes ("%{User-Agent}>h").
  void add_extra(std::string_view extra, event::Batch& batch) const {
    const bool quoted = extra.size() >= 2 && extra.starts_with('"') && extra.find('"', 1) == extra.size() - 1;
    if (quoted) {
      add_present(batch, c_useragent_, extra.substr(1, extra.size() - 2));
    } else {
      add_present(batch, extra_, extra);
    }
  }

  const Options options_;
  const event::Logsource own_{.product = "", .categories = {"proxy"}, .services = {"squid"}};
  const event::Logsource* logsource_;
  event::FieldNames names_;
  RequestCells request_;
  const event::Field* timestamp_ = names_.resolve("timestamp");
  const event::Field* time_taken_ = names_.resolve("time-taken");
  const event::Field* c_ip_ = names_.resolve("c-ip");
  const event::Field* src_ip_ = names_.resolve("src_ip");
  const event::Field* s_action_ = names_.resolve("s-action");
  const event::Field* sc_status_ = names_.resolve("sc-status");
  const event::Field* sc_bytes_ = names_.resolve("sc-bytes");
  const event::Field* cs_method_ = names_.resolve("cs-method");
  const event::Field* cs_username_ = names_.resolve("cs-username");
  const event::Field* s_hierarchy_ = names_.resolve("s-hierarchy");
  const event::Field* s_supplier_name_ = names_.resolve("s-supplier-name");
  const event::Field* dst_ip_ = names_.resolve("dst_ip");
  const event::Field* content_type_ = names_.resolve("rs(Content-Type)");
  const event::Field* c_useragent_ = names_.resolve("c-useragent");
  const event::Field* extra_ = names_.resolve(kExtraField);
};

Detected detect(std::string_view sample, std::string_view) {
  const int percent = percent_of(sample_lines(sample), [](std::string_view line) {
    SquidLine parts;
    return split_squid_line(line, parts) && kind_of(parts.elapsed) == event::ValueKind::number;
  });
  return detected_by_share(percent, 60, "Squid access log (native)");
}

}  // namespace

Format squid_format() {
  return {.name = "squid",
          .description = "Squid's native access log",
          .assumptions = "event time: first column, seconds since 1970 (UTC); logsource: category proxy, service squid",
          .detect = detect,
          .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<LineSplitter>(); },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<SquidParser>(table, options);
          }};
}

}  // namespace weir::formats
