#include "yaml/block_reader.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "yaml/keys.h"

namespace weir::yaml {

namespace {

// libyaml looks no further than this for the colon behind a key.
constexpr std::size_t kKeySizeMax = 1000;

// Printable characters of YAML 1.1 but for tabs, other breaks than LF, and byte order marks.
bool is_simple_text(std::string_view text) {
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte < 0x80) {
      if ((byte < 0x20 && byte != '\n') || byte == 0x7F) return false;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t before = text.size();
    const char32_t point = take_code_point(text);
    const bool malformed = point == kReplacement && before - text.size() == 1;
    const bool excluded =
        point < 0xA0 || point == 0x2028 || point == 0x2029 || point == 0xFEFF || point == 0xFFFE || point == 0xFFFF;
    if (malformed || excluded) return false;
  }
  return true;
}

struct Line {
  std::string_view text;  // Without the break.
  std::size_t indent = 0;
  bool is_noise = false;  // Blank or a comment.

  bool is_blank() const { return indent == text.size(); }
};

std::vector<Line> split_lines(std::string_view text) {
  std::vector<Line> lines;
  lines.reserve(text.size() / 32 + 1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Line line{text.substr(0, end), 0, false};
    line.indent = std::min(line.text.find_first_not_of(' '), line.text.size());
    line.is_noise = line.is_blank() || line.text[line.indent] == '#';
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// "---" or "..." at the beginning of a line divide documents.
bool is_divider(const Line& line) {
  return (line.text.starts_with("---") || line.text.starts_with("...")) &&
         (line.text.size() == 3 || line.text[3] == ' ');
}

bool begins_entry(const Line& line) {
  const std::string_view rest = line.text.substr(line.indent);
  return rest.starts_with('-') && (rest.size() == 1 || rest[1] == ' ');
}

// What a plain scalar may not begin with ('-' may, if no blank follows).
bool is_indicator(char c) {
  return std::string_view("-?:,[]{}#&*!|>'\"%@`").find(c) != std::string_view::npos;
}

}  // namespace

class BlockReader {
 public:
  BlockReader(std::string_view text, const Limits& limits)
      : lines_(split_lines(text)), limits_(limits), ends_with_break_(text.ends_with('\n')) {}

  bool read(std::vector<Node>& roots) {
    std::vector<Node> read;
    bool wants_document = false;  // Behind "---" there is a document, if only an empty one.
    while (true) {
      skip_noise();
      if (at_ == lines_.size()) break;
      if (is_divider(lines_[at_])) {
        if (wants_document || lines_[at_].text != "---") return false;
        wants_document = true;
        ++at_;
        continue;
      }
      if (lines_[at_].indent != 0 || lines_[at_].text.front() == '%') return false;
      if (!read.empty() && !wants_document) return false;
      Node& root = read.emplace_back();
      if (!read_block(0, 1, root)) return false;
      wants_document = false;
    }
    if (wants_document) return false;
    std::ranges::move(read, std::back_inserter(roots));
    return true;
  }

 private:
  struct Scalar {
    std::string text;
    bool quoted = false;
    std::size_t begin = 0;  // Bytes into the line.
    std::size_t end = 0;
  };

  const Line& line() const { return lines_[at_]; }

  void skip_noise() {
    while (at_ < lines_.size() && lines_[at_].is_noise) ++at_;
  }

  // Whether the next line with content, if there is one in this document, is further in than `indent`.
  bool continues_deeper(std::size_t indent) {
    skip_noise();
    return at_ < lines_.size() && !is_divider(line()) && line().indent > indent;
  }

  bool at_block_end(std::size_t indent) {
    skip_noise();
    return at_ == lines_.size() || is_divider(line()) || line().indent < indent;
  }

  Mark mark(std::size_t offset) const {
    const std::string_view before = line().text.substr(0, offset);
    const auto continuing =
        std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
    return {static_cast<std::uint32_t>(at_ + 1),
            static_cast<std::uint32_t>(offset - static_cast<std::size_t>(continuing) + 1)};
  }

  bool count(Node& node, NodeKind kind, Mark mark) {
    node.kind_ = kind;
    node.mark_ = mark;
    return ++nodes_ <= limits_.nodes;
  }

  bool read_block(std::size_t indent, std::size_t depth, Node& node) {
    return begins_entry(line()) ? read_sequence(indent, depth, node) : read_map(indent, depth, node);
  }

  // `indent` is where the map's keys stand; the first may stand behind a dash.
  bool read_map(std::size_t indent, std::size_t depth, Node& map) {
    if (depth > limits_.depth || !count(map, NodeKind::map, mark(indent))) return false;
    while (true) {
      Scalar key;
      std::size_t colon = 0;
      if (!read_key(indent, key, colon) || ++nodes_ > limits_.nodes) return false;
      Node::Entry& entry = map.entries_.emplace_back(std::move(key.text), mark(key.begin), Node());
      if (!read_value(colon + 1, indent, depth, true, entry.value)) return false;
      if (at_block_end(indent)) break;
      if (line().indent > indent || begins_entry(line())) return false;
    }
    return !has_duplicate_key(map.entries_);
  }

  bool read_sequence(std::size_t indent, std::size_t depth, Node& sequence) {
    if (depth > limits_.depth || !count(sequence, NodeKind::sequence, mark(indent))) return false;
    do {
      if (!read_item(indent, depth, sequence.items_.emplace_back())) return false;
      if (at_block_end(indent)) return true;
      if (line().indent > indent) return false;
    } while (begins_entry(line()));
    return true;  // A key of the map around, which stands as far in.
  }

  bool read_item(std::size_t indent, std::size_t depth, Node& item) {
    const std::string_view text = line().text;
    const std::size_t begin = text.find_first_not_of(' ', indent + 1);
    if (begin == std::string_view::npos || text[begin] == '#') return false;
    if (text[begin] == '-' && (begin + 1 == text.size() || text[begin + 1] == ' ')) return false;
    Scalar key;
    std::size_t colon = 0;
    const std::size_t nodes = nodes_;
    if (read_key(begin, key, colon)) return read_map(begin, depth + 1, item);
    nodes_ = nodes;
    return read_value(begin, indent, depth, false, item);
  }

  // A key that begins at `begin` of the line, and the place of the colon behind it.
  bool read_key(std::size_t begin, Scalar& key, std::size_t& colon) const {
    const std::string_view text = line().text;
    if (begin >= text.size()) return false;
    if (text[begin] == '\'' || text[begin] == '"') {
      if (!read_quoted(begin, key)) return false;
      colon = key.end;
    } else {
      if (!can_begin_plain(begin)) return false;
      colon = begin;
      while (true) {
        colon = text.find(':', colon);
        if (colon == std::string_view::npos) return false;
        if (colon + 1 == text.size() || text[colon + 1] == ' ') break;
        ++colon;
      }
      key = {std::string(text.substr(begin, colon - begin)), false, begin, colon};
      if (key.text.ends_with(' ') || key.text.find(" #") != std::string::npos) return false;
    }
    return colon < text.size() && text[colon] == ':' && (colon + 1 == text.size() || text[colon + 1] == ' ') &&
           colon - begin <= kKeySizeMax;
  }

  // What stands behind a colon or a dash, from `begin` on; `indent` is that of the map or sequence around.
  bool read_value(std::size_t begin, std::size_t indent, std::size_t depth, bool in_map, Node& value) {
    const std::string_view text = line().text;
    const std::size_t start = text.find_first_not_of(' ', begin);
    if (start == std::string_view::npos || text[start] == '#') {
      return in_map && read_value_below(begin, indent, depth, value);
    }
    if (text[start] == '|') return read_literal(start, indent, value);
    Scalar scalar;
    const bool quoted = text[start] == '\'' || text[start] == '"';
    if (quoted ? !read_quoted(start, scalar) : !read_plain(start, scalar)) return false;
    if (!ends_line(scalar.end)) return false;
    if (!place_scalar(std::move(scalar), value)) return false;
    ++at_;
    return !continues_deeper(indent);  // A scalar of several lines.
  }

  bool read_value_below(std::size_t begin, std::size_t indent, std::size_t depth, Node& value) {
    const Mark behind_colon = mark(begin);
    ++at_;
    if (continues_deeper(indent)) return read_block(line().indent, depth + 1, value);
    const bool is_list = at_ < lines_.size() && !is_divider(line()) && line().indent == indent && begins_entry(line());
    if (is_list) return read_sequence(indent, depth + 1, value);
    return count(value, NodeKind::null, behind_colon);
  }

  bool place_scalar(Scalar scalar, Node& value) {
    const bool is_null = !scalar.quoted && is_null_text(scalar.text);
    if (!count(value, is_null ? NodeKind::null : NodeKind::scalar, mark(scalar.begin))) return false;
    value.quoted_ = scalar.quoted;
    if (!is_null) value.text_ = std::move(scalar.text);
    return true;
  }

  bool can_begin_plain(std::size_t begin) const {
    const std::string_view text = line().text;
    if (!is_indicator(text[begin])) return true;
    return text[begin] == '-' && begin + 1 < text.size() && text[begin + 1] != ' ';
  }

  bool read_plain(std::size_t begin, Scalar& scalar) const {
    if (!can_begin_plain(begin)) return false;
    std::string_view text = line().text.substr(begin);
    text = text.substr(0, text.find(" #"));
    text = text.substr(0, text.find_last_not_of(' ') + 1);
    if (text.ends_with(':') || text.find(": ") != std::string_view::npos) return false;
    scalar = {std::string(text), false, begin, begin + text.size()};
    return true;
  }

  bool read_quoted(std::size_t begin, Scalar& scalar) const {
    const std::string_view text = line().text;
    const char quote = text[begin];
    scalar = {{}, true, begin, 0};
    for (std::size_t i = begin + 1; i < text.size(); ++i) {
      const bool has_next = i + 1 < text.size();
      if (quote == '\'' && text[i] == quote && has_next && text[i + 1] == quote) {
        scalar.text += text[i++];
      } else if (text[i] == quote) {
        scalar.end = i + 1;
        return true;
      } else if (quote == '"' && text[i] == '\\') {
        if (!has_next || (text[i + 1] != '\\' && text[i + 1] != '"')) return false;
        scalar.text += text[++i];
      } else {
        scalar.text += text[i];
      }
    }
    return false;
  }

  // Blanks and a comment may follow a scalar.
  bool ends_line(std::size_t end) const {
    const std::string_view rest = line().text.substr(end);
    const std::size_t next = rest.find_first_not_of(' ');
    return next == std::string_view::npos || (next > 0 && rest[next] == '#');
  }

  // `|`, `|-` and `|+` with an indentation that the first line with content gives.
  bool read_literal(std::size_t start, std::size_t indent, Node& value) {
    const std::string_view header = line().text.substr(start);
    if (header != "|" && header != "|-" && header != "|+") return false;
    if (!count(value, NodeKind::scalar, mark(start))) return false;
    value.quoted_ = true;
    ++at_;
    std::size_t first = at_;
    while (first < lines_.size() && lines_[first].is_blank()) ++first;
    if (first == lines_.size() || lines_[first].indent <= indent) return false;
    const std::size_t content = lines_[first].indent;
    for (std::size_t i = at_; i < first; ++i) {
      if (lines_[i].text.size() > content) return false;
    }
    while (at_ < lines_.size() && (line().is_blank() || line().indent >= content)) {
      if (line().text.size() > content) value.text_ += line().text.substr(content);
      value.text_ += '\n';
      ++at_;
    }
    if (at_ == lines_.size() && !ends_with_break_) return false;
    chomp(header.back(), value.text_);
    return true;
  }

  static void chomp(char how, std::string& text) {
    if (how == '+') return;
    text.erase(text.find_last_not_of('\n') + 1);
    if (how != '-') text += '\n';
  }

  const std::vector<Line> lines_;
  const Limits& limits_;
  const bool ends_with_break_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
};

bool read_blocks(std::string_view text, const Limits& limits, std::vector<Node>& roots) {
  if (text.size() > limits.bytes || !is_simple_text(text)) return false;
  return BlockReader(text, limits).read(roots);
}

}  // namespace weir::yaml
