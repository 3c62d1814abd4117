// W3C extended log files: IIS, Blue Coat SGOS and other proxies, Windows Firewall. Columns keep their own names, and
// are there a second time under Sigma's name where that differs: cs(User-Agent) as cs-user-agent and c-useragent.

#include "event/time.h"
#include "formats/csv_records.h"
#include "formats/lines.h"
#include "formats/request_cells.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"
#include "formats/w3c_header.h"

namespace weir::formats {
namespace {

constexpr std::string_view kNoFields = "W3C record before any #Fields line";

// A column's other names.
struct Alias {
  W3cKind kind;
  std::string_view column;
  std::string_view name;
};

constexpr Alias kAliases[] = {
    {W3cKind::webserver, "c-ip", "src_ip"},
    {W3cKind::webserver, "s-ip", "dst_ip"},
    {W3cKind::proxy, "c-ip", "src_ip"},
    {W3cKind::proxy, "r-ip", "dst_ip"},
    {W3cKind::proxy, "s-supplier-ip", "dst_ip"},
    {W3cKind::proxy, "cs-ip", "dst_ip"},
    {W3cKind::proxy, "r-host", "cs-host"},
    {W3cKind::proxy, "cs-host", "r-dns"},
    {W3cKind::proxy, "cs-uri-path", "cs-uri-stem"},
    {W3cKind::proxy, "cs-uri-extension", "c-uri-extension"},
    {W3cKind::firewall, "src-ip", "src_ip"},
    {W3cKind::firewall, "dst-ip", "dst_ip"},
    {W3cKind::firewall, "src-port", "src_port"},
    {W3cKind::firewall, "dst-port", "dst_port"},
};

struct Column {
  const event::Field* field = nullptr;
  std::vector<const event::Field*> aliases;  // Only those that rules read.
  bool header = false;                       // cs(…): blanks may stand as "+".
};

// "cs(User-Agent)" → "cs-user-agent"; empty for a column of another shape.
std::string header_alias(std::string_view column) {
  const std::size_t open = column.find('(');
  if (open == std::string_view::npos || !column.ends_with(')')) return {};
  return std::string(column.substr(0, open)) + "-" + lower(column.substr(open + 1, column.size() - open - 2));
}

// IIS writes a blank as "+"; of two the second was one.
std::string_view without_plus(std::string_view text, event::Batch& batch) {
  if (text.find('+') == std::string_view::npos) return text;
  char* const out = batch.arena().allocate(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    out[i] = text[i] == '+' && !(i > 0 && text[i - 1] == '+' && out[i - 1] == ' ') ? ' ' : text[i];
  }
  return {out, text.size()};
}

// A value between blanks or tabs, perhaps in quotes with a quote inside doubled (W3C WD-logfile, "<string>").
std::string_view take_value(std::string_view& line, event::Batch& batch) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.starts_with('"')) {
    std::size_t end = 1;
    bool doubled = false;
    while (end < line.size() && (line[end] != '"' || line.substr(end).starts_with("\"\""))) {
      doubled |= line[end] == '"';
      end += line[end] == '"' ? 2 : 1;
    }
    if (end < line.size() && (end + 1 == line.size() || is_blank(line[end + 1]))) {
      std::string_view value = line.substr(1, end - 1);
      if (doubled) {
        CsvCells cell(line.substr(0, end + 1), '\0');
        cell.next(batch, value);
      }
      line.remove_prefix(end + 1);
      return value;
    }
  }
  std::size_t size = 0;
  while (size < line.size() && !is_blank(line[size])) ++size;
  const std::string_view value = line.substr(0, size);
  line.remove_prefix(size);
  return value;
}

// What a record says of its URL, to be put together behind its columns.
struct UrlColumns {
  std::string_view uri, scheme, host, port, stem, query;
};

