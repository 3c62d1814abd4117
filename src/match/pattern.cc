#include "match/pattern.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/utf8.h"
#include "match/fold.h"

namespace weir::match {
namespace {

using Part = Pattern::Part;
using PartKind = Pattern::PartKind;
using Parts = std::vector<Part>;

constexpr std::size_t kNowhere = std::string_view::npos;

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t character_size(std::string_view rest) {
  const std::size_t size = rest.size();
  take_code_point(rest);
  return size - rest.size();
}

// A character of a value is a code point or a malformed byte. Well-formed sequences never overlap, so where characters
// begin and end can be told from the few bytes around.

// Where the character that covers the byte before `at` begins. It may end behind `at`.
std::size_t character_begin(std::string_view value, std::size_t at) {
  for (std::size_t back = 1; back <= 4 && back <= at; ++back) {
    if (is_continuation(value[at - back])) continue;
    return character_size(value.substr(at - back)) >= back ? at - back : at - 1;
  }
  return at - 1;
}

bool is_boundary(std::string_view value, std::size_t at) {
  if (at == 0 || at == value.size() || !is_continuation(value[at])) return true;
  const std::size_t begin = character_begin(value, at);
  return begin + character_size(value.substr(begin)) <= at;
}

// Where the character at `at` ends; nowhere if none begins there.
std::size_t character_end(std::string_view value, std::size_t at) {
  if (at >= value.size() || !is_boundary(value, at)) return kNowhere;
  return at + character_size(value.substr(at));
}

// A run of literals and `?` between two `*`: parts [first, last). Its match is determined by where it begins, and a
// later begin means a later end; so taking the leftmost match of each segment in turn is enough, without going back.
struct Segment {
  const Part* first;
  const Part* last;
};

std::size_t match_forward(Segment segment, std::string_view value, std::size_t at) {
  for (const Part* part = segment.first; part != segment.last; ++part) {
    if (part->kind == PartKind::any_one) {
      at = character_end(value, at);
      if (at == kNowhere) return kNowhere;
    } else {
      if (!value.substr(at).starts_with(part->text)) return kNowhere;
      at += part->text.size();
    }
  }
  return at;
}

// Where the segment begins if it ends with the value.
std::size_t match_backward(Segment segment, std::string_view value) {
  std::size_t at = value.size();
  for (const Part* part = segment.last; part != segment.first; --part) {
    if (part[-1].kind == PartKind::any_one) {
      if (at == 0 || !is_boundary(value, at)) return kNowhere;
      at = character_begin(value, at);
    } else {
      if (!value.substr(0, at).ends_with(part[-1].text)) return kNowhere;
      at -= part[-1].text.size();
    }
  }
  return at;
}

// Where the first match at or after `at` ends.
std::size_t match_first(Segment segment, std::string_view value, std::size_t at) {
  for (; at <= value.size(); ++at) {
    if (segment.first->kind == PartKind::literal) at = value.find(segment.first->text, at);
    if (at == kNowhere) return kNowhere;
    if (const std::size_t end = match_forward(segment, value, at); end != kNowhere) return end;
  }
  return kNowhere;
}

bool fits_parts(const Parts& parts, std::string_view value) {
  const Part* const last = parts.data() + parts.size();
  const auto is_run = [](const Part& part) { return part.kind == PartKind::any_run; };
  const Part* run = std::find_if(parts.data(), last, is_run);
  std::size_t at = match_forward({parts.data(), run}, value, 0);
  if (run == last || at == kNowhere) return at == value.size();
  while (true) {
    const Part* const first = run + 1;
    run = std::find_if(first, last, is_run);
    if (run == last) {
      const std::size_t begin = match_backward({first, last}, value);
      return begin != kNowhere && begin >= at;
    }
    if (first == run) continue;
    at = match_first({first, run}, value, at);
    if (at == kNowhere) return false;
  }
}

}  // namespace

Pattern Pattern::parse(std::string_view sigma_text) {
  Pattern pattern;
  std::string text;
  const auto end_literal = [&] {
    if (!text.empty()) pattern.parts_.push_back({PartKind::literal, std::exchange(text, {})});
  };
  for (std::size_t i = 0; i < sigma_text.size(); ++i) {
    const char c = sigma_text[i];
    const char following = i + 1 < sigma_text.size() ? sigma_text[i + 1] : '\0';
    if (c == '\\' && (following == '*' || following == '?' || following == '\\')) {
      text += following;
      ++i;
    } else if (c == '*' || c == '?') {
      end_literal();
      pattern.parts_.push_back({c == '*' ? PartKind::any_run : PartKind::any_one, {}});
    } else {
      text += c;
    }
  }
  end_literal();
  pattern.normalise();
  return pattern;
}

Pattern Pattern::literal(std::string_view text) {
  Pattern pattern;
  if (!text.empty()) pattern.parts_.push_back({PartKind::literal, std::string(text)});
  return pattern;
}

void Pattern::open_front() {
  parts_.insert(parts_.begin(), {PartKind::any_run, {}});
  normalise();
}

void Pattern::open_back() {
  parts_.push_back({PartKind::any_run, {}});
  normalise();
}

void Pattern::normalise() {
  Parts joined;
  for (Part& part : parts_) {
    if (part.kind == PartKind::literal && part.text.empty()) continue;
    const bool same_kind = !joined.empty() && joined.back().kind == part.kind;
    if (same_kind && part.kind == PartKind::literal) {
      joined.back().text += part.text;
    } else if (!(same_kind && part.kind == PartKind::any_run)) {
      joined.push_back(std::move(part));
    }
  }
  parts_ = std::move(joined);
}

bool Pattern::is_literal() const {
  return std::ranges::all_of(parts_, [](const Part& part) { return part.kind == PartKind::literal; });
}

std::string Pattern::plain() const {
  std::string text;
  for (const Part& part : parts_) text += part.text;
  return text;
}

std::string Pattern::to_sigma() const {
  std::string out;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const Part& part = parts_[p];
    if (part.kind != PartKind::literal) {
      out += part.kind == PartKind::any_run ? '*' : '?';
      continue;
    }
    for (std::size_t i = 0; i < part.text.size();) {
      const std::size_t run_end = std::min(part.text.find_first_not_of('\\', i), part.text.size());
      const std::size_t run = run_end - i;
      const bool before_wildcard =
          run_end < part.text.size() ? part.text[run_end] == '*' || part.text[run_end] == '?' : p + 1 < parts_.size();
      // A lone backslash before an ordinary character may stand as it is; the specification recommends to double
      // others.
      out.append(run == 1 && !before_wildcard ? 1 : 2 * run, '\\');
      i = run_end;
      if (i == part.text.size()) break;
      if (part.text[i] == '*' || part.text[i] == '?') out += '\\';
      out += part.text[i++];
    }
  }
  return out;
}

bool Pattern::fits(std::string_view value, bool cased) const {
  if (cased) return fits_parts(parts_, value);
  std::string buffer;
  return FoldedPattern(*this).fits_folded(folded(value, buffer));
}

FoldedPattern::FoldedPattern(Pattern pattern) : pattern_(std::move(pattern)) {
  std::string buffer;
  for (Part& part : pattern_.parts()) part.text = std::string(folded(part.text, buffer));
}

bool FoldedPattern::fits_folded(std::string_view folded_value) const {
  return pattern_.fits(folded_value, true);
}

}  // namespace weir::match
