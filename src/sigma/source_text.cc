#include "sigma/source_text.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"

namespace weir::sigma {

namespace {

// The size of the line break that `text` begins with, 0 if there is none.
std::size_t break_size(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '\n') return 1;
  if (text.front() == '\r') return text.starts_with("\r\n") ? 2 : 1;
  if (text.starts_with("\xC2\x85")) return 2;
  if (text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9")) return 3;
  return 0;
}

std::size_t code_point_size(std::string_view text) {
  const std::size_t before = text.size();
  take_code_point(text);
  return before - text.size();
}

enum class Style { plain, single_quoted, double_quoted, block };

// Walks through a scalar as written, following its decoded text.
class ScalarWalk {
 public:
  ScalarWalk(std::string_view source, std::string_view decoded) : source_(source), decoded_(decoded) { skip_intro(); }

  // The offset in the source of the decoded text's byte `target`; npos if source and text part ways.
  std::size_t find(std::size_t target) {
    while (text_at_ < target) {
      if (at_ >= source_.size() || !step()) return std::string_view::npos;
    }
    // The byte itself may stand behind a line's indentation or an escaped line break.
    while (style_ == Style::double_quoted && at_ + 1 < source_.size() && source_[at_] == '\\' &&
           (source_[at_ + 1] == '\n' || source_[at_ + 1] == '\r')) {
      step_escape();
    }
    while (target < decoded_.size() && at_ < source_.size() && source_[at_] != decoded_[target] &&
           is_space(source_[at_])) {
      ++at_;
    }
    return at_;
  }

 private:
  void skip_intro() {
    while (at_ < source_.size() && source_[at_] == '!') {  // A tag.
      while (at_ < source_.size() && !is_space(source_[at_])) ++at_;
      while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    }
    if (at_ >= source_.size()) return;
    const char first = source_[at_];
    if (first == '\'' || first == '"') {
      style_ = first == '"' ? Style::double_quoted : Style::single_quoted;
      ++at_;
    } else if (first == '|' || first == '>') {
      style_ = Style::block;
      at_ = std::min(source_.find('\n', at_), source_.size());
    }
  }

  bool step() {
    if (style_ == Style::double_quoted && source_[at_] == '\\') return step_escape();
    const char wanted = decoded_[text_at_];
    if (source_[at_] == wanted && !(style_ == Style::block && wanted == '\n' && text_at_ == 0)) {
      at_ += style_ == Style::single_quoted && wanted == '\'' ? 2 : 1;
      ++text_at_;
      return true;
    }
    if (wanted == ' ' || wanted == '\n') return step_fold();
    if (!is_space(source_[at_])) return false;
    ++at_;  // Indentation.
    return true;
  }

  bool step_fold() {
    if (!is_space(source_[at_])) return false;
    while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    ++text_at_;
    return true;
  }

  bool step_escape() {
    if (at_ + 1 >= source_.size()) return false;
    const char kind = source_[at_ + 1];
    if (kind == '\n' || kind == '\r') {
      at_ += 2;
      while (at_ < source_.size() && is_space(source_[at_])) ++at_;
      return true;
    }
    at_ += kind == 'x' ? 4 : kind == 'u' ? 6 : kind == 'U' ? 10 : 2;
    text_at_ += code_point_size(decoded_.substr(text_at_));
    return true;
  }

  std::string_view source_;
  std::string_view decoded_;
  Style style_ = Style::plain;
  std::size_t at_ = 0;
  std::size_t text_at_ = 0;
};

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text) {
  line_starts_.push_back(0);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = break_size(text.substr(at));
    at += size == 0 ? 1 : size;
    if (size != 0) line_starts_.push_back(at);
  }
}

std::string_view SourceText::line(std::uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  const std::size_t begin = line_starts_[number - 1];
  std::size_t end = begin;
  while (end < text_.size() && break_size(text_.substr(end)) == 0) ++end;
  return text_.substr(begin, end - begin);
}

std::size_t SourceText::offset_of(yaml::Mark mark) const {
  if (mark.line == 0 || mark.line > line_starts_.size()) return text_.size();
  std::size_t at = line_starts_[mark.line - 1];
  // A byte order mark has no column.
  if (at == 0 && text_.starts_with("\xEF\xBB\xBF")) at = 3;
  for (std::uint32_t column = 1; column < mark.column && at < text_.size(); ++column) {
    at += code_point_size(text_.substr(at));
  }
  return at;
}

yaml::Mark SourceText::mark_of(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto next = std::ranges::upper_bound(line_starts_, offset);
  const auto line = static_cast<std::uint32_t>(next - line_starts_.begin());
  yaml::Mark mark{line, 1};
  std::size_t at = line_starts_[line - 1];
  if (at == 0 && text_.starts_with("\xEF\xBB\xBF")) at = 3;
  while (at < offset) {
    at += code_point_size(text_.substr(at));
    ++mark.column;
  }
  return mark;
}

yaml::Mark SourceText::inside(yaml::Mark begin, std::string_view decoded, std::size_t offset) const {
  const std::size_t start = offset_of(begin);
  if (start >= text_.size()) return begin;
  const std::size_t found = ScalarWalk(text_.substr(start), decoded).find(std::min(offset, decoded.size()));
  return found == std::string_view::npos ? begin : mark_of(start + found);
}

}  // namespace weir::sigma