class W3cParser final : public Parser {
 public:
  W3cParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), request_(names_) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    take_context(chunk.context);
    date_copy_ = {};
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      if (line.front() == '#') {
        header_.apply(line);
        date_copy_ = {};
        changed_ = true;
        resolve();
        return;
      }
      if (columns_.empty()) return reject(batch, number, kNoFields, line);
      batch.begin_row();
      add_cells(line, batch);
      finish_row(batch, number, logsource_, line);
    });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override;

 private:
  // The same Context comes again with every chunk of a file, so its names are resolved once.
  void take_context(const std::shared_ptr<const Context>& context) {
    const auto* header = dynamic_cast<const W3cHeader*>(context.get());
    if (context != nullptr && context == known_ && !changed_) return;
    header_ = header == nullptr ? W3cHeader() : *header;
    known_ = context;
    changed_ = false;
    resolve();
  }

  void resolve();
  void add_aliases(Column& column, std::string_view name);

  void add_cells(std::string_view line, event::Batch& batch);
  void add_column(const Column& column, std::string_view value, event::Batch& batch) const;
  void add_url(const UrlColumns& url, event::Batch& batch) const;
  std::string_view join_url(const UrlColumns& url, event::Batch& batch) const;

  const Options options_;
  const event::Logsource own_[3] = {{.product = "", .categories = {"webserver"}, .services = {}},
                                    {.product = "", .categories = {"proxy"}, .services = {}},
                                    {.product = "", .categories = {"firewall"}, .services = {}}};
  const event::Logsource* logsource_ = nullptr;
  event::FieldNames names_;
  RequestCells request_;
  W3cHeader header_;
  std::shared_ptr<const Context> known_;
  bool changed_ = true;
  W3cKind kind_ = W3cKind::webserver;
  bool plus_is_blank_ = false;
  bool dated_ = false;  // Records have a date of their own.
  std::vector<Column> columns_;
  std::string_view date_copy_;  // header_.date in the batch's arena.
  const event::Field* date_ = names_.resolve("date");
  const event::Field* time_ = names_.resolve("time");
  const event::Field* cs_uri_ = names_.resolve("cs-uri");
  const event::Field* cs_uri_scheme_ = names_.resolve("cs-uri-scheme");
  const event::Field* cs_uri_port_ = names_.resolve("cs-uri-port");
  const event::Field* cs_uri_stem_ = names_.resolve("cs-uri-stem");
  const event::Field* cs_uri_path_ = names_.resolve("cs-uri-path");
  const event::Field* cs_uri_query_ = names_.resolve("cs-uri-query");
  const event::Field* extra_ = names_.resolve(kExtraField);
  // Columns that hold a record's time under other names, in the order in which they are tried.
  const event::Field* other_times_[6] = {names_.resolve("date-time"), names_.resolve("x-timestamp"),
                                         names_.resolve("timestamp"), names_.resolve("gmttime"),
                                         names_.resolve("localtime"), names_.resolve("x-timestamp-unix")};
  const event::Field* date_local_ = names_.resolve("date-local");
  const event::Field* time_local_ = names_.resolve("time-local");
};

void W3cParser::resolve() {
  kind_ = header_.kind();
  plus_is_blank_ = header_.plus_is_blank();
  dated_ = header_.has("date") || header_.has("date-local") || header_.has("date-time");
  logsource_ = chosen_logsource(options_, &own_[static_cast<std::size_t>(kind_)],
                                header_.names_its_kind() ? Evidence::seen : Evidence::guessed);
  columns_.clear();
  for (const std::string& name : header_.columns) {
    Column column{.field = names_.resolve(name), .aliases = {}, .header = name.starts_with("cs(")};
    add_aliases(column, name);
    columns_.push_back(std::move(column));
  }
}

void W3cParser::add_aliases(Column& column, std::string_view name) {
  const auto add = [&](std::string_view alias) {
    const event::Field* field = names_.resolve(alias);
    if (field->id != event::kUnread && field != column.field) column.aliases.push_back(field);
  };
  for (const Alias& alias : kAliases) {
    if (alias.kind == kind_ && alias.column == name && !header_.has(alias.name)) add(alias.name);
  }
  const std::string header = header_alias(name);
  if (!header.empty()) add(header);
  if (header == "cs-user-agent" || name == "cs-user-agent") add("c-useragent");
  if (header == "cs-referer") add("cs-referrer");
  if (header == "cs-referrer") add("cs-referer");
}

void W3cParser::add_cells(std::string_view line, event::Batch& batch) {
  if (!dated_ && !header_.date.empty()) {
    if (date_copy_.empty()) date_copy_ = batch.arena().copy(header_.date);
    batch.add(date_, event::ValueKind::string, date_copy_);
  }
  UrlColumns url;
  CsvCells cells(line, ',');
  for (const Column& column : columns_) {
    std::string_view value;
    if (header_.comma_separated) {
      if (!cells.next(batch, value)) break;
    } else {
      value = take_value(line, batch);
    }
    if (value == "-" || value.empty()) continue;
    add_column(column, value, batch);
    if (column.field == cs_uri_ || column.field == request_.c_uri())
      url.uri = value;
    else if (column.field == cs_uri_scheme_)
      url.scheme = value;
    else if (column.field == request_.cs_host())
      url.host = value;
    else if (column.field == cs_uri_port_)
      url.port = value;
    else if (column.field == cs_uri_stem_ || column.field == cs_uri_path_)
      url.stem = value;
    else if (column.field == cs_uri_query_)
      url.query = value;
  }
  std::string_view extra = header_.comma_separated ? cells.rest() : line;
  skip_blanks(extra);
  if (!extra.empty()) batch.add(extra_, event::ValueKind::string, extra);
  if (kind_ != W3cKind::firewall) add_url(url, batch);
}

