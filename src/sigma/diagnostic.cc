#include "sigma/diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/sorted.h"
#include "base/text.h"
#include "base/utf8.h"
#include "sigma/source_text.h"

namespace weir::sigma {

namespace {

// Of a line this many code points are shown, around the mark.
constexpr std::uint32_t kExcerptMax = 120;
constexpr std::string_view kIndent = "   ";

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::error: return "error";
    case Severity::warning: return "warning";
    case Severity::note: return "note";
  }
  return "error";
}

// A line cut to what a terminal shows, with the code point the caret goes under.
struct Excerpt {
  std::u32string text;
  std::size_t caret = 0;
};

Excerpt make_excerpt(std::string_view line, std::uint32_t column) {
  std::u32string points;
  if (line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  while (!line.empty()) {
    const char32_t point = take_code_point(line);
    points.push_back(point < 0x20 || point == 0x7F ? U' ' : point);  // A rule must not steer the terminal.
  }
  std::size_t caret = column > 0 ? column - 1 : 0;
  caret = std::min(caret, points.size());
  std::size_t begin = 0;
  while (begin < caret && points[begin] == U' ') ++begin;
  if (caret - begin > kExcerptMax / 2) begin = caret - kExcerptMax / 2;
  return {points.substr(begin, kExcerptMax), caret - begin};
}

void append_excerpt(std::string& out, const Diagnostic& diagnostic, std::string_view line) {
  const Excerpt excerpt = make_excerpt(line, diagnostic.mark.column);
  out += kIndent;
  for (const char32_t point : excerpt.text) append_utf8(out, point);
  out += '\n';
  out += kIndent;
  out.append(excerpt.caret, ' ');
  const std::size_t room = excerpt.text.size() > excerpt.caret ? excerpt.text.size() - excerpt.caret : 1;
  const std::size_t length = std::clamp<std::size_t>(diagnostic.length, 1, room);
  out += '^';
  out.append(length - 1, '~');
  if (!diagnostic.hint.empty()) out += ' ' + diagnostic.hint;
  out += '\n';
}

// A path as a relative or absolute URI reference (RFC 3986).
std::string to_uri(std::string_view path) {
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    if (is_alpha(c) || is_digit(c) || std::string_view("-._~/").find(c) != std::string_view::npos) {
      uri += c;
    } else if (c == '\\') {
      uri += '/';
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

// `codes` are the run's rules in their order.
void write_result(JsonWriter& json, const Diagnostic& diagnostic, const std::vector<std::string_view>& codes) {
  json.begin_object();
  json.key("ruleId").string(diagnostic.code);
  json.key("ruleIndex").number(std::ranges::lower_bound(codes, diagnostic.code) - codes.begin());
  json.key("level").string(severity_name(diagnostic.severity));
  std::string text = diagnostic.message;
  if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
  json.key("message").begin_object().key("text").string(text).end_object();
  json.key("locations").begin_array().begin_object().key("physicalLocation").begin_object();
  json.key("artifactLocation").begin_object().key("uri").string(to_uri(diagnostic.path)).end_object();
  json.key("region").begin_object();
  json.key("startLine").number(static_cast<std::int64_t>(diagnostic.mark.line));
  json.key("startColumn").number(static_cast<std::int64_t>(diagnostic.mark.column));
  json.key("endColumn").number(static_cast<std::int64_t>(diagnostic.mark.column) + diagnostic.length);
  json.end_object();
  json.end_object().end_object().end_array();
  json.end_object();
}

}  // namespace

std::string render(const Diagnostic& diagnostic, std::string_view source) {
  std::string out = fmt::format("{}:{}:{}: {}: {}\n", diagnostic.path, diagnostic.mark.line, diagnostic.mark.column,
                                severity_name(diagnostic.severity), diagnostic.message);
  const std::string_view line = source.empty() ? source : SourceText(source).line(diagnostic.mark.line);
  if (!trim(line).empty()) {
    append_excerpt(out, diagnostic, line);
  } else if (!diagnostic.hint.empty()) {
    out += fmt::format("{}{}\n", kIndent, diagnostic.hint);
  }
  return out;
}

std::string to_sarif(const std::vector<Diagnostic>& diagnostics, std::string_view tool_version) {
  std::vector<std::string_view> codes;
  for (const Diagnostic& diagnostic : diagnostics) codes.push_back(diagnostic.code);
  sort_unique(codes);
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("$schema").string("https://json.schemastore.org/sarif-2.1.0.json");
  json.key("version").string("2.1.0");
  json.key("runs").begin_array().begin_object();
  json.key("tool").begin_object().key("driver").begin_object();
  json.key("name").string("weir");
  json.key("version").string(tool_version);
  json.key("rules").begin_array();
  for (const std::string_view code : codes) json.begin_object().key("id").string(code).end_object();
  json.end_array();
  json.end_object().end_object();
  json.key("columnKind").string("unicodeCodePoints");
  json.key("results").begin_array();
  for (const Diagnostic& diagnostic : diagnostics) write_result(json, diagnostic, codes);
  json.end_array();
  json.end_object().end_array();
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace weir::sigma