void W3cParser::add_column(const Column& column, std::string_view value, event::Batch& batch) const {
  const event::ValueKind kind = kind_of(value);
  batch.add(column.field, kind, value);
  if (column.aliases.empty()) return;
  const std::string_view decoded = column.header && plus_is_blank_ ? without_plus(value, batch) : value;
  for (const event::Field* alias : column.aliases) {
    batch.add(alias, kind, decoded);
    // Rules are also written in IIS' own spelling.
    if (decoded.data() != value.data()) batch.add(alias, kind, value);
  }
}

// The whole URL of a record that has only its parts (Blue Coat's main format), in the arena.
std::string_view W3cParser::join_url(const UrlColumns& url, event::Batch& batch) const {
  const bool mark = !url.query.empty() && url.query.front() != '?';
  const bool usual_port = url.port.empty() || url.port == "80" || url.port == "443" || url.port == "0";
  const std::string_view pieces[] = {url.scheme,
                                     url.scheme.empty() || url.host.empty() ? "" : "://",
                                     url.host,
                                     usual_port ? "" : ":",
                                     usual_port ? "" : url.port,
                                     url.stem,
                                     mark ? "?" : "",
                                     url.query};
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  char* const start = batch.arena().allocate(size);
  char* out = start;
  for (const std::string_view piece : pieces) out = std::ranges::copy(piece, out).out;
  return {start, out};
}

void W3cParser::add_url(const UrlColumns& url, event::Batch& batch) const {
  if (kind_ == W3cKind::webserver) {
    // Most webserver rules look for the path in cs-uri-query: it holds, as a second value, the whole target.
    if (cs_uri_query_->id == event::kUnread || url.stem.empty()) return;
    const UrlColumns target{.uri = {}, .scheme = {}, .host = {}, .port = {}, .stem = url.stem, .query = url.query};
    batch.add(cs_uri_query_, event::ValueKind::string, url.query.empty() ? url.stem : join_url(target, batch));
    return;
  }
  std::string_view whole = url.uri;
  if (whole.empty()) {
    if (url.host.empty() && url.stem.empty()) return;
    whole = join_url(url, batch);
    add_if_read(batch, cs_uri_, whole);
  }
  const UrlParts parts = split_url(whole);
  if (!header_.has("c-uri")) add_if_read(batch, request_.c_uri(), whole);
  if (header_.has("c-uri") && !header_.has("cs-uri")) add_if_read(batch, cs_uri_, whole);
  if (!parts.host.empty() && url.host.empty()) add_if_read(batch, request_.cs_host(), parts.host);
  request_.add_proxy_parts(batch, whole, parts);
}

std::optional<event::EventTime> W3cParser::time_of(event::Batch& batch, const event::Row& row) {
  auto date = find_text(batch, row, date_);
  auto time = find_text(batch, row, time_);
  if (!date && !time) {
    date = find_text(batch, row, date_local_);
    time = find_text(batch, row, time_local_);
  }
  if (date && time && date->size() + time->size() < 60) {
    char joined[64];
    char* out = std::ranges::copy(*date, joined).out;
    *out++ = ' ';
    out = std::ranges::copy(*time, out).out;
    return parse_any_time({joined, out}, options_);
  }
  for (const event::Field* field : other_times_) {
    const auto text = find_text(batch, row, field);
    if (text) return parse_any_time(*text, options_);
  }
  return std::nullopt;
}

Detected detect(std::string_view sample, std::string_view) {
  W3cHeader header;
  for (const std::string_view line : sample_lines(sample)) {
    if (line.front() != '#') break;
    header.apply(line);
  }
  if (header.columns.empty()) return {};
  constexpr std::string_view kKinds[] = {"web server", "proxy", "firewall"};
  std::string what = "W3C extended log (" + std::string(kKinds[static_cast<std::size_t>(header.kind())]);
  if (!header.software.empty()) what += ": " + header.software;
  return {Confidence::certain, what + ")"};
}

}  // namespace

Format w3c_format() {
  return {.name = "w3c",
          .description = "W3C extended log: IIS, Blue Coat, Windows Firewall and others with a #Fields line",
          .assumptions =
              "event time: columns date and time (the #Date line where there is no date), UTC unless "
              "--assume-zone says otherwise; logsource: category proxy, firewall or webserver, by #Software "
              "and columns",
          .zone_may_lack = true,
          .detect = detect,
          .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<W3cSplitter>(); },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<W3cParser>(table, options);
          }};
}

}  // namespace weir::formats
